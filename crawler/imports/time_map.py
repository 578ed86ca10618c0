"""TimeMaps (RFC 7089): which captures an archive has of an address, as links. They name times, and no digests."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A link value of RFC 8288: the target, and its parameters in quotes.
_LINK = re.compile(r'<([^<>]*+)>((?:\s*+;\s*+[A-Za-z*-]++\s*+=\s*+(?:"[^"]*+"|[^",;\s]++))*+)')
_PARAMETER = re.compile(r';\s*([A-Za-z*-]+)\s*=\s*(?:"([^"]*)"|([^",;\s]+))')


def read_time_map(text: str) -> tuple[list[dict[str, Any]], bool]:
    """The captures of a TimeMap as rows of an index without digests, and whether it names further TimeMaps.

    Raises:
        ValueError: It is none: it names no original.
    """
    links = list(_links(text))
    original = next((target for target, about in links if "original" in about.get("rel", "").split()), None)
    if original is None:
        raise ValueError("a TimeMap without an original")
    rows = []
    for _, about in links:
        if "memento" in about.get("rel", "").split():
            rows.append(
                {
                    "timestamp": _stamp(about.get("datetime", "")),
                    "original": original,
                    "statuscode": "200",
                    "digest": "",
                }
            )
    further = [
        about for _, about in links if "timemap" in about.get("rel", "").split() and "self" not in about["rel"].split()
    ]
    return rows, bool(further)


def _links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for found in _LINK.finditer(text):
        about = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(found[2])}
        yield found[1], about


def _stamp(text: str) -> str:
    """A date of HTTP as the 14 digits of a time stamp; empty if it is none."""
    try:
        return parsedate_to_datetime(text).strftime("%Y%m%d%H%M%S")
    except (ValueError, OverflowError):  # a date beyond all calendars
        return ""
