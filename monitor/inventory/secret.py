"""Secrets by reference: ``env:NAME`` from the environment, ``file:PATH`` the first line of a file, ``cred:NAME`` the
first line of a credential that systemd hands over (systemd.exec(5), CREDENTIALS; LoadCredential=).

No message of this file holds anything that was read; and a secret that others on this host can read is none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from monitor.core.model import Secret
from monitor.inventory.bounded import NotAFile, read_bounded
from monitor.inventory.mistake import shown

SECRET_MAX_BYTES = 4096
#: Where systemd says that a unit's credentials are.
CREDENTIALS = "CREDENTIALS_DIRECTORY"


class SecretError(Exception):
    """Why a reference gives no secret."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Vault:
    """Reads each reference once. Relative files are looked for in the folder of the file that names them.

    Without an environment it stays closed: it gives empty secrets to who only wants to know what there is.
    """

    def __init__(self, environ: Mapping[str, str] | None) -> None:
        self.is_closed = environ is None
        self._environ = environ or {}
        self._read: dict[tuple[str, str], Secret | SecretError] = {}

    def secret(self, reference: str, folder: str) -> Secret:
        """The secret behind a reference; raises ``SecretError``."""
        if self.is_closed:
            return Secret(reference, "")
        key = (reference, folder)
        if key not in self._read:
            try:
                self._read[key] = Secret(reference, self._value(reference, Path(folder)))
            except SecretError as error:
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, SecretError):
            raise found
        return found

    def _value(self, reference: str, folder: Path) -> str:
        kind, _, name = reference.partition(":")
        value = KINDS[kind](self._environ, folder, name)
        if not value:
            raise SecretError(f"{shown(reference)} is empty", "put the secret there")
        if not value.isprintable():
            raise SecretError(f"{shown(reference)} holds control characters", "a secret is one line of text")
        return value


def _variable(environ: Mapping[str, str], _: Path, name: str) -> str:
    value = environ.get(name)
    if value is None:
        raise SecretError(f"the environment variable {name} is not set", "set it where camfleet is started")
    return value


def _credential(environ: Mapping[str, str], _: Path, name: str) -> str:
    folder = environ.get(CREDENTIALS)
    if not folder:
        hint = f"cred: is for a unit of systemd with LoadCredential={name}:PATH; elsewhere write file:PATH"
        raise SecretError("systemd has handed over no credentials", hint)
    return _first_line(environ, Path(folder), name)


def _first_line(environ: Mapping[str, str], folder: Path, name: str) -> str:
    path = Path(name)
    if ".." in path.parts:
        raise SecretError("a secret's path does not lead out of its folder by ..", "write an absolute path")
    data = _bytes(folder / path, name)
    line, newline, _ = data.partition(b"\n")
    if not newline and len(data) > SECRET_MAX_BYTES:
        raise SecretError(f"the first line of the file {shown(name)} is longer than {SECRET_MAX_BYTES} bytes")
    try:
        return line.removesuffix(b"\r").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SecretError(f"the file {shown(name)} is not in UTF-8", "save it as UTF-8") from None


def _bytes(path: Path, name: str) -> bytes:
    try:
        return read_bounded(path, SECRET_MAX_BYTES + 1, lambda status: _check(status, name))
    except NotAFile:
        raise SecretError(f"{shown(name)} is not a file") from None
    except OSError as error:
        raise SecretError(f"the file {shown(name)} cannot be read: {os.strerror(error.errno or 0)}") from None


def _check(status: os.stat_result, name: str) -> None:
    """Whether only we can read it. A group that another owner chose for us (systemd's credentials) may."""
    forbidden = stat.S_IRWXO | stat.S_IWGRP | (stat.S_IRGRP if status.st_uid == os.geteuid() else 0)
    if status.st_mode & forbidden:
        raise SecretError(f"others can read or change the file {shown(name)}", f"chmod 600 {shown(name)}")


#: How the value behind each kind of reference is found: the environment, the inventory's folder, the name.
KINDS: Mapping[str, Callable[[Mapping[str, str], Path, str], str]] = {
    "env": _variable,
    "file": _first_line,
    "cred": _credential,
}
