"""Scrapy's downloader middlewares of a harvest, from the spider's side to the wire: scope, robots.txt, cookies, gate, capture.

Each is a few lines around a part that knows no Scrapy. A request carries its `Purpose` as `meta["ogi_purpose"]`; requests of other
spiders have none and pass by.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

from archive.warc.context import Role
from crawler.http.capture import Purpose
from crawler.http.hosts import origin
from crawler.http.politeness import HostStoppedError
from crawler.http.robots import RobotRules, read_rules
from crawler.http.session import REFUSED
from crawler.http.transport import TransportError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.http.session import Session

logger = logging.getLogger(__name__)


#: Why a host is not asked at this moment; says nothing about its rules.
_NOT_NOW = frozenset({"quiet", "cap"})


class RefusedError(IgnoreRequest):
    """Raised when a request is not made, by scope, robots.txt or the host's gate.

    `verdict` is `robots`, `refused` (scope: no verdict on the page), or why the host is left alone.
    """

    def __init__(self, verdict: str, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Keep the crawler; its spider's session is there once it has opened."""
        return cls(crawler)

    @property
    def _session(self) -> Session:
        spider: Any = self._crawler.spider
        session: Session = spider.session
        return session


def _purpose(request: Request) -> Purpose | None:
    return request.meta.get("ogi_purpose")


class ScopeMiddleware(_Middleware):
    """Refuses counters, and addresses outside the portal's hosts, redirects included."""

    def process_request(self, request: Request) -> None:
        """Raise `RefusedError` for an address that is not to be asked for."""
        purpose = _purpose(request)
        if purpose is None:
            return
        reason = self._session.refusal(request.url, purpose.portal)
        if reason is not None:
            raise RefusedError(REFUSED, f"{request.url}: {reason}")


class RobotsMiddleware(_Middleware):
    """Obeys robots.txt: asked for once a job and origin, stored like any page; its Crawl-delay raises the gate's."""

    async def process_request(self, request: Request) -> None:
        """Raise `RefusedError` for what robots.txt forbids."""
        purpose = _purpose(request)
        if purpose is None or purpose.role is Role.ROBOTS:
            return
        session = self._session
        site = origin(request.url)
        rules = session.robots.get(site)
        if rules is None:
            rules = session.robots[site] = await self._ask(site, purpose.portal)
            logger.info("%s: %s", site, rules.reason)
            delay = rules.crawl_delay(session.agent_token)
            if delay is not None:
                session.gate(request.url, purpose.portal).obey_crawl_delay(delay)
        if not rules.allows(request.url, session.agent_token):
            raise RefusedError(rules.verdict, rules.reason if rules.keep_out else f"robots.txt forbids {request.url}")

    async def _ask(self, site: str, portal: str) -> RobotRules:
        spider: Any = self._crawler.spider
        visit = await spider.visitor.fetch(f"{site}/robots.txt", Purpose(portal, Role.ROBOTS))
        if visit.verdict in _NOT_NOW:
            raise RefusedError(visit.verdict, visit.evidence)
        if visit.status is None:
            return RobotRules(visit.evidence, keep_out=True, verdict=visit.verdict)
        rules = read_rules(visit.status, visit.content)
        # A challenge with a server error's status says who keeps us out: not the rules, which nobody has seen.
        is_obstacle = rules.keep_out and visit.verdict.startswith("blocked")
        return replace(rules, verdict=visit.verdict) if is_obstacle else rules


class CookieJarMiddleware(_Middleware):
    """Keeps a portal's cookies for the length of the job: some portals serve only to who returns the cookie they set."""

    def process_request(self, request: Request) -> None:
        """Send what the jar holds for the address."""
        purpose = _purpose(request)
        if purpose is not None:
            field = self._session.cookies(purpose.portal).field(request.url)
            if field:
                request.headers["Cookie"] = field.encode("latin-1")  # the bytes that came

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep what the answer sets."""
        purpose = _purpose(request)
        if purpose is not None and b"Set-Cookie" in response.headers:
            fields = [field.decode("latin-1") for field in response.headers.getlist("Set-Cookie")]
            self._session.cookies(purpose.portal).keep(fields, request.url)
        return response


class PolitenessMiddleware(_Middleware):
    """Holds each request until its host's gate opens, and tells the gate how it ended."""

    async def process_request(self, request: Request) -> None:
        """Wait; raise `RefusedError` if the host is left alone for this pass."""
        purpose = _purpose(request)
        if purpose is None:
            return
        gate = self._session.gate(request.url, purpose.portal)
        try:
            await gate.enter()
        except HostStoppedError as stop:
            raise RefusedError(stop.verdict, stop.reason) from stop
        request.meta["ogi_gate"] = gate

    def process_response(self, request: Request, response: Response) -> Response:
        """Open the gate again, later if the answer asks for patience."""
        gate = request.meta.pop("ogi_gate", None)
        if gate is not None:
            captured = request.meta["ogi_captured"]
            retry_after = response.headers.get("Retry-After")
            gate.leave(captured.verdict, captured.status, retry_after.decode("latin-1") if retry_after else None)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """The same for a request without an answer."""
        gate = request.meta.pop("ogi_gate", None)
        if gate is not None:
            gate.leave(exception.verdict if isinstance(exception, TransportError) else "unreachable", None)


class CaptureMiddleware(_Middleware):
    """Stores every answer as it came off the wire, redirects, errors and robots.txt included."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Judge and store; the result goes along as `meta["ogi_captured"]`."""
        purpose = _purpose(request)
        if purpose is not None:
            request.meta["ogi_captured"] = self._session.capture(
                request.url,
                request.method,
                request.body,
                request.meta["ogi_answer"],
                request.meta["ogi_requested"],
                purpose,
            )
        return response
