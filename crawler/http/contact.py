"""Nobody else's server is asked anonymously: the one check of who asks, for every command that opens a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import BadSettings
from crawler.http.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable


def require_contact(contact: str, urls: Iterable[str], remedy: str) -> None:
    """Make sure that the owner of a server can reach whoever asks it.

    Args:
        contact: Mail or web address of the operator, as it stands in the User-Agent; empty if there is none.
        urls: What is going to be asked; addresses on this machine need no contact.
        remedy: Where to write the contact, as the end of a sentence: "set operator.contact in …".

    Raises:
        BadSettings: There is no contact and an address is not on this machine.
    """
    if contact.strip():
        return
    for url in urls:
        if url and not is_loopback(url):
            raise BadSettings(f"{url} is no server on this machine, and its owner must be able to reach you: {remedy}")
