"""What took place between this program and a web archive: requests as they were sent, answers as they came.

A capture that a web archive gives is derived from such an exchange. The exchange is kept beside it, in two `metadata` records (they accompany a
capture, so that no replay takes the archive's address for one of the portal's): the request and the answer, each as `application/http`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.warc.members import compress
from archive.warc.records import Exchange, build_record, clean_uri, new_id, request_block, response_head

if TYPE_CHECKING:
    from datetime import datetime

    from archive.clock import Clock
    from crawler.discovery.asking import PoliteFetcher
    from crawler.pages.exchange import NextRequest, PageBytes


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A request that was made, its answer, and when (UTC)."""

    page: PageBytes
    at: datetime

    def records(self, beside: str) -> bytes:
        """Its records as gzip members. `beside`: the id of the capture that they belong to."""
        page = self.page
        exchange = Exchange(
            url=str(page.url),
            method=page.request.method,
            request_headers=page.request.headers,
            request_body=page.request.body or b"",
            status=page.status,
            reason=page.reason,
            response_headers=page.headers,
            body=page.body,
            ip=None,
            at=self.at,
        )
        answer = response_head(exchange, stored_length=len(page.body)) + page.body
        blocks = (("request", request_block(exchange)), ("response", answer))
        return b"".join(self._record(kind, block, beside) for kind, block in blocks)

    def _record(self, kind: str, block: bytes, beside: str) -> bytes:
        fields = [
            ("WARC-Target-URI", clean_uri(str(self.page.url))),
            ("WARC-Concurrent-To", beside),
            ("Content-Type", f"application/http;msgtype={kind}"),
        ]
        return compress(build_record("metadata", fields, block, at=self.at, record_id=new_id()))


@dataclass(slots=True)
class NotedExchanges:
    """Asks, and notes every exchange until it is taken."""

    fetcher: PoliteFetcher
    clock: Clock
    _noted: list[Exchanged] = field(default_factory=list)

    def as_sent(self, request: NextRequest) -> PageBytes:
        """One answer as its server sent it. Raises `NotFetched`."""
        at = self.clock.now()
        page = self.fetcher.as_sent(request)
        self._noted.append(Exchanged(page, at))
        return page

    def take(self) -> list[Exchanged]:
        """What was noted since this was called last."""
        noted, self._noted = self._noted, []
        return noted
