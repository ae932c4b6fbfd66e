"""The hash tree: the figures of another implementation, the structure of RFC 6962, and proofs that cannot be forged."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import merkle
from monitor.core.merkle import EMPTY, Frontier, leaf_hash, node_hash, root_of

# The leaves, roots and proofs that transparency-dev/merkle (Go) publishes for its own tests: proof/verify_test.go.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
G = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
INCLUSION = {
    (0, 1): [],
    (0, 8): [A, B, C],
    (5, 8): [D, E, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], B, D],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [A, B, C],
    (6, 8): [F, E, ROOTS[4]],
    (2, 5): [B, D],
    (6, 7): [F, G, ROOTS[4]],
}
sizes = st.integers(1, 70)


def numbered(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def plain_root(hashes: list[bytes]) -> bytes:
    """The root as RFC 6962 §2.1 defines it, word by word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = max(2**power for power in range(20) if 2**power < len(hashes))
    return sha256(b"\x01" + plain_root(hashes[:k]) + plain_root(hashes[k:])).digest()


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_those_of_another_implementation(size: int) -> None:
    """Each tree of the published leaves has the published root."""
    assert root_of(HASHES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_inclusion_proofs_are_those_of_another_implementation(place: tuple[int, int], proof: list[str]) -> None:
    """A published proof is what we make, and we follow it."""
    index, size = place
    assert [part.hex() for part in merkle.inclusion_proof(HASHES[:size], index)] == proof
    parts = [bytes.fromhex(part) for part in proof]
    assert merkle.includes(bytes.fromhex(ROOTS[size]), size, index, HASHES[index], parts)


@pytest.mark.parametrize(("grown", "proof"), CONSISTENCY.items())
def test_consistency_proofs_are_those_of_another_implementation(grown: tuple[int, int], proof: list[str]) -> None:
    """A published proof is what we make, and we follow it."""
    old, size = grown
    assert [part.hex() for part in merkle.consistency_proof(HASHES[:size], old)] == proof
    parts = [bytes.fromhex(part) for part in proof]
    assert merkle.is_consistent(bytes.fromhex(ROOTS[old]), old, bytes.fromhex(ROOTS[size]), size, parts)


def test_a_leaf_is_no_node() -> None:
    """The hash of a leaf that reads like two hashes is not that of a node over them."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert root_of([]) == EMPTY == Frontier().root


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_tree_that_grows_has_the_root_of_the_whole(first: int, more: int) -> None:
    """However the leaves come, in one go or in two, the root is the definition's, and the frontier is sound and small."""
    hashes = numbered(first + more)
    frontier = Frontier().extended(hashes[:first]).extended(hashes[first:])
    assert frontier.size == first + more
    assert frontier.is_sound
    assert frontier.root == plain_root(hashes)


@given(sizes, st.data())
def test_each_leaf_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    """A proof holds for its leaf at its place in its tree, and for nothing else."""
    hashes, index = numbered(size), data.draw(st.integers(0, size - 1))
    root, proof = root_of(hashes), merkle.inclusion_proof(hashes, index)
    assert merkle.includes(root, size, index, hashes[index], proof)
    other = data.draw(st.integers(0, size))
    assert merkle.includes(root, size, other, hashes[index], proof) is (other == index)
    assert not merkle.includes(root, size, index, leaf_hash(b"x"), proof)
    assert not merkle.includes(root, size, index, hashes[index], [*proof, root])
    for number in range(len(proof)):
        assert not merkle.includes(root, size, index, hashes[index], proof[:number] + proof[number + 1 :])
        bent = bytes([proof[number][0] ^ 8]) + proof[number][1:]
        assert not merkle.includes(root, size, index, hashes[index], [*proof[:number], bent, *proof[number + 1 :]])


@given(sizes, st.data())
def test_growth_is_proved_and_nothing_else(size: int, data: st.DataObject) -> None:
    """A proof holds between the two trees that it was made for; another past, another size or another step fails."""
    hashes, old = numbered(size), data.draw(st.integers(1, size))
    before, now, proof = root_of(hashes[:old]), root_of(hashes), merkle.consistency_proof(hashes, old)
    assert merkle.is_consistent(before, old, now, size, proof)
    altered = root_of([*hashes[: old - 1], leaf_hash(b"another past")])
    assert not merkle.is_consistent(altered, old, now, size, proof)
    assert not merkle.is_consistent(before, old, altered, size, proof)
    assert not merkle.is_consistent(before, old, now, size, [*proof, now])
    assert not merkle.is_consistent(before, old, now, old - 1, proof)
    for number in range(len(proof)):
        assert not merkle.is_consistent(before, old, now, size, proof[:number] + proof[number + 1 :])


@pytest.mark.parametrize(
    ("frontier", "sound"),
    [
        (Frontier(), True),
        (Frontier(2, (EMPTY,)), True),
        (Frontier(3, (EMPTY,)), False),
        (Frontier(1, (b"short",)), False),
        (Frontier(-1, (EMPTY,)), False),
    ],
)
def test_a_frontier_that_no_tree_has(frontier: Frontier, sound: bool) -> None:
    """As many parts as bits of the size, each a whole hash."""
    assert frontier.is_sound is sound


def test_what_is_not_there_has_no_proof() -> None:
    """A leaf beyond the tree, a tree larger than the whole: said so."""
    with pytest.raises(IndexError, match=r"^there is no leaf 3 among 3$"):
        merkle.inclusion_proof(HASHES[:3], 3)
    for size in (0, 4):
        with pytest.raises(IndexError, match=rf"^there is no tree of {size} within 3$"):
            merkle.consistency_proof(HASHES[:3], size)
    assert not merkle.includes(EMPTY, 0, 0, EMPTY, [])
    assert not merkle.is_consistent(EMPTY, 0, EMPTY, 3, [])
    assert not merkle.is_consistent(HASHES[0], 1, HASHES[1], 2, [])
