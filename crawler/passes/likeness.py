"""Whether two states of a report's page say the same: then the second one is not worth keeping.

Counters, clocks, tokens, neighbours and banners make the bytes of most pages differ at every visit, while the report in them stays as it
is (field guide §12). What counts is what an archive reads from a page: the report, and the files that hang on it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from crawler.families.article import read_article
from extract.api import read_report
from extract.errors import OgiError

if TYPE_CHECKING:
    from collections.abc import Hashable

logger = logging.getLogger(__name__)

#: Larger pages are stored anew rather than read twice while the portal waits.
_MAX_BYTES = 2 << 20


def says_the_same(before: bytes, after: bytes, url: str) -> bool:
    """Whether nothing that is read from a page differs. What can't be read whole is never the same."""
    if max(len(before), len(after)) > _MAX_BYTES or not after.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False
    try:
        said = _said(after, url)
        return said is not None and said == _said(before, url)
    except (OgiError, ValueError, RecursionError) as error:
        logger.debug("%s: not compared: %s", url, error)
        return False


def _said(page: bytes, url: str) -> tuple[Hashable, ...] | None:
    reading = read_report(page, source=url, url=url)
    if reading.content is None:
        return None
    links = read_article(page, url)
    found = reading.extraction.to_json()
    return (
        repr(sorted(found.items())),
        reading.content.digest,
        tuple(sorted({link.url for link in reading.document.links})),
        tuple(sorted({link.url for link in (*links.attachments, *links.images)} | {*links.onward})),
    )
