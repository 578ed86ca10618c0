"""Archived bytes: downloads, and views that are harmless."""

from __future__ import annotations

import asyncio
import atexit
import base64
import hashlib
import logging
import threading
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote, unquote

from archive.errors import DamagedArchive
from archive.index.rows import of_type
from archive.publish.spreadsheet import attachment
from archive.site.errors import not_found
from archive.site.http.addresses import base_of
from archive.site.i18n import Translator, language_of
from archive.site.original import SANDBOX, STYLE, document_view, page_image
from archive.site.state import archive_of
from archive.site.view import rows
from archive.warc.records import Record, read_record
from archive.work.children import ChildLimits
from archive.work.fresh import FreshChild
from archive.work.helper import Helper, ReadingEnded

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


class NotHere(Exception):
    """Raised by `_capture` for a capture whose segment is missing or damaged here, as in a snapshot without evidence."""


#: Archived documents are strangers' work: they are opened in a child process, one at a time, and never in the site's own.
_READER = Helper(ChildLimits(seconds=8.0, memory_bytes=2 << 30), child=FreshChild, resident_bytes=1 << 30)
_ONE_AT_A_TIME = asyncio.Lock()
_PIPE = threading.Lock()
atexit.register(_READER.close)
#: Content codings that clients undo.
CODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
SAFE_NAMES = {"application/pdf": "pdf", "text/html": "html", "application/json": "json", "text/plain": "txt"}


class KeptCapture(TypedDict):
    """A capture, and where its bytes stand: in its own record, or of a revisit in another one."""

    id: str
    url: str
    at: str
    kind: str
    segment: str
    offset: int
    original_segment: str | None
    original_offset: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture and the record that has its bytes: its own, or for a revisit that of the capture it refers to."""

    capture: KeptCapture
    record: Record

    @property
    def content(self) -> bytes:
        """The bytes without content coding."""
        return self.record.content

    @property
    def coding(self) -> str | None:
        """The content coding in which the bytes came, if every client knows it."""
        coding = (self.record.http_header("content-encoding") or "").strip().lower()
        return coding if coding in CODINGS and self.record.content != self.record.payload else None


async def _capture(datasette: Any, capture_id: str) -> Kept | None:
    """A capture with its bytes; `None` if there is none (a withheld one is none: `archive.site.guard`)."""
    found = await rows(
        datasette,
        'select c.id, c.url, c.at, c.kind, c.segment, c."offset", p.segment as original_segment, p."offset" as original_offset from captures c '
        "left join payloads p on p.digest = c.digest where c.id = :id",
        {"id": capture_id},
    )
    if not found:
        return None
    capture = of_type(KeptCapture, found)[0]
    place = capture["segment"], capture["offset"]
    if capture["kind"] == "revisit" and capture["original_segment"] and capture["original_offset"] is not None:
        place = capture["original_segment"], capture["original_offset"]
    try:
        record = await asyncio.to_thread(read_record, archive_of(datasette), *place)
    except DamagedArchive as damage:
        logger.warning("capture %s can't be shown: %s", capture["id"], damage)
        raise NotHere from damage
    return Kept(capture, record)


async def _apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function makes of an archived document, in the child process.

    Raises:
        ReadingEnded: It took more than it may, or ended the child.
    """
    async with _ONE_AT_A_TIME:  # keeps threads free; a request that is given up leaves it before its thread has ended
        return await asyncio.to_thread(_locked, function, *arguments)


def _locked(function: Callable[..., Any], *arguments: Any) -> Any:
    with _PIPE:
        return _READER(function, *arguments)


def _without_original(request: Any) -> Any:
    """What stands in the frame in place of an original whose segment is not on this machine."""
    return _instead(request, "report.not_here", 404)


def _instead(request: Any, words_key: str, status: int) -> Any:
    from datasette import Response

    words = escape(Translator(language_of(request))(words_key))
    page = f"<!DOCTYPE html><meta charset=utf-8><title>{status}</title><style>{STYLE}</style><p>{words}</p>"
    return Response.html(page, status=status, headers={"content-security-policy": SANDBOX})


async def raw_response(datasette: Any, capture_id: str, *, own_type: bool) -> Any:
    """The bytes as they came, in the content coding in which they came (so that their digest is the one recorded), as a download; of a safe type, or under their own one (for programs that follow Memento); `None` if there are none.

    Never shown in place, not even sandboxed: a policy stops requests, but not the connections that a browser makes ahead of them.
    """
    from datasette import Response

    from extract.document.detect import detect

    kept = await _capture(datasette, capture_id)
    if kept is None:
        return None
    capture, content = kept.capture, kept.content
    media_type = detect(content)
    ending = SAFE_NAMES.get(media_type, "bin")
    digest = hashlib.sha256(kept.record.payload).digest()
    headers = {
        "x-archive-url": quote(capture["url"], safe=":/?&=%#;,+@"),
        "x-archive-captured": capture["at"],
        "repr-digest": f"sha-256=:{base64.b64encode(digest).decode()}:",  # RFC 9530: of the bytes as coded
        "content-security-policy": SANDBOX,
        "content-disposition": attachment(f"{raw_name(capture)}.{ending}"),
        "cache-control": "public, max-age=86400",
    }
    shown_type = "application/pdf" if ending == "pdf" else "application/octet-stream"
    if own_type and ending in ("html", "json", "txt"):
        declared = kept.record.http_header("content-type") or ""
        charset = declared.partition("charset=")[2].strip("\"' ;") or "utf-8"
        plain = {"html": "text/html", "json": "application/json", "txt": "text/plain"}[ending]
        shown_type = f"{plain}; charset={charset}" if charset.replace("-", "").isalnum() else plain
    if kept.coding is not None:
        headers["content-encoding"] = kept.coding
    return Response(
        body=kept.record.payload if kept.coding else content, status=200, headers=headers, content_type=shown_type
    )


def raw_name(capture: KeptCapture) -> str:
    """The name of the file with a capture's bytes, without its ending."""
    return f"ogi-{capture['at'].replace(':', '')}-{capture['id'][-12:].replace(':', '-')}"


async def raw(datasette: Any, request: Any) -> Any:
    """The bytes of a capture, always as a download."""
    try:
        response = await raw_response(datasette, unquote(request.url_vars["capture"]), own_type=False)
    except NotHere:
        return _without_original(request)
    return response if response is not None else await not_found(datasette, request)


async def view(datasette: Any, request: Any) -> Any:
    """A look at an archived document: a cleaned page, images of a PDF's pages, or what was read from other carriers."""
    from datasette import Response

    try:
        found = await _capture(datasette, unquote(request.url_vars["capture"]))
    except NotHere:
        return _without_original(request)
    if found is None:
        return await not_found(datasette, request)
    capture, content = found.capture, found.content
    page_address = f"{base_of(request)}/view/{quote(capture['id'], safe='')}/page/{{}}.png"
    try:
        html = await _apart(document_view, content, capture["url"], page_address, request.args.get("at"))
    except ReadingEnded as ended:
        logger.warning("capture %s can't be shown: %s", capture["id"], ended)
        return _instead(request, "report.not_shown", 503)
    return Response.html(
        html, headers={"content-security-policy": SANDBOX.replace("img-src data:", "img-src data: 'self'")}
    )


async def page(datasette: Any, request: Any) -> Any:
    """One page of an archived PDF as an image."""
    from datasette import Response

    try:
        found = await _capture(datasette, unquote(request.url_vars["capture"]))
    except NotHere:
        return _without_original(request)
    if found is None:
        return await not_found(datasette, request)
    number = int(request.url_vars["page"])
    try:
        image = await _apart(page_image, found.content, number)
    except ReadingEnded as ended:
        logger.warning("capture %s can't be shown: %s", found.capture["id"], ended)
        image = None
    if image is None:
        return await not_found(datasette, request)
    return Response(
        body=image,
        content_type="image/png",
        headers={"cache-control": "public, max-age=86400", "cross-origin-resource-policy": "cross-origin"},
    )


ROUTES = (
    (r"^/raw/(?P<capture>[^/]+)$", raw),
    (r"^/view/(?P<capture>[^/]+)$", view),
    (r"^/view/(?P<capture>[^/]+)/page/(?P<page>[0-9]{1,4})\.png$", page),
)
