"""Where a page leads a search: one function for each kind of link, tried in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from crawler.discovery.leads import GATE, LIKELY, PROVEN, UNIT, UNIT_GATE, WEAK, CandidateLink, Lead
from crawler.families.gkmlpt import site_base
from crawler.families.registry import registry
from crawler.lists.anchors import Anchor
from crawler.lists.vocabulary import leads_through_pages
from crawler.pages import markup
from extract.lexicon.addresses import canonical, slug_rank
from extract.lexicon.organs import is_organ, is_unit_class_label
from extract.lexicon.titles import Judgement, judge_title, label_rank, normalise

_GATEWAY = re.compile(
    r"\A(?:政府信息公开|政务公开|信息公开|政府信息公开(?:专栏|目录|平台|网|栏目)|信息公开(?:专栏|目录|平台|网|栏目)|政务公开(?:专栏|目录|平台)"
    r"|公开目录|法定主动公开内容|主动公开|政务信息公开|(?:政府|政务)?信息公开(?:指南|制度)|网站地图|站点地图|站点导航|公开|政务)\Z"
)
_YEAR_LABEL = re.compile(r"\[?\d{4}\]?")
_DISCLOSURE = re.compile(r"信息公开|政务公开")
_ORGAN_COLUMN = re.compile(r"\A(.*/public/column/\d+)")
_FEW_ORGANS = 3


@dataclass(frozen=True, slots=True)
class PageContext:
    """What is known of a page whose links are followed.

    Attributes:
        lead: The link that led to it.
        in_disclosure: By its names the page belongs to the disclosure of information.
        is_report: It is itself a report.
    """

    lead: Lead
    url: str
    in_disclosure: bool
    is_report: bool


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A link with what its words and address say."""

    anchor: Anchor
    label: str
    unit: str
    rank: int | None
    slug: int | None


def page_context(lead: Lead, url: str, text: str, *, shows_report: bool) -> PageContext:
    """What is known of a page before its links are followed."""
    names = markup.title_of(text) + markup.meta_of(text, "ColumnName") + lead.label
    in_disclosure = _DISCLOSURE.search(names) is not None
    return PageContext(lead, url, in_disclosure, lead.depth == 0 and (registry().is_article(url) or shows_report))


def links_of(page: PageContext, anchors: list[Anchor]) -> Iterator[CandidateLink]:
    """Columns by label or address, and gateways to them, in the order of the page."""
    for anchor in anchors:
        label = normalise(anchor.title)
        if registry().is_article(anchor.url) or leads_through_pages(label) or _YEAR_LABEL.fullmatch(label):
            continue
        if "/gkmlpt/" in urlsplit(anchor.url).path:
            yield from _of_platform(page, anchor, label)
            continue
        labelled = _labelled(page, anchor, label)
        if labelled is None:
            continue
        for kind in _KINDS:
            found = kind(page, labelled)
            if found is not None:
                yield found
                break


def _of_platform(page: PageContext, anchor: Anchor, label: str) -> Iterator[CandidateLink]:
    """Guangdong's platform: a fixed route to the reports of each unit."""
    base = site_base(anchor.url)
    if "/gkmlpt/" in page.url and canonical(base) == canonical(site_base(page.url)):
        return  # the platform's own tabs
    fragment = (anchor.element.get("href") or "").partition("#")[2]
    is_category = fragment.isdigit() and "annualreport" in anchor.url
    route = f"{base}/gkmlpt/annualreport" + (f"#{fragment}" if is_category else "")
    unit = anchor.title if is_organ(label, "menu") else page.lead.unit
    yield CandidateLink(LIKELY, route, anchor.title, unit)
    yield CandidateLink(WEAK, f"{base}/gkmlpt/index", anchor.title, unit)


def _labelled(page: PageContext, anchor: Anchor, label: str) -> _Labelled | None:
    """What a link says; `None` for pages, years and units of the column that this page belongs to: its walk follows them."""
    title = judge_title(label)
    is_rejected = title.judgement is Judgement.REJECT
    slug = None if is_rejected else slug_rank(anchor.url)
    if slug == 0 and slug_folder(anchor.url) == slug_folder(page.url) and not page.is_report:
        return None
    rank = None if is_rejected else label_rank(label)
    return _Labelled(anchor, label, page.lead.unit or (title.agency or ""), rank, slug)


def _column(page: PageContext, link: _Labelled) -> CandidateLink | None:
    """A column of reports by its label or its address."""
    if link.rank != 0 and link.slug != 0:
        return None
    is_proven = link.rank == 0 and link.slug is not None
    return CandidateLink(PROVEN if is_proven else LIKELY, link.anchor.url, link.anchor.title, link.unit)


def _likely_column(page: PageContext, link: _Labelled) -> CandidateLink | None:
    """A column of reports by a weaker label, where the page is about disclosure."""
    takes = (
        link.rank == 1
        or (link.rank == 2 and (page.in_disclosure or link.slug is not None))
        or (link.slug == 1 and page.in_disclosure)
    )
    return CandidateLink(LIKELY + 1, link.anchor.url, link.anchor.title, link.unit) if takes else None


def _gateway(page: PageContext, link: _Labelled) -> CandidateLink | None:
    """A page about disclosure that may lead to the column."""
    takes = _GATEWAY.match(link.label) and not page.lead.unit
    return CandidateLink(GATE, link.anchor.url, link.anchor.title) if takes else None


def _units_gateway(page: PageContext, link: _Labelled) -> CandidateLink | None:
    """A page that lists units."""
    takes = is_unit_class_label(link.label) and not page.lead.unit
    return CandidateLink(UNIT_GATE, link.anchor.url, link.anchor.title) if takes else None


_KINDS: tuple[Callable[[PageContext, _Labelled], CandidateLink | None], ...] = (
    _column,
    _likely_column,
    _gateway,
    _units_gateway,
)


def units_of(page: PageContext, anchors: list[Anchor]) -> list[Anchor]:
    """The units that a page names; none on a page of a unit, and none where an organ's name is no more than a link among others."""
    organs = [
        anchor
        for anchor in anchors
        if is_organ(normalise(anchor.title), "menu") and not registry().is_article(anchor.url)
    ]
    is_list = len(organs) >= _FEW_ORGANS or is_unit_class_label(normalise(page.lead.label))
    return organs if is_list and not page.lead.unit else []


def unit_link(anchor: Anchor) -> CandidateLink:
    """The link to a unit; one family keeps every unit's reports at a fixed address."""
    organ = _ORGAN_COLUMN.search(anchor.url.partition("?")[0])
    if organ:
        url = organ.group(1) + "?" + urlencode({"type": "3", "action": "list"})
        return CandidateLink(WEAK, url, anchor.title, anchor.title)
    return CandidateLink(UNIT, anchor.url, anchor.title, anchor.title)


def slug_folder(url: str) -> str:
    """The address up to the folder whose name means the reports, empty if there is none: `/zfxxgk/zfxxgknb/2022n/` → `/zfxxgk/zfxxgknb`."""
    parts = urlsplit(url)
    kept: list[str] = []
    for part in parts.path.split("/"):
        kept.append(part.partition(".")[0])
        if part and slug_rank(f"/{part}") == 0:
            return f"{parts.netloc}{'/'.join(kept)}"
    return ""


def columns_of_article(url: str) -> list[str]:
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
    folder = slug_folder(url)
    return [f"{parts.scheme}://{folder}/"] if folder else []


def is_within(url: str, other: str) -> bool:
    """Whether two addresses are one column: the same page, one platform of one unit, or a folder of the other."""
    if "/gkmlpt/" in url and "/gkmlpt/" in other:
        return canonical(site_base(url)) == canonical(site_base(other))
    folder = slug_folder(url)
    return canonical(url) == canonical(other) or (folder != "" and folder == slug_folder(other))
