"""A check of each set's login in force, kept in the ledger: a start notices that a secret was changed meanwhile.

The login itself is kept nowhere. Its check is one byte, so that who reads the ledger learns next to nothing: of all the
passwords that he can think of, one in 256 has it, and each takes him a scrypt (RFC 7914), anew for each ledger. For the
same reason one changed secret in 256 goes unnoticed; all devices of its set then see it at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

from monitor.core.model import Credential

#: Keys in the ledger's memory: the salt, and what that of a set begins with; its name follows.
SALT = "login-check"
PREFIX = "login-check/"
SALT_BYTES = 16
#: What a scrypt costs: some ten milliseconds and 4 MB.
COST, BLOCK, LANES = 1 << 12, 8, 1


class Checks:
    """The checks that the ledger holds. ``memory`` is the ledger's, as it was restored."""

    def __init__(self, memory: Mapping[str, Any]) -> None:
        salt = memory.get(SALT)
        self._salt = salt if isinstance(salt, str) and len(salt) == 2 * SALT_BYTES else os.urandom(SALT_BYTES).hex()
        self._known = {
            key.removeprefix(PREFIX): value
            for key, value in memory.items()
            if key.startswith(PREFIX) and self._salt == salt
        }
        self._made: dict[Credential, str] = {}

    def changed(self, logins: Iterable[Credential]) -> set[str]:
        """Return the names of the sets whose login is another one than the ledger knows of."""
        return {one.name for one in logins if self._known.get(one.name, made := self._check(one)) != made}

    def keep(self, logins: Iterable[Credential], others: Iterable[str]) -> dict[str, str | None]:
        """Take these logins as those in force, and return what the ledger has to write for that.

        Those of the ``others`` stay what they were; a set that is not named any more is forgotten.
        """
        before = dict(self._known)
        self._known = {name: before[name] for name in others if name in before}
        self._known |= {one.name: self._check(one) for one in logins}
        fresh = {PREFIX + name: check for name, check in self._known.items() if before.get(name) != check}
        gone: dict[str, str | None] = dict.fromkeys(PREFIX + name for name in before.keys() - self._known.keys())
        return {SALT: self._salt, **fresh, **gone} if fresh or gone else {}

    def _check(self, login: Credential) -> str:
        if login not in self._made:
            secret = f"{login.username}\0{login.password.reveal()}".encode()
            salt = bytes.fromhex(self._salt)
            self._made[login] = hashlib.scrypt(secret, salt=salt, n=COST, r=BLOCK, p=LANES, dklen=1).hex()
        return self._made[login]
