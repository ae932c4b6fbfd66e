"""The hash tree over all events (RFC 6962 §2.1, RFC 9162 §2.1): its root, and proofs that others can follow.

Rules:
1. A leaf is hashed behind 0x00, a node behind 0x01: neither can be taken for the other.
2. The left part of a tree is the largest full one that is smaller than the whole.
3. A tree that grows is known by the roots of its full parts, largest first: at most one hash a bit of its size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
#: The root of no leaves at all.
EMPTY = sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over those of its two parts."""
    return sha256(b"\x01" + left + right).digest()


class Frontier(NamedTuple):
    """All of a tree that its growth needs: its size, and the roots of its full parts, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether there are as many parts as a tree of this size has."""
        whole = all(len(peak) == HASH_BYTES for peak in self.peaks)
        return self.size >= 0 and whole and len(self.peaks) == self.size.bit_count()

    def extended(self, hashes: Iterable[bytes]) -> Frontier:
        """Return the tree with these leaves' hashes behind its own; each costs one step a bit of its size at most."""
        size, peaks = self.size, list(self.peaks)
        for hash_ in hashes:
            grown = size
            while grown & 1:  # a full part as large as this one: together they are one
                hash_ = node_hash(peaks.pop(), hash_)
                grown >>= 1
            peaks.append(hash_)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def root(self) -> bytes:
        """The tree's root."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """Return the root over the hashes of leaves."""
    return Frontier().extended(hashes).root


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at ``index`` is one of these (RFC 6962 §2.1.1); IndexError where it is not."""
    if not 0 <= index < len(hashes):
        raise IndexError(f"there is no leaf {index} among {len(hashes)}")
    if len(hashes) == 1:
        return []
    left, right = _halves(hashes)
    if index < len(left):
        return [*inclusion_proof(left, index), root_of(right)]
    return [*inclusion_proof(right, index - len(left)), root_of(left)]


def consistency_proof(hashes: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that these leaves begin with those of a tree of ``size`` (RFC 6962 §2.1.2)."""
    if not 0 < size <= len(hashes):
        raise IndexError(f"there is no tree of {size} within {len(hashes)}")
    return _consistency(hashes, size, known=True)


def _consistency(hashes: Sequence[bytes], size: int, known: bool) -> list[bytes]:
    """``known``: this part of the tree is all of the smaller one, whose root the asker has."""
    if size == len(hashes):
        return [] if known else [root_of(hashes)]
    left, right = _halves(hashes)
    if size <= len(left):
        return [*_consistency(left, size, known), root_of(right)]
    return [*_consistency(right, size - len(left), False), root_of(left)]


def _halves(hashes: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashes[:middle], hashes[middle:]


def includes(root: bytes, size: int, index: int, hash_: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows a leaf's hash at ``index`` of the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for part in proof:
        if not last:
            return False
        if at & 1 or at == last:
            hash_ = node_hash(part, hash_)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, part)
        at, last = at >> 1, last >> 1
    return not last and hash_ == root


def is_consistent(old_root: bytes, old_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Say whether a proof shows that a tree grew out of a smaller one (RFC 9162 §2.1.4.2)."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    path = list(proof)
    if old_size.bit_count() == 1:
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old_size - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = now = path[0]
    for part in path[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, now = node_hash(part, before), node_hash(part, now)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, part)
        at, last = at >> 1, last >> 1
    return not last and before == old_root and now == root
