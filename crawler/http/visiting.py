"""Visits: one address asked for, with redirects, retries and validators, and one line of the visit log at the end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from archive.warc.statuses import is_asked_by_get
from crawler.http.middlewares import RefusedError
from crawler.http.session import REDIRECT
from crawler.http.transport import TransportError
from crawler.pages import classify
from crawler.pages.exchange import NextRequest, PageBytes
from extract.lexicon.resolve import resolve_location
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scrapy.http import Response

    from archive.history.deltas import Told
    from archive.index.known import Known
    from crawler.http.capture import Captured, Purpose
    from crawler.http.session import Session

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 6
#: Verdicts of visits without a request that still are a verdict on the page: it can't be fetched.
_SAID_OF_PAGES = (classify.ROBOTS, classify.UNREACHABLE, classify.TLS, "blocked:")
_RETRY_STATUS = frozenset({408, 429, 500, 502, 503, 504, 520, 522, 523, 524})


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of asking for an address.

    Attributes:
        requested: The address asked for.
        url: The address that answered, after redirects.
        status: `None` if nothing answered, or nothing was asked.
        content: The body without content encoding; empty for 304.
        state: `new`, `same`, `304`, `like`, or `none`: see `Captured`.
        is_asked: Whether a request went out at all.
        told: How the visit log tells a page that is not stored; see `Captured`.
    """

    requested: str
    url: str
    status: int | None
    headers: tuple[tuple[str, str], ...]
    content: bytes
    verdict: str
    evidence: str
    digest: str | None
    state: str
    is_asked: bool = True
    is_held: bool = False
    told: Told | None = None

    @property
    def is_ok(self) -> bool:
        """Whether the page asked for was there."""
        return self.verdict == classify.OK

    @property
    def is_turned_away(self) -> bool:
        """No verdict on the page: blocked, throttled, unreachable, forbidden, not asked."""
        return not self.is_ok and self.verdict not in (classify.GONE, classify.EMPTY, classify.MOVED)

    @property
    def is_front_in_place(self) -> bool:
        """A front page came in place of the article: it is withdrawn, or the host throttles."""
        return self.verdict == classify.THROTTLED and self.evidence == classify.FRONT_IN_PLACE

    def page(self, request: NextRequest, content: bytes | None = None) -> PageBytes:
        """The answer in the form that families read; `content` is that of the stored copy after a 304."""
        status = 200 if self.status == 304 else (self.status or 0)
        return PageBytes(self.url, status, self.headers, self.content if content is None else content, request)


class Visitor:
    """Makes visits through Scrapy's downloader.

    Args:
        download: `engine.download_async`, or what stands for it.
        retries: Further attempts after 429, 5xx and broken connections; the gate decides how long to wait.
    """

    def __init__(self, session: Session, download: Callable[[Request], Awaitable[Response]], retries: int) -> None:
        self._session = session
        self._download = download
        self._retries = retries

    async def fetch(
        self,
        ask: NextRequest | str,
        purpose: Purpose,
        *,
        referer: str | None = None,
        known: Known | None = None,
        is_logged: bool = True,
    ) -> Visit:
        """Ask for an address.

        Args:
            ask: The request, or the address of a plain one.
            purpose: What the capture will say of itself.
            referer: The page that named the address; some portals serve files only with it.
            known: Makes the request conditional, if the archive holds the payload and the server gave validators.
            is_logged: Write the visit's line; else `log` is to be called once it is known what the visit says.
        """
        first = NextRequest(ask) if isinstance(ask, str) else ask
        visit = await self._follow(first, purpose, referer, known)
        if is_logged:
            self.log(visit, purpose)
        if not visit.is_ok:
            logger.info("%s: %s %s", visit.requested, visit.verdict, visit.evidence)
        return visit

    def log(self, visit: Visit, purpose: Purpose) -> None:
        """Write the visit's line; a second one for the page that a redirect led to, if it was there."""
        visits, recorder = self._session.visits, self._session.recorder
        if visits is None or not (visit.is_asked or visit.verdict.startswith(_SAID_OF_PAGES)):
            return
        at = self._session.clock.now()
        urls = [visit.requested, *([visit.url] if visit.url != visit.requested and visit.is_ok else [])]

        def write(is_news: bool) -> None:
            state = visit.state if is_news else "like" if visit.told else "same"
            for url in urls:
                told = visit.told if state == "like" and url == visit.url else None
                visits.visit(url, at, visit.status, visit.verdict, purpose, visit.digest, state, told)

        if visit.is_held and recorder is not None:
            recorder.when_released(write)
        else:
            write(True)

    async def _follow(self, ask: NextRequest, purpose: Purpose, referer: str | None, known: Known | None) -> Visit:
        requested = ask.url.partition("#")[0]
        url, method, body = requested, ask.method, ask.body or b""
        asked: dict[str, int] = {}
        is_asked = False
        while True:
            headers = dict(ask.headers)
            if referer is not None:
                headers.setdefault("Referer", referer)
            if method == "GET":
                headers.update(self._validators(url, known if url == requested else self._session.known.get(url)))
            try:
                captured = await self._attempt(url, method, headers, body, purpose, requested)
            except RefusedError as refusal:
                return Visit(requested, url, None, (), b"", refusal.verdict, refusal.reason, None, "none", is_asked)
            except TransportError as failure:
                return Visit(requested, url, None, (), b"", failure.verdict, failure.detail, None, "none")
            except (ValueError, OverflowError) as error:  # an address that only some parts take for one
                evidence = localizable(f"no exchange with {url[:200]} is possible: {error}")
                return Visit(requested, url, None, (), b"", classify.UNREACHABLE, evidence, None, "none", is_asked)
            is_asked = True
            location = _location(captured)
            if captured.verdict != REDIRECT or location is None:
                return _visit(requested, captured)
            asked[url] = asked.get(url, 0) + 1
            if len(asked) > MAX_REDIRECTS or asked[url] > 2:
                return _visit(requested, captured, classify.UNREACHABLE, f"redirects without end, last to {location}")
            target = resolve_location(url, location)
            if target is None:
                return _visit(requested, captured, classify.UNREACHABLE, f"redirects to no address: {location[:100]!r}")
            referer, url = url, target
            if is_asked_by_get(captured.status, method):
                method, body = "GET", b""

    async def _attempt(
        self, url: str, method: str, headers: dict[str, str], body: bytes, purpose: Purpose, requested: str
    ) -> Captured:
        for left in range(self._retries, -1, -1):
            request = Request(
                url,
                callback=NO_CALLBACK,
                method=method,
                headers=headers,
                body=body,
                meta={"verbatim_url": True, "ogi_purpose": purpose, "ogi_requested": requested},
            )
            try:
                await self._download(request)
            except TransportError as failure:
                if not left or failure.verdict != classify.UNREACHABLE or failure.is_final:
                    raise
                logger.info("%s: %s; trying again", url, failure.detail)
                continue
            captured: Captured = request.meta["ogi_captured"]
            is_passing = captured.status in _RETRY_STATUS or (
                captured.verdict in (classify.THROTTLED, classify.UNREACHABLE)
                and captured.status < 400
                and captured.evidence != classify.FRONT_IN_PLACE  # the pass asks for a neighbour first
            )
            if not left or not is_passing:
                return captured
            logger.info("%s: %s %s; trying again", url, captured.verdict, captured.evidence)
        raise AssertionError("the last attempt returns or raises")

    def _validators(self, url: str, known: Known | None) -> dict[str, str]:
        """Header fields of a conditional request, if a 304 could be read from the archive."""
        if known is None or known.url != url or known.digest is None or known.segment is None or known.verdict != "ok":
            return {}
        fields = {}
        if known.etag:
            fields["If-None-Match"] = known.etag
        if known.last_modified:
            fields["If-Modified-Since"] = known.last_modified
        return fields


def _location(captured: Captured) -> str | None:
    """What the `Location` field says, as it came; `None` without one."""
    return next((value for name, value in captured.headers if name.lower() == "location" and value.strip()), None)


def _visit(requested: str, captured: Captured, verdict: str | None = None, evidence: str | None = None) -> Visit:
    return Visit(
        requested=requested,
        url=captured.url,
        status=captured.status,
        headers=captured.headers,
        content=captured.content,
        verdict=verdict or captured.verdict,
        evidence=evidence or captured.evidence,
        digest=captured.digest,
        state=captured.state,
        is_held=captured.is_held,
        told=captured.told,
    )
