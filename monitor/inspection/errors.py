"""What keeps a look at a camera from being held, in sentences for the person who asked for it."""

from __future__ import annotations


class LookError(Exception):
    """The camera was not asked, or not to the end. The message says why and what to do."""
