"""The hub as an ASGI application: its own pages, and `/p/NAME/…`, which is the province's."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import httpx

from archive.site.http.addresses import split_language, with_language
from archive.site.http.layers import METHODS, POLICY, SECURITY_HEADERS
from archive.site.http.static import static_files
from archive.site.hub import pages
from archive.site.hub.sites import client_for_pages
from archive.site.hub.store import HubListedReport, HubProvince, open_hub, provinces, reports_called
from archive.site.i18n import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

_PAGES = {
    "/": pages.home,
    "/search": pages.search,
    "/search.json": pages.search_json,
    "/missing": pages.missing,
    "/missing.json": pages.missing_json,
    "/provinces.json": pages.provinces_json,
}
_PROVINCE = re.compile(r"/p/([a-z0-9-]+)(/.*)?")
_REPORT = re.compile(r"/r/([A-Za-z0-9._-]+)(/.*)?")
#: What is passed on of a question, and of an answer. Cookies stay between a reader and whom he sees in the address: the hub.
_ASKED = (
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-datetime",
    "if-none-match",
    "if-modified-since",
    "range",
)
#: What describes the answer itself. Others speak of the whole host (cookies, service workers, transport, other servers): it is the hub's.
_ANSWERED = frozenset(
    [
        "accept-ranges",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "age",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-range",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "etag",
        "expires",
        "last-modified",
        "link",
        "location",
        "memento-datetime",
        "referrer-policy",
        "retry-after",
        "vary",
        "x-content-type-options",
        "x-ogi-claim",
        "x-ogi-rows",
        "x-ogi-sha256",
        "x-ogi-truncated",
        "x-robots-tag",
    ]
)
#: What holds of every province's page beside its own policy; who may frame it is for that to say.
_POLICY = POLICY.replace("; frame-ancestors 'self'", "")
#: Answers that a province may have under way: a slow one keeps its own readers waiting, and nobody else's.
_MOST_AT_ONCE = 32


@dataclass(slots=True)
class Hub:
    """The application. One client asks all provinces, so that connections are kept."""

    folder: Path
    client: httpx.AsyncClient | None = None
    _under_way: dict[str, int] = field(default_factory=dict)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; open and close the client with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.client = client_for_pages()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.client is not None, "the server opens it"
        if scope["method"] not in METHODS[:2]:
            await _send(scope, send, 405, "text/plain", b"the hub only reads\n", [("allow", "GET, HEAD")])
            return
        raw = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        through = _PROVINCE.fullmatch(raw)
        if through is not None:
            await self._province(scope, receive, send, through[1], through[2] or "/")
            return
        path, language = split_language(scope["path"])
        if path.startswith("/static/"):
            await _static(scope, send, path.removeprefix("/static/"))
            return
        report = _REPORT.fullmatch(path)
        asked = pages.Asked(
            self.folder,
            self.client,
            path,
            language or LANGUAGES[0],
            dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        )
        if report is not None:
            await self._report(scope, send, asked, report[1], report[2] or "")
            return
        page = _PAGES.get(path)
        answer = await page(asked) if page is not None else await pages.not_found(asked)
        await _send(scope, send, answer.status, answer.content_type, answer.body)

    async def _report(self, scope: Any, send: Any, asked: pages.Asked, report: str, rest: str) -> None:
        """To the report's page in its province; where several gave the same id, to a choice."""
        found, known = await asyncio.to_thread(_known, self.folder, report)
        if len(found) != 1:
            answer = await pages.several(asked, found) if found else await pages.not_found(asked)
            await _send(scope, send, answer.status, answer.content_type, answer.body)
            return
        name = str(found[0]["province"])
        target = pages.address_of(known[name], with_language(f"/r/{report}{rest}", asked.language))
        await _redirect(scope, send, target)

    async def _province(self, scope: Any, receive: Any, send: Any, name: str, rest: str) -> None:
        """Pass the question on and the answer back as it comes; lead to the province where its site runs under an address of its own."""
        known = await asyncio.to_thread(_provinces, self.folder)
        query = scope["query_string"].decode("latin-1")
        if name not in known or _leads_out(rest):
            await _send(scope, send, 404, "text/plain", b"the hub knows no such province, or no such page of it\n")
            return
        target = known[name].url + rest + (f"?{query}" if query else "")
        if not known[name].is_through:
            await _redirect(scope, send, target)
            return
        if self._under_way.get(name, 0) >= _MOST_AT_ONCE:
            said = f"{name} has {_MOST_AT_ONCE} answers under way: try again in a minute\n"
            await _send(scope, send, 503, "text/plain", said.encode(), [("retry-after", "60")])
            return
        self._under_way[name] = self._under_way.get(name, 0) + 1
        reader = asyncio.create_task(_gone(receive))
        passing = asyncio.create_task(self._pass(scope, send, name, target))
        try:
            await asyncio.wait({reader, passing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._under_way[name] -= 1
            for task in (reader, passing):
                if not task.done():
                    task.cancel()
            await asyncio.gather(reader, passing, return_exceptions=True)
        if not passing.cancelled():
            passing.result()  # an error in the middle ends the connection: a failed transfer, no short file

    async def _pass(self, scope: Any, send: Any, name: str, target: str) -> None:
        """Ask the province, and hand on what it answers."""
        assert self.client is not None, "the server opens it"
        headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
        try:
            request = self.client.build_request(
                scope["method"], target, headers=[(key, value) for key, value in headers if key.lower() in _ASKED]
            )
            answer = await self.client.send(request, stream=True, follow_redirects=False)
        except httpx.InvalidURL:
            await _send(scope, send, 404, "text/plain", b"no page can have this address\n")
            return
        except httpx.HTTPError as error:
            said = (
                f"{name} does not answer ({type(error).__name__}); what the hub knows of it is of its last gathering\n"
            )
            await _send(scope, send, 502, "text/plain", said.encode())
            return
        try:
            await send({"type": "http.response.start", "status": answer.status_code, "headers": _passed(answer)})
            async for piece in answer.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()


async def _gone(receive: Any) -> None:
    """Returns when the reader has hung up: nothing is fetched for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _leads_out(rest: str) -> bool:
    """Whether a path would leave the province's part of its host."""
    return any(part in (".", "..") for part in re.split(r"[/\\]", unquote(unquote(rest))))


def _passed(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    """The headers of a province's answer that speak of it alone, and the hub's own rules for a page on its host."""
    is_chunked = "transfer-encoding" in answer.headers  # then a length says nothing (RFC 9112 §6.3)
    kept = [
        (key, value)
        for key, value in answer.headers.raw
        if (name := key.lower().decode("latin-1")) in _ANSWERED and not (is_chunked and name == "content-length")
    ]
    names = {key.lower() for key, _ in kept}
    own = {key: value for key, value in SECURITY_HEADERS.items() if key.encode() not in names} | {
        "x-content-type-options": "nosniff"
    }
    kept = [(key, value) for key, value in kept if key.lower() != b"x-content-type-options"]
    return [
        *kept,
        *((key.encode(), value.encode()) for key, value in own.items()),
        (b"content-security-policy", _POLICY.encode()),
    ]


def _provinces(folder: Path) -> dict[str, HubProvince]:
    with open_hub(folder) as db:
        return {province.name: province for province in provinces(db)}


def _known(folder: Path, report: str) -> tuple[list[HubListedReport], dict[str, HubProvince]]:
    with open_hub(folder) as db:
        return reports_called(db, report), {province.name: province for province in provinces(db)}


async def _static(scope: Any, send: Any, name: str) -> None:
    file = static_files().get(name)
    if file is None:
        await _send(scope, send, 404, "text/plain", b"no such file\n")
        return
    await _send(scope, send, 200, file.content_type, file.bodies[""], [("cache-control", "public, max-age=300")])


async def _redirect(scope: Any, send: Any, target: str) -> None:
    parts = urlsplit(target)
    shown = quote(target, safe=":/?#[]@!$&'()*+,;=%") if parts.scheme else quote(target, safe="/?&=%:")
    await _send(scope, send, 302, "text/plain", b"", [("location", shown)])


async def _send(
    scope: Any, send: Any, status: int, kind: str, body: bytes, more: Sequence[tuple[str, str]] = ()
) -> None:
    if kind.startswith("text/") and "charset" not in kind:
        kind += "; charset=utf-8"
    headers = {**SECURITY_HEADERS, "content-type": kind, "content-length": str(len(body)), "cache-control": "no-cache"}
    pairs = [(key.encode(), value.encode("latin-1")) for key, value in (headers | dict(more)).items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
