"""CDXJ: the sorted index of captures that replay tools read, one line a capture: `key timestamp {json}`.

The key is the SURT form of the address that the Internet Archive's tools make (host reversed, `www` and session ids dropped, lower case,
query sorted). It is for looking up: addresses that differ in case share a key, so each line has the address itself too.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from archive.errors import DamagedArchive
from archive.warc.members import BrokenMember, iter_members
from archive.warc.records import CAPTURES, Record
from archive.warc.taken import capture_id, followed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from archive.files.folder import Archive

_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
#: An address escaped more often than so was written to keep us busy.
_MOST_ESCAPED = 16
_WWW = re.compile(r"www\d*\.")
_SESSION_IN_PATH = (
    re.compile(r"^(.*/)(\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)$", re.IGNORECASE),
    re.compile(r"^(.*/)(\([0-9a-z]{24}\)/)([^?]+\.aspx.*)$", re.IGNORECASE),
)
_SESSION_IN_QUERY = tuple(
    re.compile(rf"^(.*)(?:{name})(?:&(.*))?$", re.IGNORECASE)
    for name in (
        "jsessionid=[0-9a-zA-Z]{32}",
        "phpsessid=[0-9a-zA-Z]{32}",
        "sid=[0-9a-zA-Z]{32}",
        "ASPSESSIONID[a-zA-Z]{8}=[a-zA-Z]{24}",
        "cfid=[^&]{1,500}&cftoken=[^&]{1,500}",
    )
)
_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """The sort-friendly key of an address. An address that isn't http or https is its own key."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    except (ValueError, UnicodeError):
        return quote_from_bytes(url.encode("utf-8"), safe=_SAFE + "%")
    if parts.scheme.lower() not in _PORTS or not host:
        return quote_from_bytes(url.encode("utf-8"), safe=_SAFE + "%")
    host = (
        _WWW.sub("", re.sub(r"\.{2,}", ".", host.lower()).strip("."), count=1)
        if _WWW.match(host.lower())
        else host.lower().strip(".")
    )
    key = ",".join(reversed(host.split(".")))
    if port is not None and port != _PORTS[parts.scheme.lower()]:
        key += f":{port}"
    path = _normal_path(_unescaped(parts.path)).lower()
    for pattern in _SESSION_IN_PATH:
        path = pattern.sub(r"\1\3", path)
    if len(path) > 1 and path.endswith("/"):
        path = path[:-1]
    query = _unescaped(parts.query)
    for pattern in _SESSION_IN_QUERY:
        query = pattern.sub(lambda found: found[1] + (found[2] or ""), query)
    query = "&".join("=".join(pair) for pair in sorted(tuple(part.split("=", 1)) for part in query.lower().split("&")))
    return f"{key}){path}" + (f"?{query}" if query else "")


def _unescaped(text: str) -> str:
    """Percent-decoded until nothing changes, then encoded once: one notation for every way of escaping."""
    data = text.encode("utf-8", "replace")
    for _ in range(_MOST_ESCAPED):
        if (decoded := unquote_to_bytes(data)) == data:
            break
        data = decoded
    return quote_from_bytes(data, safe=_SAFE)


def _normal_path(path: str) -> str:
    kept: list[str] = []
    parts = path.split("/")[1:]
    for part in parts:
        if part == ".":
            continue
        if part == "..":
            if kept:
                kept.pop()
            else:
                kept.append(part)
            continue
        kept.append(part)
    if not kept:
        return "/"
    return "/" + "".join(f"{part}/" for part in kept[:-1] if part) + kept[-1]


def cdxj_line(record: Record, filename: str, offset: int, length: int) -> str:
    """The line of one capture, without its line end."""
    media_type = "warc/revisit" if record.type == "revisit" else _media_type(record)
    fields = {
        "url": record.uri,
        "mime": media_type,
        "status": str(record.http_status)
        if record.http_headers
        else None,  # a revisit without a block has its original's
        "digest": record.payload_digest,
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
    }
    text = json.dumps({name: value for name, value in fields.items() if value}, ensure_ascii=True)
    return f"{surt(record.uri)} {record.date:%Y%m%d%H%M%S} {text}"


def _media_type(record: Record) -> str:
    value = record.get("Content-Type") if record.type == "resource" else record.http_header("Content-Type")
    return re.split(r"[;\s]", (value or "").strip(), maxsplit=1)[0]


def is_left_out(record: Record, leave_out: Collection[str]) -> bool:
    """Whether a capture stays out of what is published: it is withheld, or, where something is, it is a record of a run's own."""
    if not leave_out:
        return False
    return capture_id(record) in leave_out or record.uri.startswith("urn:")


def cdxj_lines(
    archive: Archive, segments: Iterable[str] | None = None, leave_out: Collection[str] = frozenset()
) -> list[str]:
    """The sorted lines of closed segments (all, if none are named), without line ends.

    Sorted bytewise, as readers search it by halves.

    Raises:
        DamagedArchive: A segment can't be read.
    """
    lines = []
    for name in archive.store.names() if segments is None else segments:
        with archive.store.open(name) as stream:
            try:
                for member, record in followed(iter_members(stream), name):
                    if record.type in CAPTURES and not is_left_out(record, leave_out):
                        lines.append(cdxj_line(record, name, member.offset, member.length))
            except BrokenMember as error:
                raise DamagedArchive(f"{name}: {error}; `ogi verify` tells more") from error
    return sorted(lines, key=lambda line: line.encode("utf-8"))
