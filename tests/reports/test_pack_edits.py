"""Whoever alters a pack is found, whatever of it he signs anew: thousands of random single edits."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from depth import part
from month import at, events, write

from monitor.core.checkpoint import Checkpoint, SigningKey, VerifierKey
from monitor.core.event import Heartbeat
from monitor.core.merkle import leaf_hash, root_of
from monitor.ledger import keys, sealing
from monitor.ledger.ledger import Ledger
from monitor.reports.manifest import CHECKPOINT, EVENTS, FILES, KEY, MANIFEST, STATEMENT, VERIFIER, digest, signed
from monitor.reports.pack import Asked, pack
from monitor.reports.verifying import NoPackError, Verified, verify

FORGER = SigningKey("camfleet/forger", bytes(range(32)))


class Kept(NamedTuple):
    """A pack, the key that signed it, and what an auditor kept: its verifier key and the checkpoint."""

    folder: Path
    key: SigningKey
    verifier: VerifierKey
    checkpoint: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    path = tmp_path_factory.mktemp("edits") / "ledger"
    first, last = at("10-04 00:00"), at("10-07 00:00")
    write(path, [one for one in events() if one.at < last and (one.at >= first or not isinstance(one, Heartbeat))])
    folder = path.parent / "pack"
    pack(Asked(path, "", "2026-10-05/2026-10-06"), folder, languages=["en"])
    key = keys.load(path)
    return Kept(folder, key, key.verifier, (folder / CHECKPOINT).read_text())


def test_a_pack_that_is_whole(kept: Kept) -> None:
    """All files, all events, every figure; signed by a key that is known, or by the pack's own."""
    found = verify(kept.folder, [("kept", kept.checkpoint)], [kept.verifier])
    assert found.is_whole, found
    assert (found.signer_known, found.files, len(found.computed)) == (True, len(FILES) + 2, 5)
    alone = verify(kept.folder)
    assert alone.is_whole
    assert not alone.signer_known


def seal(folder: Path, key: SigningKey) -> None:
    """Sign a pack as it stands."""
    (folder / KEY).write_text(f"{key.verifier}\n")
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).write_text(signed({place.name: digest(place) for place in [*folder.iterdir()]}, key))


def flip(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def lines_of(path: Path) -> list[bytes]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.splitlines(keepends=True)


def put(path: Path, lines: list[bytes]) -> None:
    data = b"".join(lines)
    path.write_bytes(gzip.compress(data, 1, mtime=0) if path.suffix == ".gz" else data)


def dropped(path: Path, chance: random.Random) -> None:
    lines = lines_of(path)
    del lines[chance.randrange(len(lines))]
    put(path, lines)


def swapped(path: Path, chance: random.Random) -> None:
    lines = lines_of(path)
    if len({*lines}) < 2:
        return dropped(path, chance)
    one, other = chance.sample(range(len(lines)), 2)
    while lines[one] == lines[other]:
        one, other = chance.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return put(path, lines)


def doubled(path: Path, chance: random.Random) -> None:
    lines = lines_of(path)
    place = chance.randrange(len(lines))
    lines.insert(place, lines[place])
    put(path, lines)


def truncated(path: Path, chance: random.Random) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: chance.randrange(len(data))])


def deleted(path: Path, chance: random.Random) -> None:
    path.unlink()


def prettified(path: Path, chance: random.Random) -> None:
    """Raise one digit of a figure."""
    data = bytearray(path.read_bytes())
    digits = [place for place, one in enumerate(data) if 48 <= one < 57]
    if not digits or path.suffix == ".gz":
        return flip(path, chance)
    data[chance.choice(digits)] += 1
    return path.write_bytes(bytes(data)) and None


EDITS: tuple[Callable[[Path, random.Random], None], ...] = (
    flip, dropped, swapped, doubled, truncated, deleted, prettified,
)  # fmt: skip


def _same(before: bytes, after: bytes) -> bool:
    """Say whether nothing was altered: the head of a compressed file has bits that mean nothing to whoever reads it."""
    with suppress(OSError, EOFError, zlib.error):
        return gzip.decompress(before) == gzip.decompress(after)
    return before == after


def tampered(kept: Kept, place: Path, chance: random.Random) -> tuple[Verified, str]:
    """Alter one file of a copy, perhaps sign it anew, and verify it as an auditor would who kept key and checkpoint."""
    shutil.copytree(kept.folder, place)
    name = chance.choice([*FILES, MANIFEST])
    edit = chance.choice(EDITS)
    before = (place / name).read_bytes()
    edit(place / name, chance)
    told = f"{edit.__name__} {name}"
    if (place / name).exists() and _same(before, (place / name).read_bytes()):
        return Verified(flaws=["nothing was altered"]), told
    signing = chance.choice([None, kept.key, FORGER])
    if signing and name not in (MANIFEST, KEY) and (place / name).exists():
        seal(place, signing)
        told += f", signed by {signing.name}"
    try:
        known = (kept.folder / VERIFIER).read_bytes()
        return verify(place, [("kept", kept.checkpoint)], [kept.verifier], verifier=known), told
    except NoPackError as error:
        return Verified(flaws=[str(error)]), told


def _all_found(kept: Kept, tmp_path: Path, number: int, seed: int) -> None:
    chance = random.Random(seed)
    for each in range(number):
        found, told = tampered(kept, tmp_path / str(each), chance)
        named = found.flaws or (found.audit is not None and not found.audit.is_whole)
        assert named or any(note.startswith(VERIFIER) for note in found.notes), told
        assert not (named and found.is_whole), told
        shutil.rmtree(tmp_path / str(each))


def test_random_edits_are_found(kept: Kept, tmp_path: Path) -> None:
    """Sixty of them, also where the manifest was signed anew with the very key."""
    _all_found(kept, tmp_path, 60, 1)


@pytest.mark.soak
def test_a_thousand_random_edits_are_found(kept: Kept, tmp_path: Path) -> None:
    """Each one."""
    _all_found(kept, tmp_path, part(1000), 2)


def copied(kept: Kept, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept.folder, tmp_path / "pack"))


def test_a_figure_that_was_raised_is_named(kept: Kept, tmp_path: Path) -> None:
    """Though whoever has the key signed it: by its path, with what the events give."""
    folder = copied(kept, tmp_path)
    plain = json.loads((folder / STATEMENT).read_bytes())
    truth = plain["readings"][0]["camera_hours"]["value"]
    plain["readings"][0]["camera_hours"]["value"] = "99.999"
    (folder / STATEMENT).write_text(json.dumps(plain, indent=1) + "\n")
    seal(folder, kept.key)
    expected = f'{STATEMENT}: readings[0].camera_hours.value is "99.999", and the events give "{truth}"'
    assert verify(folder).flaws == [expected]


def test_a_row_that_was_altered_is_named(kept: Kept, tmp_path: Path) -> None:
    """By its line."""
    folder = copied(kept, tmp_path)
    lines = lines_of(folder / "outages.csv")
    lines[1] = lines[1].replace(b"dead", b"live").replace(b"power", b"works")
    put(folder / "outages.csv", lines)
    seal(folder, kept.key)
    assert verify(folder).flaws == ["outages.csv: line 2 is not what the events give"]


def test_events_that_were_written_anew_need_a_checkpoint_that_somebody_kept(kept: Kept, tmp_path: Path) -> None:
    """Whoever has the key can make a pack that agrees with itself; it does not agree with what the auditor kept."""
    folder = copied(kept, tmp_path)
    lines = [line.replace(b'\\"2026-10-05 12:00\\"', b'\\"2026-10-04 12:00\\"') for line in lines_of(folder / EVENTS)]
    put(folder / EVENTS, lines)
    checkpoint = Checkpoint(kept.key.name, len(lines), root_of(leaf_hash(line[:-1]) for line in lines))
    (folder / CHECKPOINT).write_text(kept.key.sign(checkpoint.text))
    seal(folder, kept.key)
    found = verify(folder)
    assert found.audit is not None
    assert found.audit.is_whole
    assert found.flaws  # the statement names the root
    held = verify(folder, [("kept", kept.checkpoint)])
    assert held.audit is not None
    assert held.audit.held[0].flaw == "the ledger's events give another root"


def test_a_pack_signed_by_somebody_else(kept: Kept, tmp_path: Path) -> None:
    """Agrees with itself, and not with the key that the auditor has."""
    folder = copied(kept, tmp_path)
    seal(folder, FORGER)
    expected = f"{MANIFEST} is not signed by {kept.verifier.name}+{kept.verifier.id.hex()}"
    assert expected in verify(folder, keys=[kept.verifier]).flaws


def test_files_that_do_not_belong(kept: Kept, tmp_path: Path) -> None:
    """A stranger, a link, a pipe: none is followed, none is waited for."""
    folder = copied(kept, tmp_path)
    (folder / "extra.txt").write_text("hello")
    assert verify(folder).flaws == ["extra.txt was not signed"]
    (folder / "extra.txt").unlink()
    (folder / "outages.csv").unlink()
    os.mkfifo(folder / "outages.csv")
    assert verify(folder).flaws == ["outages.csv is no file", "outages.csv cannot be read"]
    (folder / "outages.csv").unlink()
    (folder / "outages.csv").symlink_to(kept.folder / "outages.csv")
    assert verify(folder).flaws == ["outages.csv is no file", "outages.csv cannot be read"]


def test_what_is_no_pack(tmp_path: Path) -> None:
    """An empty folder is said to be none."""
    with pytest.raises(NoPackError) as caught:
        verify(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is no evidence pack: there is no manifest.txt in it"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"format": "camfleet statement 3"}', '{"format": "camfleet statement 9"}', "\x00"],
)
def test_a_statement_that_is_none(kept: Kept, tmp_path: Path, text: str) -> None:
    """Whatever stands there is a flaw, no exception."""
    folder = copied(kept, tmp_path)
    (folder / STATEMENT).write_text(text)
    seal(folder, kept.key)
    assert len(verify(folder).flaws) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]\n",
        b'[1,"a",1,"b"]\n',
        b'[1, "a", 1, "b", "{}"]\n',
        b"[" * 100_000,
        b'[1,"a",1,"sworn","{\\"at\\":1}"]\n',
    ],
)
def test_events_that_are_none(kept: Kept, tmp_path: Path, line: bytes) -> None:
    """Whatever stands there is a flaw, no exception."""
    folder = copied(kept, tmp_path)
    put(folder / EVENTS, [line])
    seal(folder, kept.key)
    assert not verify(folder).is_whole


def test_a_checkpoint_that_is_newer_than_the_pack_accuses_nobody(kept: Kept, tmp_path: Path) -> None:
    """Whoever keeps checkpoints by the hour has newer ones than an older pack: they say nothing of it."""
    path = tmp_path / "ledger"
    shutil.copy(kept.folder.parent / "ledger", path)
    shutil.copy(kept.folder.parent / "ledger-key", f"{path}-key")
    ledger = Ledger.open(path)
    ledger.append([Heartbeat(at("10-07 00:01"), "central", {})], {})
    assert ledger.close(10.0) == 0
    newer = sealing.on_demand(path, at("10-07 00:02"))
    found = verify(kept.folder, [("hourly", newer.note), ("hourly", kept.checkpoint)], [kept.verifier])
    assert found.is_whole
    assert found.audit is not None
    assert len(found.audit.held) == 1
    size = newer.size
    assert found.notes[0] == (
        f"hourly: a checkpoint over {size:,} events is newer than this pack, which has {size - 1:,}: it says nothing of it."
        " Give one that is as old or older; the ledger itself can be held against both."
    )
