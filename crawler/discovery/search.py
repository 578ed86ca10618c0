"""Finding a portal's annual-report columns from any of its pages: a pure state machine that `ogi probe` and the harvest drive.

Columns move at each redesign and carry random suffixes, so they are not guessed but read from menus, site maps and the few fixed
routes that a platform has (field guide §10). A candidate counts only after its own first rows have been read.

`leads` is the queue, `follow` says where a page leads, `trial` checks a candidate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from crawler.discovery.follow import columns_of_article, is_within, links_of, page_context, unit_link, units_of
from crawler.discovery.leads import GATE, LIKELY, MOST_LEADS, PROVEN, ROUTE, CandidateLink, Lead, Leads
from crawler.discovery.trial import FoundColumn, Trial, may_be_column, shows_report, without_rows
from crawler.families import open_walk, registry
from crawler.lists.anchors import Anchor, anchors_of
from crawler.lists.reader import text_of_page
from crawler.lists.walk import jump_target
from crawler.pages import markup
from crawler.pages.classify import classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.portals.definitions import PortalDefinition
from extract.lexicon.addresses import canonical, slug_rank

if TYPE_CHECKING:
    from crawler.lists.model import Step


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How far a search goes. A search that meets a limit says so."""

    requests: int = 120
    units: int = 60
    requests_a_column: int = 4


@dataclass(frozen=True, slots=True)
class DiscoveryStep:
    """What an answer led to: further requests, and whether the search is over."""

    next: tuple[NextRequest, ...]
    finished: bool


class Discovery:
    """Searches a portal for its annual-report columns.

    Give each answer to `feed` (or `fail`), fetch what it asks for, until it is finished; then read `found`, `problems` and `notes`.

    Args:
        portal: The portal's definition; its name and hosts bound the search. `for_url` makes one for a bare address.
        limits: How far to go.
    """

    def __init__(self, portal: PortalDefinition, limits: SearchLimits | None = None) -> None:
        self.portal = portal
        self.found: list[FoundColumn] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.site_name = ""
        self.home_title = ""
        self._limits = limits or SearchLimits()
        self._allows = portal.allows
        self._leads = Leads(self._allows)
        self._requests = 0
        self._units = 0
        self._asked: set[tuple[str, str, bytes | None]] = set()
        self._visiting: dict[tuple[str, str, bytes | None], Lead] = {}
        self._trial: Trial | None = None
        self._tried_routes = False
        self._answered = False
        self._began_at: FoundColumn | None = None
        self._unit_hosts_off_site: set[str] = set()

    @classmethod
    def for_url(cls, url: str, limits: SearchLimits | None = None) -> Discovery:
        """A search from a bare address."""
        return cls(
            PortalDefinition(id="probe", name="", region="", platform="auto", start=(), url=url, delay=2.0), limits
        )

    def start(self, url: str | None = None) -> tuple[NextRequest, ...]:
        """The first requests: the given page, by default the portal's own address; its site's root follows."""
        first = url or self.portal.url
        parts = urlsplit(first)
        root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        is_platform = "/gkmlpt/" in parts.path
        if registry().is_article(first):
            self._leads.add(CandidateLink(GATE, first, ""), 0)
            for column in columns_of_article(first):
                self._leads.add(CandidateLink(LIKELY, column, ""), 1)
        elif is_platform:
            self._leads.add(CandidateLink(PROVEN, first, ""), 0)
        else:
            self._leads.add(CandidateLink(GATE - 1 if slug_rank(first) is not None else GATE, first, ""), 0)
        if canonical(root) != canonical(first):
            # The pages of gkmlpt have no menu in their HTML: only the site's own lead to the units.
            self._leads.add(CandidateLink(GATE if is_platform else ROUTE, root, ""), 0)
        return self._advance().next

    def feed(self, page: PageBytes) -> DiscoveryStep:
        """Take an answer of whatever status."""
        if self._trial is not None and self._trial.expects(page.request):
            trial = self._trial
            self._after_trial(trial, trial.walk.feed(page))
            return self._advance()
        lead = self._visiting.pop(page.request.key, None)
        if lead is None:
            return DiscoveryStep((), self._is_finished())
        verdict = classify(page.status, page.headers, page.body, page.url, page.request.url, is_list=True)
        if verdict.is_blocked:
            self.problems.append(f"{page.request.url}: {verdict.verdict} ({verdict.evidence})")
            return self._advance()
        self._answered = True
        if page.status >= 400 or not page.body.strip():
            if not self._leads.try_other_spelling(lead.url, self._asked) and lead.rank != ROUTE:
                self.notes.append(f"{page.request.url}: answered {page.status}, named by {lead.label or 'the start'!r}")
            return self._advance()
        if not self._allows(page.url):
            self.notes.append(f"{page.request.url}: leads off the portal, to {page.url}")
            return self._advance()
        self._read(lead, page)
        return self._advance()

    def fail(self, request: NextRequest, reason: str) -> DiscoveryStep:
        """Take note of a request without a usable answer."""
        if self._trial is not None and self._trial.expects(request):
            trial = self._trial
            self._after_trial(trial, trial.walk.fail(request, reason))
            return self._advance()
        if self._visiting.pop(request.key, None) is not None:
            self.problems.append(f"{request.url}: {reason}")
        return self._advance()

    def _is_finished(self) -> bool:
        return self._trial is None and not self._visiting and not self._leads

    def _advance(self) -> DiscoveryStep:
        """The next request, if there is none under way."""
        if self._trial is not None:
            request = self._trial.take()
            if request is not None and self._may_ask():
                return DiscoveryStep((request,), False)
            if request is not None:
                self._finish_trial(self._trial)
            elif self._trial.waits():
                return DiscoveryStep((), False)
        if self._visiting:
            return DiscoveryStep((), False)
        lead = self._next_lead()
        if lead is None:
            return self._end()
        request = NextRequest(lead.url)
        self._asked.add(request.key)
        self._visiting[request.key] = lead
        return DiscoveryStep((request,), False)

    def _next_lead(self) -> Lead | None:
        """The next link that is worth a request, `None` at the end of the search."""
        while self._leads or self._try_routes():
            lead = self._leads.take()
            if NextRequest(lead.url).key in self._asked or (lead.rank == ROUTE and self.found):
                continue
            if lead.depth > 0 and self._is_row(lead.url):
                continue
            if lead.is_column and any(is_within(lead.url, column.url) for column in self.found):
                continue
            if self._may_ask():
                return lead
            self._leads.clear()
            return None
        return None

    def _is_row(self, url: str) -> bool:
        """Whether a list that was found names this address: then it is one of its reports, or its files."""
        rows = (entry.url for column in self.found if not column.is_report for entry in column.entries)
        return any(canonical(row) == canonical(url) for row in rows)

    def _end(self) -> DiscoveryStep:
        """The end: a report that the search began at is the column if there is no other, as on sites that show their only one in its place."""
        if not self.found and self._began_at is not None:
            self.found.append(self._began_at)
        self.found = without_rows(self.found)
        if self._leads.is_full:
            self.problems.append(f"more than {MOST_LEADS} links that may lead to columns; the rest was not looked at")
        return DiscoveryStep((), True)

    def _may_ask(self) -> bool:
        self._requests += 1
        if self._requests == self._limits.requests + 1:
            self.problems.append(
                f"the search ended after {self._limits.requests} requests with {len(self._leads) + 1} leads left"
            )
        return self._requests <= self._limits.requests

    def _try_routes(self) -> bool:
        """Fixed routes, when menus led nowhere: the one that a whole province shares, and the site map file."""
        if self._tried_routes or self.found or not self._answered:
            return False  # if the start page refuses us, guess no other addresses
        self._tried_routes = True
        for route in ("/gkmlpt/annualreport", "/sitemap.xml"):
            self._leads.add(CandidateLink(ROUTE, urljoin(self.portal.url, route), ""), 1)
        return bool(self._leads)

    # pages

    def _read(self, lead: Lead, page: PageBytes) -> None:
        text = text_of_page(page)
        target = jump_target(text, page.url, page.headers)
        if target is not None:
            self._leads.add(CandidateLink(lead.rank, target, lead.label, lead.unit), lead.depth + 1, is_jump=True)
            return
        if text.lstrip().startswith("<?xml") and "<urlset" in text[:2000]:
            self._read_site_map(lead, text)
            return
        if lead.depth == 0 and not self.site_name:
            self.site_name = markup.meta_of(text, "SiteName")
            self.home_title = markup.title_of(text)
        root = markup.parse(text)
        anchors = anchors_of(root, markup.base_of(root, page.url)) if root is not None else []
        is_report = shows_report(text)
        self._follow(lead, page, text, anchors, is_report=is_report)
        may_be = may_be_column(text, page.url, anchors) or (lead.depth == 0 and is_report)
        if (lead.is_column or may_be) and not (registry().is_article(page.url) and not lead.label):
            self._try(lead, page)

    def _read_site_map(self, lead: Lead, text: str) -> None:
        for address in re.findall(r"<loc>\s*([^<\s]+)\s*</loc>", text):
            rank = slug_rank(address)
            if rank is not None and not registry().is_article(address):
                self._leads.add(CandidateLink(LIKELY + rank, address, "site map"), lead.depth + 1)

    def _follow(self, lead: Lead, page: PageBytes, text: str, anchors: list[Anchor], *, is_report: bool) -> None:
        """Note where a page leads: columns by label or address, gateways to them, units one level down."""
        context = page_context(lead, page.url, text, shows_report=is_report)
        for found in links_of(context, anchors):
            self._leads.add(found, lead.depth + 1)
        for anchor in units_of(context, anchors):
            if not self._allows(anchor.url):
                self._note_own_host(anchor)
                continue
            if self._units >= self._limits.units:
                if self._units == self._limits.units:
                    self._units += 1
                    self.problems.append(f"more than {self._limits.units} units; the rest was not looked at")
                return
            self._units += 1
            self._leads.add(unit_link(anchor), lead.depth + 1)

    def _note_own_host(self, anchor: Anchor) -> None:
        host = urlsplit(anchor.url).netloc
        if host not in self._unit_hosts_off_site:
            self._unit_hosts_off_site.add(host)
            self.notes.append(f"{anchor.title} has a site of its own, {host}: it needs a definition of its own")

    # candidate checks

    def _try(self, lead: Lead, page: PageBytes) -> None:
        """Read the first rows of a candidate."""
        column = lead.url if lead.url.partition("#")[0] == page.url else page.url
        walk = open_walk("auto", column)
        trial = Trial(lead, column, walk, page, text_of_page(page))
        first = PageBytes(page.url, page.status, page.headers, page.body, walk.start())
        self._trial = trial
        self._after_trial(trial, walk.feed(first))

    def _after_trial(self, trial: Trial, step: Step) -> None:
        trial.take_in(step)
        if (
            trial.rows_suffice()
            or (step.finished and not trial.waits())
            or trial.asked >= self._limits.requests_a_column
        ):
            self._finish_trial(trial)

    def _finish_trial(self, trial: Trial) -> None:
        self._trial = None
        column = trial.verdict()
        if column is None:
            if trial.lead.is_column:
                self.notes.append(
                    f"{trial.column}: looked like a column of reports ({trial.lead.label!r}), {trial.why_not()}"
                )
            return
        if not trial.lead.label and trial.lead.depth == 0 and trial.is_report:
            self._began_at = column
            return
        if all(
            canonical(column.url) != canonical(other.url) or "#" in column.url != "#" in other.url
            for other in self.found
        ):
            self.found.append(column)
