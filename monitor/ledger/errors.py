"""What can be wrong with a ledger, in sentences for the person who has to put it right."""

from __future__ import annotations


class LedgerError(Exception):
    """The ledger cannot be used. The message names the file and says what to do."""
