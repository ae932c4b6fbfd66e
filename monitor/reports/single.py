"""One file that verifies: the modules that ``alone`` needs, as they stand here, zipped the same way each time."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import monitor

ROOT = "monitor.reports.alone"
_MAIN = f"from {ROOT} import main\n\nmain()\n"
#: The first moment that a zip file can tell.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def single() -> bytes:
    """Return the file. It holds the sources of this installation."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:  # deflated, it would be another with another zlib
        for name, source in [("__main__.py", _MAIN.encode()), *sorted(needed())]:
            archive.writestr(zipfile.ZipInfo(name, _NO_MOMENT), source)
    return held.getvalue()


def needed() -> Iterator[tuple[str, bytes]]:
    """Yield the files of all modules of ours that are imported on the way, with their sources."""
    waiting, seen = [ROOT], set[str]()
    while waiting:
        module = waiting.pop()
        place = _place(module)
        if module in seen or place is None:
            continue
        seen.add(module)
        source = place.read_bytes()
        yield place.relative_to(_top()).as_posix(), source
        package = module.rpartition(".")[0]
        waiting += [one for one in (package, *_imports(source)) if one]


def _imports(source: bytes) -> Iterator[str]:
    """Yield what a module imports of ours: of ``from a import b`` both a and a.b, as b may be a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _place(module: str) -> Path | None:
    """Return the file of a module of ours; None for what is another's, or no module."""
    if module.split(".")[0] != monitor.__name__:
        return None
    place = _top().joinpath(*module.split("."))
    return next((one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file()), None)


def _top() -> Path:
    return Path(str(monitor.__file__)).parent.parent
