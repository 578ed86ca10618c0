"""Reading one list to its end: the walk says what to ask for, the visitor asks, and what the list named is kept with its state."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archive.warc.context import Role
from archive.warc.visit_log import ListProof
from crawler.families.reading import BeginWalk, feed_apart, not_read, read_apart, too_large
from crawler.http.capture import Purpose
from crawler.http.hosts import host_key
from crawler.pages import classify
from crawler.pages.classify import take_fingerprint
from crawler.pages.exchange import MOST_READ, NextRequest, PageBytes
from crawler.pages.saying import page_says
from crawler.passes.memory import GuessMemory
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.index.known import Known
    from archive.warc.context import Entry
    from crawler.http.session import Session
    from crawler.http.visiting import Visit, Visitor
    from crawler.lists.model import Step
    from crawler.lists.walk import Walk
    from crawler.portals.definitions import PortalDefinition

logger = logging.getLogger(__name__)

#: No list of annual reports has so many pages; a walk that asks for more is running in a circle.
MAX_LIST_PAGES = 2000


@dataclass(slots=True)
class ColumnReading:
    """One list: what it named, and whether it was read to its end.

    Attributes:
        verdict: That of the column's first page.
        attachments: Files that the list itself names, by the address of their row.
        verdicts: How often each verdict was met.
        proof: What proves that it was read to its end, or what was left open.
    """

    url: str
    entries: list[Entry] = field(default_factory=list)
    complete: bool = False
    reason: str = ""
    verdict: str = classify.OK
    attachments: dict[str, list[str]] = field(default_factory=dict)
    verdicts: Counter[str] = field(default_factory=Counter)
    proof: ListProof = field(default_factory=ListProof)


@dataclass(frozen=True, slots=True)
class _NoPage:
    verdict: str
    reason: str


def _nothing_stored(known: Known) -> bytes:
    raise LookupError(f"no archive holds {known.url}")


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks for the pages of one column, and counts what verdicts they get."""

    session: Session
    visitor: Visitor
    purpose: Purpose
    verdicts: Counter[str]
    stored: Callable[[Known], bytes]
    pause: Callable[[], None]

    async def ask(self, request: NextRequest, referer: str | None) -> PageBytes | _NoPage:
        """The page, after a 304 as the archive holds it; or why there is none. A script is asked for once in a pass."""
        known = self.session.scripts.get(request.key) if request.is_script else None
        if known is not None:
            return replace(known, request=request)
        page = await self._fetch(request, referer)
        if request.is_script and isinstance(page, PageBytes):
            self.session.scripts[request.key] = page
        return page

    async def _fetch(self, request: NextRequest, referer: str | None) -> PageBytes | _NoPage:
        self.pause()
        known = self.session.known.get(request.url.partition("#")[0]) if request.method == "GET" else None
        visit = await self.visitor.fetch(request, self.purpose, referer=referer, known=known)
        self.verdicts[visit.verdict] += 1
        said = "; ".join(filter(None, (f"{visit.verdict} {visit.evidence}".strip(), _says(visit))))
        if visit.is_turned_away or (referer is None and visit.verdict in (classify.GONE, classify.MOVED)):
            return _NoPage(visit.verdict, said)
        if len(visit.content) > MOST_READ:
            return _NoPage(classify.TRUNCATED, too_large(visit.content))
        if visit.state != "304":
            return visit.page(request)
        held = self.session.known.get(visit.url)
        if held is None:
            return _NoPage(classify.UNREACHABLE, "304 for a page that the archive does not hold")
        return visit.page(request, self.stored(held))


async def read_column(
    column: str,
    portal: PortalDefinition,
    session: Session,
    visitor: Visitor,
    *,
    stored: Callable[[Known], bytes] = _nothing_stored,
    pause: Callable[[], None] = lambda: None,
    guesses: GuessMemory | None = None,
) -> ColumnReading:
    """Read a column with all its pages and sub-lists.

    Args:
        stored: Gives the content that the archive holds for a known address; asked after a 304.
        pause: Called before each request; may raise to stop.
        guesses: What is known of guesses at further pages of the host's lists.
    """
    reading = ColumnReading(column)
    asker = _Asker(session, visitor, Purpose(portal.id, Role.LIST, column=column), reading.verdicts, stored, pause)
    first = await asker.ask(NextRequest(column), None)
    if isinstance(first, _NoPage):
        reading.verdict, reading.reason = first.verdict, first.reason
        return reading
    looks = take_fingerprint(first.status, first.headers, first.body, first.url)
    session.columns.setdefault(host_key(first.url), {})[first.url] = looks
    memory = guesses or GuessMemory()
    begin = BeginWalk(portal.platform, column, memory.skipped, memory.worked, portal.list_of(column), portal.allows)
    try:
        walk, step = read_apart(session.apart, begin, first)
    except Exception as error:  # noqa: BLE001 - the boundary of a page: what it does to its reader costs its list
        reading.reason = not_read(first, error)
        return reading
    queue = _take(reading, step)
    pages = 1
    while queue and not step.finished:
        request = queue.pop(0)
        pages += 1
        if pages > MAX_LIST_PAGES:
            step = walk.fail(request, f"more than {MAX_LIST_PAGES} pages")
        else:
            page = await asker.ask(request, first.url)
            walk, step = _next_step(session, walk, request, page)
        queue.extend(_take(reading, step))
    _settle(reading, step, first)
    return reading


def _next_step(session: Session, walk: Walk, request: NextRequest, page: PageBytes | _NoPage) -> tuple[Walk, Step]:
    """The walk behind a page, and what it says. A page that breaks its reader leaves the list incomplete; the portal's other lists are read."""
    if isinstance(page, _NoPage):
        return walk, walk.fail(request, page.reason)
    walk, step = feed_apart(session.apart, walk, page)
    return walk, step


def _settle(reading: ColumnReading, step: Step, first: PageBytes) -> None:
    """Take over what the walk says of the end."""
    reading.complete = step.finished and step.complete
    reading.reason = step.reason or ("" if step.finished else localizable("the list did not come to an end"))
    if not reading.complete and not reading.entries:
        reading.reason = "; ".join(
            filter(None, (reading.reason, page_says(first.body[: classify.MOST_JUDGED], first.url, first.headers)))
        )
    kind = step.proof.value if step.proof is not None else None
    reading.proof = ListProof(kind, step.quote, step.rows, step.page_rows, step.way, step.tried)


def _says(visit: Visit) -> str:
    if (
        not visit.content or visit.verdict == classify.TRUNCATED
    ):  # of a part, or of bytes in their coding, nothing is quoted
        return ""
    return page_says(visit.content[: classify.MOST_JUDGED], visit.url, visit.headers)


def _take(reading: ColumnReading, step: Step) -> list[NextRequest]:
    reading.entries.extend(step.entries)
    for row, link in step.attachments:
        reading.attachments.setdefault(row, []).append(link.url)
    return list(step.next)
