"""A device's account as the strict makes keep it: five wrong logins lock it for half an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.account import Account, Login, Token

#: Wrong logins are counted within so many seconds.
WINDOW_S = 1800.0


class StrictAccount(Account):
    """The simulator's account, with a window for what it counts, and a list of what it saw.

    ``forgets_s``: for how long a wrong login counts; None: until one succeeds, over the device's restarts too.
    ``counts_stale``: whether the answer to an old nonce counts as a wrong login, as some makes have it.
    """

    def __init__(
        self, username: str, password: str, now: Callable[[], float], forgets_s: float | None, counts_stale: bool
    ) -> None:
        super().__init__(username, password, now)
        self.refused_at: list[float] = []
        """When a wrong login came."""
        self.knocks = 0
        """Logins that came while it was locked."""
        self._forgets_s = forgets_s
        self._counts_stale = counts_stale
        self._counted: list[float] = []

    @property
    def most_in_a_window(self) -> int:
        """The most wrong logins within half an hour."""
        return most_within(self.refused_at, WINDOW_S)

    def forget(self) -> None:
        super().forget()
        if self._forgets_s is not None:
            self._counted.clear()

    def check_digest(self, answer: Mapping[str, str], method: str, target: str, single_use: bool = False) -> Login:
        how = super().check_digest(answer, method, target, single_use)
        return self._fail(Login.FAILED) if how is Login.STALE and self._counts_stale else how

    def check_token(self, token: Token, device_time: float, window_s: float | None) -> Login:
        return self._seen(super().check_token(token, device_time, window_s))

    def check_answer(self, answer: Mapping[str, str], method: str, target: str) -> Login:
        return self._seen(super().check_answer(answer, method, target))

    def _seen(self, how: Login) -> Login:
        self.knocks += how is Login.LOCKED
        return how

    def _succeed(self) -> Login:
        self._counted.clear()
        return super()._succeed()

    def _fail(self, how: Login) -> Login:
        now = self._now()
        self.refused_at.append(now)
        self._counted = [at for at in self._counted if self._forgets_s is None or now - at < self._forgets_s]
        self._wrong = len(self._counted)
        self._counted.append(now)
        how = super()._fail(how)
        if self.locked:
            self._counted.clear()
        return how


def most_within(moments: list[float], window_s: float) -> int:
    """Return how many of these rising moments fall into one window at the most."""
    most = first = 0
    for last, at in enumerate(moments):
        while at - moments[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most
