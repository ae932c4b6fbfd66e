"""Whatever bytes a file holds, loading ends soon, and with an inventory or an ``InventoryError``."""

from __future__ import annotations

import os
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from effort import effort_s
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.inventory import InventoryError, load
from monitor.inventory.document import Ambiguous
from monitor.inventory.mistake import MISTAKES_MAX
from monitor.inventory.yaml_file import plain

EXAMPLE = (Path(__file__).parents[2] / "inventory.yaml").read_text(encoding="utf-8")
CSV = (
    "id,name,site,zone,address,channel,position,probes,ports.rtsp,stream\ngate,Gate,,z,192.0.2.17,1,53 9,rtsp,554,/a\n"
)
JSONL = '{"id": "gate", "zone": "z", "address": "192.0.2.17", "position": [53, 9], "ports": {"rtsp": 554}}\n'
SECRETS = ("CAMFLEET_PASSWORD", "CAMFLEET_COMMUNITY", "CAMFLEET_SNMP_AUTH", "CAMFLEET_SNMP_PRIVACY")
ENVIRON = dict.fromkeys(SECRETS, "a-long-secret")
SUFFIXES = {".yaml": EXAMPLE, ".csv": CSV, ".jsonl": JSONL}
FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(folder: Path, suffix: str, data: bytes) -> str:
    """Load one file of these bytes beside a zone; what was wrong, "" if nothing."""
    (folder / "a-zone.yaml").write_text("zones: {z: {}}\n")
    path = folder / f"cameras{suffix}"
    path.write_bytes(data)
    try:
        load(folder, ENVIRON)
    except InventoryError as error:
        return "\n".join(str(mistake) for mistake in error.mistakes).replace(f"{folder}/", "") or "nothing said"
    return ""


@FAST
@given(suffix=st.sampled_from(sorted(SUFFIXES)), data=st.binary(max_size=300))
def test_any_bytes_load_or_are_refused(suffix: str, data: bytes, tmp_path: Path) -> None:
    """No other exception leaves the loader."""
    assert outcome(tmp_path, suffix, data) != "nothing said"


@FAST
@given(
    suffix=st.sampled_from(sorted(SUFFIXES)),
    text=st.text(alphabet="abz019 :,-[]{}\"'&*!|>%@`#~?<=./\\\n\t\r\ufeff\u2028\x85ü", max_size=200),
)
def test_any_text_loads_or_is_refused(suffix: str, text: str, tmp_path: Path) -> None:
    """The characters that mean something in YAML, CSV and JSON, in any order."""
    assert outcome(tmp_path, suffix, text.encode()) != "nothing said"


@FAST
@given(suffix=st.sampled_from(sorted(SUFFIXES)), data=st.data())
def test_a_valid_file_with_a_piece_cut_or_put_in_loads_or_is_refused(
    suffix: str, data: st.DataObject, tmp_path: Path
) -> None:
    """Half-written files and slips of the finger: a mistake's place lies in the file."""
    text = SUFFIXES[suffix]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    piece = data.draw(st.sampled_from(["", "no", "{", "]", ": ", "\n- ", '"', "\0", "*a", "<<: ", "0123", "é", "null"]))
    assert outcome(tmp_path, suffix, (text[:start] + piece + text[end:]).encode()) != "nothing said"


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(["z", "gate", "192.0.2.17", "env:CAMFLEET_PASSWORD", "axis", "/live", "v2c", "rtsp"]),
    ),
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(
            st.sampled_from(["id", "zone", "address", "ports", "probes", "defaults", "position", "stream", "x"]),
            children,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@FAST
@given(
    sections=st.dictionaries(
        st.sampled_from(["cameras", "devices", "sites", "zones", "makes", "snmp", "credentials", "defaults", "x"]),
        st.one_of(VALUES, st.lists(VALUES, max_size=3)),
        max_size=5,
    )
)
def test_any_values_under_any_keys_load_or_are_refused(sections: dict[str, Any], tmp_path: Path) -> None:
    """Values of every kind where others are expected; each mistake has a sentence of its own."""
    path = tmp_path / "inventory.yaml"
    path.write_text(yaml.safe_dump(sections, allow_unicode=True), encoding="utf-8", errors="surrogatepass")
    try:
        load(path, ENVIRON)
    except InventoryError as error:
        messages = {mistake.message for mistake in error.mistakes}
    else:
        messages = set()
    assert messages.isdisjoint({"", "cannot be read"})


@FAST
@given(text=st.text(alphabet="0123456789abcdefxoeE+-_.:~<=nulyst", min_size=1, max_size=12))
def test_a_word_is_text_only_if_pyyaml_takes_it_for_text(text: str) -> None:
    """PyYAML, a reader of YAML 1.1, is asked: what it takes for something else we do not silently take for text."""
    with suppress(yaml.YAMLError):
        words = [event for event in yaml.parse(f"- {text}") if isinstance(event, yaml.ScalarEvent)]
        if [word.value for word in words] == [text] and words[0].implicit[0] and not _is_text(text):
            ours = plain(text)
            assert isinstance(ours, Ambiguous) or (not isinstance(ours, str) and str(ours) == text)


def _is_text(word: str) -> bool:
    try:
        return bool(yaml.safe_load(f"- {word}") == [word])
    except ValueError:
        return False  # a date such as 2018-99-99


DISPUTED = (
    "no Off YES y N ~ null 0123 0o17 0x1F 0b1 1_000 +1 08 12:30:45 190:20:30.15 1. .5 1e3 1.5e3 9.9920 .inf -.INF .NaN "
    "2018-11-20 2018-11-20T12:30:45 = <<"
)


@pytest.mark.parametrize("word", [*DISPUTED.split(), "2018-11-20 12:30:45"])
def test_words_that_readers_of_yaml_disagree_about_are_no_text(word: str) -> None:
    """The traps of YAML 1.1 and those of YAML 1.2 for readers of 1.1."""
    assert isinstance(plain(word), Ambiguous)


@pytest.mark.parametrize(
    "word", ["north", "192.0.2.17", "SW-1/3", "00:40:8c:ba:12:e4", "nope", "on-air", "-", ".", "v2c"]
)
def test_other_words_are_text(word: str) -> None:
    """What everybody reads as text needs no quotes."""
    assert plain(word) == word


UTF_8 = "save it as UTF-8"
BYTES = {
    "utf-16": (EXAMPLE.encode("utf-16"), f"1:1: the file is in UTF-16; {UTF_8}"),
    "utf-16 big-endian": (b"\xfe\xff" + EXAMPLE.encode("utf-16-be"), f"1:1: the file is in UTF-16; {UTF_8}"),
    "utf-16 without its mark": (
        CSV.encode("utf-16-le"),
        "1:2: a NUL byte cannot stand here; take it out",
    ),
    "arabic code page": ("id,name\na,ميدان".encode("cp1256"), f"2:3: the file is not in UTF-8 from here on; {UTF_8}"),
    "nul": (b"id,name\na,b\0c\n", "2:4: a NUL byte cannot stand here; take it out"),
    "escape": (b"id,name\na,\x1b[31m\n", "2:3: the character U+001B cannot stand here; take it out"),
}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("case", BYTES)
def test_a_file_that_is_not_utf_8_text_is_one_clear_mistake(case: str, suffix: str, tmp_path: Path) -> None:
    """Encodings of other systems, and bytes that are no text."""
    data, expected = BYTES[case]
    assert outcome(tmp_path, suffix, data) == f"cameras{suffix}:{expected}"


def test_a_mark_of_utf_8_is_no_part_of_the_first_word(tmp_path: Path) -> None:
    """Windows editors put it there."""
    for suffix, text in {".csv": CSV, ".jsonl": JSONL}.items():
        assert outcome(tmp_path, suffix, b"\xef\xbb\xbf" + text.encode()) == ""
        (tmp_path / f"cameras{suffix}").unlink()


BOMBS = {
    "aliases": "a: &a [x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{c}: &{c} [{','.join('*' + p for _ in range(9))}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "brackets": "cameras: " + "[" * 100_000,
    "braces": "cameras: " + "{a: " * 100_000,
    "indentation": "".join(" " * n + "a:\n" for n in range(3_000)),
    "dashes": "cameras:\n" + "- " * 100_000,
    "a long key": "a" * 5_000_000 + ": b\n",
    "a long number": "cameras: [{channel: " + "9" * 1_000_000 + "}]\n",
    "many sections": "".join(f"section-{n}: x\n" for n in range(50_000)),
    "many mistakes": "cameras:\n" + "- x\n" * 200_000,
    "many duplicates": "cameras:\n" + "- {id: a, id: b}\n" * 50_000,
    "many unknown names": "zones: {z: {}}\nsites:\n"
    + "".join(f"- {{id: site-{n}, zone: z}}\n" for n in range(20_000))
    + "cameras:\n"
    + "".join(f"- {{id: c{n}, site: sight-{n}, address: h{n}}}\n" for n in range(5_000)),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_soon_and_in_bounded_memory(bomb: str, tmp_path: Path) -> None:
    """Small files that stand for large values, deep ones, and files with very many mistakes."""
    path = tmp_path / "inventory.yaml"
    path.write_text(BOMBS[bomb])

    def refuse() -> None:
        with pytest.raises(InventoryError) as caught:
            load(path, {})
        assert len(caught.value.mistakes) <= MISTAKES_MAX
        assert len(str(caught.value)) < 4_000_000

    assert effort_s(refuse, 10.0) < 10.0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[" * 60_000, "1:1: a number is too long, or the line too deeply nested"),
        ('{"id": ' + "9" * 5_000 + "}", "1:1: a number is too long, or the line too deeply nested"),
        ('{"id": "' + "a" * 70_000 + '"}', "1:1: a line of more than 65,536 characters"),
    ],
    ids=["depth", "number", "length"],
)
def test_a_json_bomb_is_refused(line: str, sentence: str, tmp_path: Path) -> None:
    """A line has a bounded length, depth and numbers."""
    assert outcome(tmp_path, ".jsonl", line.encode()) == f"cameras.jsonl:{sentence}"


def test_mistakes_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    """Nobody reads more than that, and the memory is bounded."""
    path = tmp_path / "inventory.yaml"
    path.write_text("cameras:\n" + "- x\n" * (MISTAKES_MAX + 5))
    with pytest.raises(InventoryError) as caught:
        load(path, {})
    assert len(caught.value.mistakes) == MISTAKES_MAX
    assert str(caught.value).endswith("\n… and 5 more")


def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path) -> None:
    """A hundred megabytes are refused without being held."""
    path = tmp_path / "inventory.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    tracemalloc.start()
    try:
        with pytest.raises(InventoryError) as caught:
            load(path, {})
        assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    finally:
        tracemalloc.stop()
    assert str(caught.value) == f"{path}: more than 64 MB"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe or a folder with the name of an inventory file."""
    os.mkfifo(tmp_path / "cameras.csv")
    with pytest.raises(InventoryError, match=r"cameras\.csv is not a file"):
        load(tmp_path, {})
    (tmp_path / "cameras.csv").unlink()
    (tmp_path / "cameras.yaml").mkdir()
    with pytest.raises(InventoryError, match=r"cameras\.yaml is not a file"):
        load(tmp_path, {})


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A link to nowhere, as a half-finished copy leaves it."""
    (tmp_path / "cameras.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InventoryError) as caught:
        load(tmp_path, {})
    assert str(caught.value) == f"{tmp_path}/cameras.csv: cannot be read: No such file or directory"


def test_a_city_loads_within_a_second(tmp_path: Path) -> None:
    """1,800 cameras from CSV take a fraction of a second of CPU."""
    (tmp_path / "fleet.yaml").write_text("zones: {z: {}}\n")
    rows = (f"c{n},Camera {n},z,127.1.{n // 250}.{n % 250},hikvision,/live/{n}\n" for n in range(1_800))
    (tmp_path / "cameras.csv").write_text("id,name,zone,address,make,stream\n" + "".join(rows))
    inventory = load(tmp_path, {})
    assert effort_s(lambda: load(tmp_path, {}), 1.0) < 1.0
    assert len(inventory.cameras) == len(inventory.devices) == 1_800
