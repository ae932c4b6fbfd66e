"""What the process itself is given and gives back: descriptors, and garbage."""

from __future__ import annotations

import gc
import resource

#: Descriptors that are not for conversations: the web server's connections, the ledger, the rest of the process.
KEPT_DESCRIPTORS = 300


def set_aside(everything: bool) -> None:
    """Collect garbage among what is new, or everywhere, and exempt what is left from the next collections.

    Nearly all of it goes by its reference count; walking through a minute's worth of it stops the loop for a fifth of a
    second, through a second's worth for some milliseconds. The collector's own thresholds count what came less what
    went, which says nothing about how much is new where everything is replaced all the time.
    """
    if everything:
        gc.unfreeze()
        gc.collect()
    else:
        gc.collect(0)
    exempt()


def exempt() -> None:
    """Exempt all that there is from the next collections, unseen.

    A step of the crank makes the fleet anew, in mappings as large as the fleet: walking through them takes the
    collector longer than through all the rest of a second, and no cycle begins there.
    """
    gc.freeze()


def conversations() -> int:
    """Raise the soft limit of descriptors to the hard one, and return how many conversations fit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(16, min(1000, hard - KEPT_DESCRIPTORS))
