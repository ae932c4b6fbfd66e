"""The OID tables that come with camfleet: one YAML file a make, in ``oids`` beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

from monitor.core.vitals import OidTable, Tables, table


@cache
def ours() -> tuple[OidTable, ...]:
    """Return the tables by make, in the order of the alphabet."""
    folder = files(__package__).joinpath("oids")
    found = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name)
    return tuple(table(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in found)


@cache
def tables(users: tuple[OidTable, ...] = ()) -> Tables:
    """Return all tables; the user's decide before ours."""
    return Tables(users + ours())
