"""YAML, strictly: the events of libyaml's parser to plain values.

A file that two readers could take for different things is refused: keys written twice, words such as ``no``, ``0123``
and ``12:30:45`` where text is expected (YAML 1.1 §10.2 makes them false, 83 and 45045), anchors and aliases (a kilobyte
of them can stand for gigabytes), tags, several documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from monitor.inventory.document import Ambiguous, Flaw, Path, Place, Refused, Unreadable, Visit
from monitor.inventory.text import decode

DEPTH_MAX = 12
#: How deep the mapping of a section such as ``zones`` is.
SECTION_DEPTH = 2
FLAWS_MAX = 1_000
INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,11})\.[0-9]{1,15}")
#: What some reader of YAML 1.1 or 1.2 takes for something else than text (YAML 1.1 types; 1.2 §10.3.2).
NOT_TEXT = re.compile(
    r"""~ | y(?:es)? | n(?:o)? | on | off | true | false | null | = | <<
    | [-+]?0b[01_]+ | [-+]?0o?[0-7_]+ | [-+]?0x[0-9a-f_]+ | [-+]?[0-9][0-9_]*
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?
    | [-+]?(?:[0-9][0-9_]*)?\.[0-9_]+(?:e[-+]?[0-9]+)? | [-+]?[0-9][0-9_]*\.?(?:e[-+]?[0-9]+)?
    | [-+]?\.inf | \.nan
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|[ \t]+)[0-9:.]+(?:[ \t]*(?:z|[-+][0-9:]+))?)?""",
    re.VERBOSE | re.IGNORECASE,
)
#: The first characters of such words; a set is quicker than the expression.
SUSPECT = frozenset("~yYnNoOtTfF=<-+.0123456789")
#: Said by libyaml, and what to do.
ADVICE = {
    "found character that cannot start any token": "indent with spaces, not tabs, and put text in quotes",
    "mapping values are not allowed in this context": "put text with a colon in quotes, and check the indentation",
    "did not find expected key": "check the indentation, and that every quote is closed",
    "could not find expected ':'": "every key is followed by a colon and a space",
    "found unexpected end of stream": "close the quote or the bracket",
    "did not find expected ',' or ']'": "close the bracket",
    "did not find expected ',' or '}'": "close the bracket",
}
EMPTY = object()
REFUSED = Refused("")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file that was read; see ``Document``."""

    name: str
    folder: str
    text: str
    sections: Mapping[str, Any]
    flaws: tuple[Flaw, ...]
    broken: bool

    def visits(self) -> Iterator[Visit]:
        return visits(self.text)


def read(name: str, folder: str, data: bytes, noun: str = "an inventory", section: str = "cameras") -> YamlFile:
    """Read a YAML file; what is wrong stands in ``flaws``. Raises ``Unreadable`` if it is no text.

    Messages call the file ``noun``, and name ``section`` as one of its own.
    """
    text = decode(data)
    reader = _Reader(text, noun)
    broken = False
    root: Any = EMPTY
    try:
        root = reader.document()
    except Unreadable as unreadable:
        reader.flaws.append(unreadable.flaw)
        broken = True
    if root is EMPTY:
        root = {}
    if not isinstance(root, dict):
        hint = f"begin with a section, such as {section}:"
        reader.flaws.append(Flaw(Place(1, 1), f"{noun} is a mapping", hint))
        root, broken = {}, True
    return YamlFile(name, folder, text, root, tuple(reader.flaws), broken)


def plain(text: str) -> Any:
    """What a word without quotes stands for: text, a number that reads the same everywhere, or ``Ambiguous``."""
    if not text:
        return EMPTY
    if text[0] not in SUSPECT or not NOT_TEXT.fullmatch(text):
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return Ambiguous(text)


class _Reader:
    """One pass over the events. ``flaws`` grows as it goes; what cannot be gone on from raises ``Unreadable``."""

    def __init__(self, text: str, noun: str) -> None:
        self.flaws: list[Flaw] = []
        self._noun = noun
        self._loader = yaml.CSafeLoader(text)
        self._words: dict[str, Any] = {}

    def document(self) -> Any:
        """The one document of the file, ``EMPTY`` if there is none."""
        try:
            self._next()
            event = self._next()
            if isinstance(event, yaml.StreamEndEvent):
                return EMPTY
            value = self._node(self._next(), 0)
            self._next()
            event = self._next()
        except yaml.YAMLError as error:
            raise Unreadable(_syntax(error)) from None
        finally:
            self._loader.dispose()
        if not isinstance(event, yaml.StreamEndEvent):
            self._flaw(event, "a second document begins here", f"{self._noun} is one document; take the --- out")
        return value

    def _next(self) -> Any:
        return self._loader.get_event()

    def _node(self, event: Any, depth: int) -> Any:
        kind = event.__class__
        if kind is yaml.ScalarEvent and event.tag is None and event.anchor is None:
            if not event.implicit[0]:
                return event.value
            word = self._words.get(event.value)  # the same words come again and again
            return self._word(event.value) if word is None else word
        if kind is yaml.AliasEvent:
            self._flaw(event, "aliases are not allowed", "write the value out, or use defaults:")
            return REFUSED
        if event.anchor is not None:
            self._flaw(event, "anchors are not allowed", "use defaults: for what repeats")
        if event.tag is not None:
            self._flaw(event, "tags are not allowed", "put text that begins with ! in quotes")
        if kind is yaml.ScalarEvent:
            return event.value
        if depth == DEPTH_MAX:
            raise Unreadable(Flaw(_place(event), f"nested deeper than {DEPTH_MAX} levels"))
        return self._mapping(depth + 1) if kind is yaml.MappingStartEvent else self._list(depth + 1)

    def _word(self, text: str) -> Any:
        word = self._words[text] = plain(text)
        return word

    def _list(self, depth: int) -> list[Any]:
        result = []
        while (event := self._loader.get_event()).__class__ is not yaml.SequenceEndEvent:
            value = self._node(event, depth)
            result.append(Ambiguous("") if value is EMPTY else value)
        return result

    def _mapping(self, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        next_event = self._loader.get_event
        has_gaps = False
        while (event := next_event()).__class__ is not yaml.MappingEndEvent:
            key = self._node(event, depth)
            if key.__class__ is not str:
                key = self._key(event, key)
            value = self._node(next_event(), depth)
            if key is None:
                continue
            has_gaps = has_gaps or value is EMPTY
            if key in result:
                self._flaw(event, "written twice", "keep one of them")
            else:
                result[key] = value
        return _without_gaps(result, depth) if has_gaps else result

    def _key(self, event: Any, key: Any) -> str | None:
        """What a key that is no text stands for; None if for nothing."""
        if isinstance(key, int | float):
            return str(key)
        if isinstance(key, Ambiguous) and key.text == "<<":
            self._flaw(event, "merge keys are not allowed", "write the keys out, or use defaults:")
            return None
        if isinstance(key, Ambiguous) and key is not REFUSED:
            self._flaw(event, f"{key.text} is not read as text by every reader of YAML", "write it in quotes")
            return key.text
        self._flaw(event, "a key is one word", "put text that begins with {, [, * or ? in quotes")
        return None

    def _flaw(self, event: Any, message: str, hint: str) -> None:
        self.flaws.append(Flaw(_place(event), message, hint))
        if len(self.flaws) > FLAWS_MAX:
            raise Unreadable(Flaw(_place(event), "so much is wrong that reading ends here"))


def _without_gaps(mapping: dict[str, Any], depth: int) -> dict[str, Any]:
    """A key with nothing behind it is not given; but where ids are the keys, it is an entry that says nothing."""
    if depth == SECTION_DEPTH:
        return {key: None if value is EMPTY else value for key, value in mapping.items()}
    return {key: value for key, value in mapping.items() if value is not EMPTY}


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _syntax(error: yaml.YAMLError) -> Flaw:
    """libyaml's words are fixed sentences without anything from the file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or "no YAML")
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    return Flaw(place, f"cannot be read as YAML: {problem}", ADVICE.get(problem, ""))


@dataclass(slots=True)
class _Frame:
    """A list or mapping that the walk is inside of: where it is, and where in it the walk stands."""

    path: Path
    is_list: bool
    index: int = 0
    key: str | None = None
    key_place: Place | None = None


def visits(text: str) -> Iterator[Visit]:
    """Every value with its places, in order; ends at a syntax error."""
    loader = yaml.CSafeLoader(text)
    try:
        yield from _walk(iter(loader.get_event, None))
    except yaml.YAMLError:
        return  # it is among the flaws already
    finally:
        loader.dispose()


def _walk(events: Iterable[Any]) -> Iterator[Visit]:
    frames: list[_Frame] = []
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            frames.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        path, key = _step(frames[-1], event) if frames else ((), None)
        if path is not None:
            yield Visit(path, key or _place(event), _place(event))
        if isinstance(event, yaml.CollectionStartEvent):
            if len(frames) == DEPTH_MAX:
                return  # nobody read on from here, and libyaml's time grows with the square of the depth
            frames.append(_Frame(path or (), isinstance(event, yaml.SequenceStartEvent)))


def _step(frame: _Frame, event: Any) -> tuple[Path | None, Place | None]:
    """The path of this event's value and its key's place; no path if the event is itself a key."""
    if frame.is_list:
        frame.index += 1
        return (*frame.path, frame.index - 1), None
    if frame.key is None:
        frame.key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
        frame.key_place = _place(event)
        return None, None
    path, place = (*frame.path, frame.key), frame.key_place
    frame.key = None
    return path, place
