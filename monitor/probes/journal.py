"""The newest conversations with each device, for a person to read: bounded for each, and for all together."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

from monitor.probes.transcript import Conversation

#: Conversations kept of one device.
KEPT_CONVERSATIONS = 6
#: What all conversations together may take; some five thousand cameras keep all of theirs.
MOST_BYTES = 128 << 20
#: What a conversation takes beside what was said.
FRAME_BYTES = 1000


class Journal:
    """Conversations by device, newest first; failures outlive successes.

    Where all take more than ``most_bytes``, devices that were asked longest ago lose their successes, and when no
    successes are left, their failures.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._successes = _Shelf()
        self._failures = _Shelf()

    def add(self, conversation: Conversation) -> None:
        (self._failures if conversation.failed else self._successes).add(conversation)
        while self._successes.bytes + self._failures.bytes > self._most_bytes:
            (self._successes if self._successes.bytes else self._failures).drop_oldest()

    def of(self, device: str) -> tuple[Conversation, ...]:
        failures, successes = self._failures.of(device), self._successes.of(device)
        room = KEPT_CONVERSATIONS - len(failures)
        kept = (*failures, *successes[max(0, len(successes) - room) :])
        return tuple(sorted(kept, key=lambda one: one.verdict.at, reverse=True))

    async def recall(self, device: str) -> tuple[Conversation, ...]:
        """Return a device's conversations to whoever does not know where they are kept."""
        return self.of(device)

    def forget(self, devices: Iterable[str]) -> None:
        for device in devices:
            self._successes.drop(device)
            self._failures.drop(device)


class _Shelf:
    """The newest conversations of one kind; devices in the order in which they were asked last."""

    def __init__(self) -> None:
        self.bytes = 0
        self._devices: OrderedDict[str, deque[tuple[Conversation, int]]] = OrderedDict()

    def add(self, conversation: Conversation) -> None:
        device, takes = conversation.verdict.device, _bytes(conversation)
        kept = self._devices.get(device)
        if kept is None:
            kept = self._devices[device] = deque()
        else:
            self._devices.move_to_end(device)
        kept.append((conversation, takes))
        self.bytes += takes
        if len(kept) > KEPT_CONVERSATIONS:
            self.bytes -= kept.popleft()[1]

    def of(self, device: str) -> tuple[Conversation, ...]:
        """Return a device's conversations, oldest first; as many as are kept, where there are that many."""
        return tuple(conversation for conversation, _ in self._devices.get(device, ()))

    def drop_oldest(self) -> None:
        self.drop(next(iter(self._devices)))

    def drop(self, device: str) -> None:
        self.bytes -= sum(takes for _, takes in self._devices.pop(device, ()))


def _bytes(conversation: Conversation) -> int:
    return FRAME_BYTES + sum([len(data) for _, _, data in conversation.said])
