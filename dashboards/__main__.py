"""Write every generated file: ``make dashboards``."""

from __future__ import annotations

import sys

from dashboards import mixin
from dashboards.config import ConfigError, load
from dashboards.page import TEMPLATE, page


def main() -> None:
    """Write every file; a configuration that is wrong ends with its mistakes."""
    try:
        files = mixin.files(load())
    except ConfigError as error:
        sys.exit(str(error))
    for name, text in files.items():
        file = mixin.FOLDER / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    TEMPLATE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
