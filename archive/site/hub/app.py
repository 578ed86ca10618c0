"""The hub as an ASGI application: its own pages, and `/p/NAME/…`, which is the province's."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from archive.site.http.addresses import split_language, with_language
from archive.site.http.layers import METHODS, SECURITY_HEADERS
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
_NOT_ANSWERED = (
    "connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "set-cookie",
    "server",
    "date",
    "trailer",
    "te",
)


@dataclass(slots=True)
class Hub:
    """The application. One client asks all provinces, so that connections are kept."""

    folder: Path
    client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; open and close the client with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self.client = client_for_pages()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.client.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Any, send: Any) -> None:
        assert self.client is not None, "the server opens it"
        if scope["method"] not in METHODS[:2]:
            await _send(scope, send, 405, "text/plain", b"the hub only reads\n", [("allow", "GET, HEAD")])
            return
        raw = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        through = _PROVINCE.fullmatch(raw)
        if through is not None:
            await self._province(scope, send, through[1], through[2])
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

    async def _province(self, scope: Any, send: Any, name: str, rest: str | None) -> None:
        """Pass the question on and the answer back as it comes; lead to the province where its site runs under an address of its own."""
        assert self.client is not None
        known = await asyncio.to_thread(_provinces, self.folder)
        query = scope["query_string"].decode("latin-1")
        if name not in known:
            await _send(scope, send, 404, "text/plain", b"the hub knows no such province\n")
            return
        target = known[name].url + (rest or "/") + (f"?{query}" if query else "")
        if not known[name].is_through:
            await _redirect(scope, send, target)
            return
        headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
        request = self.client.build_request(
            scope["method"], target, headers=[(key, value) for key, value in headers if key.lower() in _ASKED]
        )
        try:
            answer = await self.client.send(request, stream=True, follow_redirects=False)
        except httpx.HTTPError as error:
            said = (
                f"{name} does not answer ({type(error).__name__}); what the hub knows of it is of its last gathering\n"
            )
            await _send(scope, send, 502, "text/plain", said.encode())
            return
        try:
            passed = [(key, value) for key, value in answer.headers.raw if key.lower().decode() not in _NOT_ANSWERED]
            await send({"type": "http.response.start", "status": answer.status_code, "headers": passed})
            async for (
                piece
            ) in answer.aiter_raw():  # an error in the middle ends the connection: a failed transfer, no short file
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()


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
