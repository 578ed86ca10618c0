"""Which family of publishing systems made a page: decided per page, because one site may mix several.

The signs are those of the families, by rank: marks that only one system leaves come first (field guide §0).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.families.registry import PLAIN, registry
from crawler.pages import markup


@dataclass(frozen=True, slots=True)
class Detection:
    """A family's name and what it was recognised by; `static` when nothing better fits."""

    family: str
    evidence: str


def detect(body: bytes, url: str, headers: tuple[tuple[str, str], ...] = ()) -> Detection:
    """The family of a page by its content and address.

    Args:
        body: The page, decoded by its own charset declaration.
        url: Its address.
        headers: The answer's headers, for the charset.
    """
    return detect_text(markup.decode(body, headers), url)


def detect_text(text: str, url: str) -> Detection:
    """As `detect`, for text that is decoded already."""
    path = urlsplit(url).path
    for sign, family in registry().signs:
        if sign.is_in(text, path):
            return Detection(family, sign.evidence)
    return Detection(PLAIN, "plain links, no system recognised")


def has_signs_of(family: str, text: str, url: str) -> bool:
    """Whether a page shows any sign of a given family."""
    path = urlsplit(url).path
    found = registry().families.get(family)
    return found is not None and any(sign.is_in(text, path) for sign in found.signs)
