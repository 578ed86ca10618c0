"""Entries of HAR files (a browser's network log), made into WARC records: headers and body as the HAR tells them, its own entry kept beside.

A HAR holds bodies decoded, as text or base64. So a digest is one of the decoded body, and the fields that would contradict it are kept under
other names.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, BinaryIO, TypedDict

from archive.warc.arc import Made, made_record, make
from archive.warc.json_members import JsonMember, NoMembers, members_of, viewed
from archive.warc.records import ORIG, clean_uri
from extract.document.notations import parse_json
from extract.errors import UnreadableDocument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROFILE = 1 << 12  # a description says early on what it is
_MAX_FILE = 2 << 30
_GONE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_FAULT = "made from a HAR: its body is the decoded one"


# Members of HAR 1.2 as far as they are taken; nothing of them is believed: what is no text is made one, what lacks leaves the entry out.


class _Header(TypedDict):
    name: str
    value: str


class _Content(TypedDict, total=False):
    """The body of an answer, decoded by the browser."""

    text: str | None
    encoding: str
    mimeType: str


class _Answer(TypedDict, total=False):
    status: int
    statusText: str | None
    headers: list[_Header] | None
    content: _Content | None


class _Request(TypedDict):
    url: str


class _Exchange(TypedDict):
    """An entry: one request with its answer."""

    request: _Request
    response: _Answer
    startedDateTime: str


def iter_har(stream: BinaryIO, name: str, say: Callable[[str], None]) -> Iterator[Made]:
    """Give a record for every entry that holds an answer with its body; one entry is in memory at a time.

    Raises:
        UnreadableDocument: It is no HAR.
    """
    too_large = f"{name} is a HAR of more than {_MAX_FILE >> 20} MB: split it"
    with viewed(stream, _MAX_FILE, too_large) as data:
        try:
            for number, member in enumerate(members_of(data, (b"log", b"entries"))):
                made = _made_or_said(member, number, say)
                if made is not None:
                    yield made
        except NoMembers as error:
            if b'"multi-wacz' in data[:_PROFILE]:
                raise UnreadableDocument(
                    f"{name} only names packages (multi-WACZ): give the packages themselves"
                ) from None
            raise UnreadableDocument(f"{name} looks like a HAR, but {error}") from None


def _made_or_said(member: JsonMember, number: int, say: Callable[[str], None]) -> Made | None:
    """The record of an entry; `None` if it holds none, or can't be read, which is said."""
    try:
        if member.problem:
            raise ValueError(member.problem)
        return _made(parse_json(member.data), number)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        say(f"entry {number} of the HAR can't be read ({type(error).__name__}: {error}); left out")
        return None


def _made(entry: _Exchange, number: int) -> Made | None:
    request, answer = entry["request"], entry["response"]
    url, status = str(request["url"]), int(answer["status"])
    if not url.startswith(("http://", "https://")) or not 100 <= status <= 599:
        return None
    content = answer.get("content") or _Content()
    text = content.get("text")
    if text is None and status == 200:
        return None  # the browser did not keep the body: that is no capture of it
    is_binary = content.get("encoding") == "base64"
    body = base64.b64decode(text or "", validate=True) if is_binary else (text or "").encode()
    lines = [f"HTTP/1.1 {status} {answer.get('statusText') or ''}".rstrip(), *_headers(answer, content)]
    if text and not is_binary:
        lines = [_in_utf8(line) for line in lines]
    lines.append(f"Content-Length: {len(body)}")
    block = "\r\n".join(map(_line, lines)).encode("utf-8") + b"\r\n\r\n" + body
    at = str(entry["startedDateTime"])
    source = json.dumps(entry, ensure_ascii=False, sort_keys=True).encode()
    fields = [("WARC-Target-URI", clean_uri(url)), ("Content-Type", "application/http;msgtype=response")]
    beside = made_record(
        "metadata",
        [("WARC-Target-URI", clean_uri(url)), ("Content-Type", "application/har+json")],
        source,
        at=at,
        seed=b"entry" + source,
    )
    return make("response", fields, block, number, at=at, seed=source, beside=(beside,), faults=(_FAULT,))


def _headers(answer: _Answer, content: _Content) -> Iterator[str]:
    """The lines of an answer's headers, as far as they are true of the decoded body; its type from the entry where no header says it."""
    headers = [(str(one["name"]), str(one["value"])) for one in answer.get("headers") or ()]
    for key, value in headers:
        if not key.startswith(":"):
            yield f"{ORIG + key if key.lower() in _GONE else key}: {_line(value)}"
    if content.get("mimeType") and not any(key.lower() == "content-type" for key, _ in headers):
        yield f"Content-Type: {_line(str(content['mimeType']))}"


def _line(text: str) -> str:
    return "".join(" " if sign in "\r\n\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029" else sign for sign in text)


def _in_utf8(line: str) -> str:
    """The type's line with the encoding that the body has now: text of a HAR was decoded, and is written as UTF-8."""
    name, _, value = line.partition(":")
    if name.lower() != "content-type":
        return line
    return f"{name}: {value.partition(';')[0].strip()}; charset=utf-8"
