"""Finding a portal's annual-report columns from any of its pages: a pure state machine that `ogi probe` and the harvest drive.

Columns move at each redesign and carry random suffixes, so they are not guessed but read from menus, site maps and the few fixed
routes that a platform has (portals.md §10). A candidate counts only after its own first rows have been looked at.
"""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit, urlunsplit

from crawler.families import open_walk
from crawler.families.detect import detect_text
from crawler.families.gkmlpt import read_tree, report_categories, site_base
from crawler.families.model import Step
from crawler.families.reader import text_of_page
from crawler.families.rows import Anchor, anchors_of
from crawler.families.walk import Walk, has_report_marks, jump_target
from crawler.pages import markup
from crawler.pages.classify import classify
from crawler.pages.exchange import NextRequest, PageBytes
from crawler.pages.markup import canonical
from crawler.portals.definitions import PortalDefinition
from extract.lexicon.addresses import is_article, is_counter, is_file, slug_rank
from extract.lexicon.titles import Judgement, column_label_rank, judge_title, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.warc.context import Entry

_GATEWAY = re.compile(
    r"\A(?:政府信息公开|政务公开|信息公开|政府信息公开(?:专栏|目录|平台|网|栏目)|信息公开(?:专栏|目录|平台|网|栏目)|政务公开(?:专栏|目录|平台)"
    r"|公开目录|法定主动公开内容|主动公开|政务信息公开|(?:政府|政务)?信息公开(?:指南|制度)|网站地图|站点地图|站点导航|公开|政务)\Z"
)
_UNITS = re.compile(
    r"(?:部门|乡镇|镇街|镇\(街道\)|街镇|街道|各[单部]位?|[省市区县]直(?:单位|部门)?|[省市区县]级(?:单位|部门)|委办局|园区|镇乡|重点领域单位)"
    r"(?:单位)?(?:信息公开|政务公开|政府信息公开|公开|网站|机构|平台|目录|年报)?(?:平台|目录|专栏)?\Z"
)
_ORGAN = re.compile(
    r"\A[\u4e00-\u9fff（）()·]{2,30}(?:人民政府|政府|办公室|政府办|委员会|管委会|[局委办厅处署站所]|支队|街道办事处|街道|[镇乡]|中心|开发区|新区|园区)(?:信息公开|政府信息公开|政务公开)?\Z"
)
_PAGE_LABEL = re.compile(r"\A(?:\[?\d{1,4}\]?|首页|尾页|末页|[上下前后]一?页|[<>«»‹›]+)\Z")
_PROVEN, _LIKELY, _WEAK, _GATE, _UNIT_GATE, _UNIT, _ROUTE = 0, 1, 3, 4, 5, 6, 8
_MAX_DEPTH = 4
_FEW_ORGANS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a search goes. A search that meets a limit says so."""

    requests: int = 120
    units: int = 60
    requests_a_column: int = 4


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column that lists annual reports.

    Attributes:
        url: Its address, as a definition's `start` takes it.
        family: The family that reads it.
        label: The words that led there.
        unit: The unit whose column it is, as the menu names it; empty for the portal's own.
        evidence: Why it is taken for one.
        entries: The rows of its first page.
        is_guess: Nothing but a label or an address speaks for it.
    """

    url: str
    family: str
    label: str
    unit: str
    evidence: str
    entries: tuple[Entry, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class DiscoveryStep:
    """What an answer led to: further requests, and whether the search is over."""

    next: tuple[NextRequest, ...]
    finished: bool


@dataclass(order=True, slots=True)
class _Lead:
    """An address worth a look; the smallest is looked at first."""

    rank: int
    number: int
    url: str = field(compare=False)
    label: str = field(compare=False)
    unit: str = field(compare=False)
    depth: int = field(compare=False)

    @property
    def is_column(self) -> bool:
        """Whether the address is taken for a column of reports, not for a page that leads to one."""
        return self.rank <= _WEAK


class Discovery:
    """Searches a portal for its annual-report columns.

    Give each answer to `feed` (or `fail`), fetch what it asks for, until it is finished; then read `found`, `problems` and `notes`.

    Args:
        portal: The portal's definition; its name and hosts bound the search. `for_url` makes one for a bare address.
        limits: How far to go.
        allows: Whether an address may be asked for; by default what the definition allows.
    """

    def __init__(
        self, portal: PortalDefinition, limits: Limits | None = None, allows: Callable[[str], bool] | None = None
    ) -> None:
        self.portal = portal
        self.found: list[FoundColumn] = []
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.site_name = ""
        self.home_title = ""
        self._limits = limits or Limits()
        self._allows = allows or portal.allows
        self._leads: list[_Lead] = []
        self._best: dict[str, int] = {}
        self._spellings: dict[str, dict[str, _Lead]] = {}
        self._number = 0
        self._requests = 0
        self._units = 0
        self._asked: set[tuple[str, str, bytes | None]] = set()
        self._looking: dict[tuple[str, str, bytes | None], _Lead] = {}
        self._trial: _Trial | None = None
        self._tried_routes = False
        self._answered = False
        self._began_at: FoundColumn | None = None
        self._unit_hosts_off_site: set[str] = set()

    @classmethod
    def for_url(cls, url: str, limits: Limits | None = None) -> Discovery:
        """A search from a bare address."""
        return cls(
            PortalDefinition(id="probe", name="", region="", platform="auto", start=(), url=url, delay=2.0), limits
        )

    def start(self, url: str | None = None) -> tuple[NextRequest, ...]:
        """The first requests: the given page, by default the portal's own address; its site's root follows."""
        first = url or self.portal.url
        parts = urlsplit(first)
        root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        if is_article(first):
            self._lead(_GATE, first, "", "", 0)
            for column in _columns_of_article(first):
                self._lead(_LIKELY, column, "", "", 1)
        elif "/gkmlpt/" in parts.path:
            self._lead(_PROVEN, first, "", "", 0)
        else:
            self._lead(_GATE - 1 if slug_rank(first) is not None else _GATE, first, "", "", 0)
        if canonical(root) != canonical(first):
            # The pages of gkmlpt have no menu in their HTML: only the site's own lead to the units.
            self._lead(_GATE if "/gkmlpt/" in parts.path else _ROUTE, root, "", "", 0)
        return self._advance().next

    def feed(self, page: PageBytes) -> DiscoveryStep:
        """Take an answer of whatever status."""
        if self._trial is not None and self._trial.expects(page.request):
            trial = self._trial
            self._after_trial(trial, trial.walk.feed(page))
            return self._advance()
        lead = self._looking.pop(page.request.key, None)
        if lead is None:
            return DiscoveryStep((), self._is_finished())
        verdict = classify(page.status, page.headers, page.body, page.url, page.request.url, is_list=True)
        if verdict.is_blocked:
            self.problems.append(f"{page.request.url}: {verdict.verdict} ({verdict.evidence})")
            return self._advance()
        self._answered = True
        if page.status >= 400 or not page.body.strip():
            if not self._try_other_spelling(lead.url) and lead.rank != _ROUTE:
                self.notes.append(f"{page.request.url}: answered {page.status}, named by {lead.label or 'the start'!r}")
            return self._advance()
        if not self._allows(page.url):
            self.notes.append(f"{page.request.url}: leads off the portal, to {page.url}")
            return self._advance()
        self._look(lead, page)
        return self._advance()

    def fail(self, request: NextRequest, reason: str) -> DiscoveryStep:
        """Take note of a request without a usable answer."""
        if self._trial is not None and self._trial.expects(request):
            trial = self._trial
            self._after_trial(trial, trial.walk.fail(request, reason))
            return self._advance()
        if self._looking.pop(request.key, None) is not None:
            self.problems.append(f"{request.url}: {reason}")
        return self._advance()

    def _is_finished(self) -> bool:
        return self._trial is None and not self._looking and not self._leads

    # leads

    def _lead(self, rank: int, url: str, label: str, unit: str, depth: int, *, is_jump: bool = False) -> None:
        """Note an address; an address noted twice keeps its better rank.

        A page that jumps to another spelling of its own address (`/` to `/index.shtml`) means that other page.
        """
        key = self._key(url)
        if depth > _MAX_DEPTH or is_counter(url) or is_file(url) or not self._allows(url):
            return
        self._number += 1
        lead = _Lead(rank, self._number, url, label, unit, depth)
        if self._best.get(key, 99) <= rank and not is_jump:
            self._spellings.setdefault(key, {}).setdefault(url, lead)
            return
        self._best[key] = rank
        heapq.heappush(self._leads, lead)

    def _key(self, url: str) -> str:
        return canonical(url) + ("#" + urlsplit(url).fragment if urlsplit(url).fragment.isdigit() else "")

    def _try_other_spelling(self, url: str) -> bool:
        """Ask for a page that is missing by another of the addresses that lead to it: not every server knows both `/x/` and `/x/index.html`."""
        spellings = self._spellings.get(self._key(url), {})
        other = next((lead for lead in spellings.values() if NextRequest(lead.url).key not in self._asked), None)
        if other is not None:
            heapq.heappush(self._leads, other)
        return other is not None

    def _advance(self) -> DiscoveryStep:
        """The next request, if there is none under way."""
        if self._trial is not None:
            request = self._trial.take()
            if request is not None:
                if self._may_ask():
                    return DiscoveryStep((request,), False)
                self._finish_trial(self._trial)
            elif self._trial.waits():
                return DiscoveryStep((), False)
        if self._looking:
            return DiscoveryStep((), False)
        while True:
            if not self._leads and not self._try_routes():
                return self._end()
            lead = heapq.heappop(self._leads)
            request = NextRequest(lead.url)
            if request.key in self._asked or (lead.rank == _ROUTE and self.found):
                continue
            if lead.is_column and any(_is_within(lead.url, column.url) for column in self.found):
                continue
            if not self._may_ask():
                self._leads.clear()
                return self._end()
            self._asked.add(request.key)
            self._looking[request.key] = lead
            return DiscoveryStep((request,), False)

    def _end(self) -> DiscoveryStep:
        """The end: a report that the search began at is the column if there is no other, as on sites that show their only one in its place."""
        if not self.found and self._began_at is not None:
            self.found.append(self._began_at)
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
            return False  # who is turned away at the door does not try the windows
        self._tried_routes = True
        for route in ("/gkmlpt/annualreport", "/sitemap.xml"):
            self._lead(_ROUTE, urljoin(self.portal.url, route), "", "", 1)
        return bool(self._leads)

    # pages

    def _look(self, lead: _Lead, page: PageBytes) -> None:
        text = text_of_page(page)
        shell = jump_target(text, page.url)
        if shell is not None:
            self._lead(lead.rank, shell, lead.label, lead.unit, lead.depth + 1, is_jump=True)
            return
        if text.lstrip().startswith("<?xml") and "<urlset" in text[:2000]:
            for address in re.findall(r"<loc>\s*([^<\s]+)\s*</loc>", text):
                if slug_rank(address) is not None and not is_article(address):
                    self._lead(_LIKELY + slug_rank_of(address), address, "site map", "", lead.depth + 1)
            return
        if lead.depth == 0 and not self.site_name:
            self.site_name = markup.meta_of(text, "SiteName")
            self.home_title = markup.title_of(text)
        root = markup.parse(text)
        anchors = anchors_of(root, markup.base_of(root, page.url)) if root is not None else []
        self._follow(lead, page, text, anchors)
        may_be = _may_be_column(text, page.url, anchors) or (lead.depth == 0 and _shows_report(text))
        if (lead.is_column or may_be) and not (is_article(page.url) and not lead.label):
            self._try(lead, page)

    def _follow(self, lead: _Lead, page: PageBytes, text: str, anchors: list[Anchor]) -> None:
        """Note where a page leads: columns by label or address, gateways to them, units."""
        organs = [anchor for anchor in anchors if _ORGAN.match(normalise(anchor.title)) and not is_article(anchor.url)]
        in_disclosure = (
            re.search(r"信息公开|政务公开", markup.title_of(text) + markup.meta_of(text, "ColumnName") + lead.label)
            is not None
        )
        is_report = lead.depth == 0 and (is_article(page.url) or _shows_report(text))
        for anchor in anchors:
            label = normalise(anchor.title)
            if is_article(anchor.url) or _PAGE_LABEL.match(label):
                continue
            if "/gkmlpt/" in urlsplit(anchor.url).path:
                base = site_base(anchor.url)
                if "/gkmlpt/" in page.url and canonical(base) == canonical(site_base(page.url)):
                    continue  # the platform's own tabs
                fragment = (anchor.element.get("href") or "").partition("#")[2]
                route = f"{base}/gkmlpt/annualreport" + (
                    f"#{fragment}" if fragment.isdigit() and "annualreport" in anchor.url else ""
                )
                unit = anchor.title if _ORGAN.match(label) else lead.unit
                self._lead(_LIKELY, route, anchor.title, unit, lead.depth + 1)
                self._lead(_WEAK, f"{base}/gkmlpt/index", anchor.title, unit, lead.depth + 1)
                continue
            title = judge_title(label)
            rejected = title.judgement is Judgement.REJECT
            rank = None if rejected else column_label_rank(label)
            slug = None if rejected else slug_rank(anchor.url)
            if slug == 0 and _slug_folder(anchor.url) == _slug_folder(page.url) and not is_report:
                continue  # pages, years and units of the column that this page belongs to: its walk follows them
            unit = lead.unit or (title.agency or "")
            if rank == 0 or slug == 0:
                self._lead(
                    _PROVEN if rank == 0 and slug is not None else _LIKELY,
                    anchor.url,
                    anchor.title,
                    unit,
                    lead.depth + 1,
                )
            elif rank == 1 or (rank == 2 and (in_disclosure or slug is not None)) or (slug == 1 and in_disclosure):
                self._lead(_LIKELY + 1, anchor.url, anchor.title, unit, lead.depth + 1)
            elif _GATEWAY.match(label) and not lead.unit:
                self._lead(_GATE, anchor.url, anchor.title, "", lead.depth + 1)
            elif _UNITS.search(label) and not lead.unit:
                self._lead(_UNIT_GATE, anchor.url, anchor.title, "", lead.depth + 1)
        if not lead.unit and (len(organs) >= _FEW_ORGANS or _UNITS.search(normalise(lead.label))):
            self._follow_units(lead, organs)

    def _follow_units(self, lead: _Lead, organs: list[Anchor]) -> None:
        """The units that a page names, one level down."""
        for anchor in organs:
            if not self._allows(anchor.url):
                self._note_own_host(anchor)
                continue
            if self._units >= self._limits.units:
                if self._units == self._limits.units:
                    self._units += 1
                    self.problems.append(f"more than {self._limits.units} units; the rest was not looked at")
                return
            self._units += 1
            url, rank = anchor.url, _UNIT
            organ = re.search(r"(.*/public/column/\d+)", url.partition("?")[0])
            if organ:  # this family keeps every unit's reports at a fixed place
                url, rank = organ.group(1) + "?" + urlencode({"type": "3", "action": "list"}), _WEAK
            self._lead(rank, url, anchor.title, anchor.title, lead.depth + 1)

    def _note_own_host(self, anchor: Anchor) -> None:
        host = urlsplit(anchor.url).netloc
        if host not in self._unit_hosts_off_site:
            self._unit_hosts_off_site.add(host)
            self.notes.append(f"{anchor.title} has a site of its own, {host}: it needs a definition of its own")

    # trials

    def _try(self, lead: _Lead, page: PageBytes) -> None:
        """Read the first rows of a candidate."""
        column = lead.url if lead.url.partition("#")[0] == page.url else page.url
        walk = open_walk("auto", column)
        trial = _Trial(lead, column, walk, page, text_of_page(page))
        first = PageBytes(page.url, page.status, page.headers, page.body, walk.start())
        self._trial = trial
        self._after_trial(trial, walk.feed(first))

    def _after_trial(self, trial: _Trial, step: Step) -> None:
        trial.take_in(step)
        if (
            trial.rows_suffice()
            or (step.finished and not trial.waits())
            or trial.asked >= self._limits.requests_a_column
        ):
            self._finish_trial(trial)

    def _finish_trial(self, trial: _Trial) -> None:
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


def _slug_folder(url: str) -> str:
    """The address up to the folder whose name means the reports, empty if there is none: `/zfxxgk/zfxxgknb/2022n/` → `/zfxxgk/zfxxgknb`."""
    parts = urlsplit(url)
    kept: list[str] = []
    for part in parts.path.split("/"):
        kept.append(part.partition(".")[0])
        if part and slug_rank(f"/{part}") == 0:
            return f"{parts.netloc}{'/'.join(kept)}"
    return ""


def _columns_of_article(url: str) -> list[str]:
    """Columns that an article's address names: by a number, by the platform's fixed route, or by the folder that means the reports."""
    parts = urlsplit(url)
    if "/gkmlpt/" in parts.path:
        return [f"{site_base(url)}/gkmlpt/annualreport"]
    organ = re.search(r"\A(.*)/public/(\d+)/\d+\.html\Z", parts.path)
    if organ:
        return [urljoin(url, f"{organ.group(1)}/public/column/{organ.group(2)}?type=3&action=list")]
    found = re.search(r"/art_(\d{5,})_\d+\.html?\Z", parts.path) or re.search(r"/col/col(\d+)/art/", parts.path)
    if found:
        return [urljoin(url, f"/col/col{found.group(1)}/index.html")]
    folder = _slug_folder(url)
    return [f"{parts.scheme}://{folder}/"] if folder else []


def _is_within(url: str, other: str) -> bool:
    """Whether two addresses are one column: the same page, one platform of one unit, or a folder of the other."""
    if "/gkmlpt/" in url and "/gkmlpt/" in other:
        return canonical(site_base(url)) == canonical(site_base(other))
    folder = _slug_folder(url)
    return canonical(url) == canonical(other) or (folder != "" and folder == _slug_folder(other))


def slug_rank_of(url: str) -> int:
    """`slug_rank`, 2 for an address that says nothing."""
    rank = slug_rank(url)
    return 2 if rank is None else rank


def _shows_report(text: str) -> bool:
    """Whether a page is an article that holds a report."""
    return bool(markup.meta_of(text, "ArticleTitle")) and has_report_marks(markup.visible_text(text))


def _may_be_column(text: str, url: str, anchors: list[Anchor]) -> bool:
    """Whether a page reached on the way is itself a column of reports: by name, or by what it lists."""
    if slug_rank(url) == 0:
        return True
    names = (markup.meta_of(text, "ColumnName"), *re.split(r"[-_—|]", markup.title_of(text)))
    if any(column_label_rank(name) in (0, 1) for name in names if name):
        return True
    if "/gkmlpt/" in url:
        return bool(report_categories(read_tree(text)))
    named = {
        canonical(anchor.url)
        for anchor in anchors
        if is_article(anchor.url) and judge_title(anchor.title).judgement is Judgement.ACCEPT
    }
    articles = {canonical(anchor.url) for anchor in anchors if is_article(anchor.url)}
    return len(named) >= 2 and 2 * len(named) >= len(articles)


class _Trial:
    """The first look at a candidate's rows."""

    def __init__(self, lead: _Lead, column: str, walk: Walk, page: PageBytes, text: str) -> None:
        self.lead = lead
        self.column = column
        self.walk = walk
        self.text = text
        self.asked = 0
        self._queue: list[NextRequest] = []
        self._waiting: set[tuple[str, str, bytes | None]] = set()
        self._entries: list[Entry] = []
        self._reason = ""
        self._own_report = has_report_marks(markup.visible_text(text))
        self.is_report = _shows_report(text)
        self._names = (markup.meta_of(text, "ColumnName"), *re.split(r"[-_—|]", markup.title_of(text)))
        self._url = page.url

    def expects(self, request: NextRequest) -> bool:
        return request.key in self._waiting

    def waits(self) -> bool:
        return bool(self._waiting or self._queue)

    def take(self) -> NextRequest | None:
        """The next request of the trial."""
        if not self._queue:
            return None
        request = self._queue.pop(0)
        self._waiting.add(request.key)
        self.asked += 1
        return request

    def take_in(self, step: Step) -> None:
        self._waiting.clear()
        self._entries += step.entries
        self._queue += step.next
        self._reason = step.reason

    def rows_suffice(self) -> bool:
        """Whether enough rows are there to judge."""
        return sum(judge_title(entry.title).judgement is Judgement.ACCEPT for entry in self._entries) >= 1

    def verdict(self) -> FoundColumn | None:
        """The column, if its rows or its names prove it."""
        accepted = [entry for entry in self._entries if judge_title(entry.title).judgement is Judgement.ACCEPT]
        bare = [entry for entry in self._entries if judge_title(entry.title).is_bare]
        named = next((name for name in self._names if name and column_label_rank(name) is not None), "")
        label = self.lead.label or named
        family = next(iter(self.walk.families), "") or detect_text(self.text, self._url).family
        by_label = column_label_rank(self.lead.label) in (0, 1) or slug_rank(self.column) == 0 or bool(named)
        if accepted or self._own_report:
            evidence = (
                f"{len(accepted)} titles of reports among its first rows"
                if accepted
                else "the page shows a report itself"
            )
            return FoundColumn(self.column, family, label, self.lead.unit, evidence, tuple(self._entries))
        if bare and by_label:
            return FoundColumn(
                self.column, family, label, self.lead.unit, f"{len(bare)} rows with unit and year", tuple(self._entries)
            )
        if (
            by_label
            and column_label_rank(self.lead.label) == 0
            and (self._entries or self.waits() or "empty" in self._reason)
        ):
            said = f"named {self.lead.label!r}, but no title of a report stands in its first rows ({self._reason or 'more to read'})"
            return FoundColumn(self.column, family, label, self.lead.unit, said, tuple(self._entries), is_guess=True)
        return None

    def why_not(self) -> str:
        """Why the candidate was dropped."""
        return self._reason or "no title of a report stands in its first rows"
