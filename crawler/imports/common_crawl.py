"""Common Crawl: one index a crawl, named by a list of all; captures are ranges of its files, each the original WARC record as one gzip member."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

from archive.warc.records import parse_record
from extract.document.notations import parse_json
from extract.errors import OgiError

if TYPE_CHECKING:
    from archive.warc.records import Record

_CRAWL = re.compile(r"CC-MAIN-([0-9]{4})-[0-9]{2}")
#: A record is unpacked to so many bytes at most.
_MOST = 64 << 20


def read_crawls(text: str, since: str, until: str) -> list[str]:
    """Addresses of the indexes of all crawls that may have captures of the time asked for, the oldest first.

    A crawl is named after the week in which it was published: its captures are of that year, or of the end of the one before.

    Raises:
        ValueError, KeyError, TypeError: It is no list of crawls.
    """
    found = []
    for crawl in parse_json(text):
        named = _CRAWL.fullmatch(str(crawl["id"]))
        year = int(named[1]) if named is not None else None
        is_late = year is not None and until and year > int(until[:4]) + 1
        if year is None or not ((since and year < int(since[:4])) or is_late):
            found.append((str(crawl["id"]), str(crawl["cdx-api"])))
    return [address for _, address in sorted(found)]


def place_of(row: dict[str, Any]) -> tuple[str, int, int] | None:
    """File, offset and length of the record that a row stands for; `None` if it says none."""
    try:
        name, offset, length = str(row["filename"]), int(row["offset"]), int(row["length"])
    except (KeyError, ValueError, TypeError):
        return None
    is_path = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", name) is not None and ".." not in name
    return (name, offset, length) if is_path and offset >= 0 and 0 < length <= _MOST else None


def record_of(member: bytes) -> Record:
    """The record in a range of a file.

    Raises:
        ValueError: The range isn't one whole gzip member with a record.
    """
    unpacker = zlib.decompressobj(31)
    try:
        data = unpacker.decompress(member, _MOST)
        if not unpacker.eof or unpacker.unused_data:
            raise ValueError("the range is not one whole record")
        return parse_record(data)
    except (zlib.error, OgiError) as error:
        raise ValueError(f"the range holds no record ({error})") from None
