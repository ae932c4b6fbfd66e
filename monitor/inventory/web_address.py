"""Addresses of web servers, as people write them: what makes one unfit to send a secret to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def unfit(text: str, example: str) -> tuple[str, str] | None:
    """Return what is wrong with a URL to which something is sent that not all may read, and a hint; None if nothing."""
    try:
        url = urlsplit(text)
        sound = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0 and text.isascii()
    except ValueError:
        sound = False
    if not sound or " " in text or url.fragment or url.username is not None:
        return "must be a URL, without a login", f"write {example}"
    if url.scheme == "http" and not is_here(url):
        return "would send it for all to read", "write https://"
    return None


def is_here(url: SplitResult) -> bool:
    """Say whether a URL can only lead to this machine."""
    try:
        return url.hostname == "localhost" or ip_address(url.hostname or "").is_loopback
    except ValueError:
        return False
