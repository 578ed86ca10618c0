"""Which element of a portal page holds the report: the publishing systems' containers first, then the report's own words.

The names are those of the field guide (families of publishing systems and their templates); a name only proposes
an element, the text in it decides.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lxml import etree

from extract.document.clean import squeeze
from extract.lexicon.page_parts import container_name, container_tag, is_chrome
from extract.lexicon.report_marks import count_markers
from extract.web.elements import SILENT, string_of

Element = Any  # lxml.etree._Element has no published type

_HEADINGS = etree.XPath(
    "descendant::text()[not(parent::a)][contains(., '总体情况') or contains(., '主动公开') or contains(., '行政复议') or contains(., '改进') "
    "or contains(., '报告的事项') or contains(., '本年新收') or contains(., '第二十条') or contains(., '结转下年')]"
)
_NAMED = etree.XPath("descendant-or-self::*[@id or @class or self::article or self::main or self::ucapcontent]")
_SILENT_ANCESTORS = frozenset(SILENT | {"a", "title"})
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "li", "td", "div")
#: Elements that can't be the whole of a report: parts of a table, of a line.
_TOO_SMALL = frozenset({"tbody", "thead", "tfoot", "tr", "p", "span", "b", "strong", "font"})
_AROUND = etree.XPath(
    "boolean(descendant::*[self::nav or self::header or self::footer or self::form or self::aside or self::frameset or self::input])"
)
#: A container that holds this share of the best one's text is as good, and being inside it has less of the page around.
_SAME = 0.85
_ENOUGH = 100
#: More named elements than any template has.
_MOST_CANDIDATES = 60
_MOST_TEXT = 8_000_000
#: So many of the report's chapters and tables are in nothing but the report.
_PLENTY = 7
#: So many of them beside the report are another report, or one more time this one.
_ANOTHER = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The element, and a name for it that people recognise."""

    element: Element
    name: str


@dataclass(slots=True)
class _Candidate:
    element: Element
    name: str
    text: str
    markers: int
    weak: bool

    @property
    def weight(self) -> float:
        return (1 + self.markers) * min(len(self.text), 200_000)


def find_container(body: Element, hidden: Set[Element]) -> Found | None:
    """The element that holds the report, or the article where the page is no report; `None` if none can be determined."""
    best, is_unseen = _named(body, hidden)
    if best is not None and best.markers >= _PLENTY and not (best.weak or is_unseen):
        return Found(best.element, best.name)
    words = _by_words(body, hidden)
    if words is not None and (best is None or _is_better(words, best, hidden, is_unseen=is_unseen)):
        return Found(words.element, words.name)
    if best is not None:
        return Found(best.element, best.name)
    dense = _by_density(body)
    return Found(dense.element, dense.name) if dense is not None else None


def shown_beside(body: Element, found: Found, hidden: Set[Element]) -> list[Element]:
    """The elements beside the report's that show the chapters or tables of a report too, in order; empty unless they hold several of them."""
    around = {found.element, *found.element.iterancestors()}
    tops: dict[Element, None] = {}
    for text in _HEADINGS(body):
        owner = _heading_owner(text, hidden)
        if owner is not None:
            chain = [owner, *owner.iterancestors()]
            if found.element not in chain:
                tops[next(inner for inner, outer in pairwise(chain) if outer in around)] = None
    words = "".join(map(visible_text, tops))
    return list(tops) if count_markers(words) >= _ANOTHER else []


def _named(body: Element, hidden: Set[Element]) -> tuple[_Candidate | None, bool]:
    """The best of the elements that have a name, and whether the page hides it: some templates do so until a script runs."""
    shown, unseen = _candidates(body, hidden)
    best = _chosen(shown)
    if best is None or best.markers < 2:
        other = _chosen(unseen)
        if other is not None and (best is None or _outdoes(other, best)):
            return other, True
    return best, False


def _is_better(words: _Candidate, best: _Candidate, hidden: Set[Element], *, is_unseen: bool) -> bool:
    if is_unseen and _is_elsewhere(words, best, hidden):
        return True
    return _outdoes(words, best) or _is_tighter(words, best)


def _chosen(candidates: list[_Candidate]) -> _Candidate | None:
    """The best of the named elements; one with a name that says little only if it holds more of the report."""
    best = _best([candidate for candidate in candidates if not candidate.weak])
    weak = _best(candidates)
    return weak if weak is not None and (best is None or _outdoes(weak, best)) else best


def _is_elsewhere(words: _Candidate, best: _Candidate, hidden: Set[Element]) -> bool:
    """Whether the page shows a report beside the named element that it hides (tabs, of which one is open)."""
    return not _is_unseen(words.element, hidden) and not _is_inside(best.element, words.element)


def _is_tighter(words: _Candidate, best: _Candidate) -> bool:
    """Whether the report's own words point into an element whose name says little (`.content` around the whole page)."""
    return best.weak and words.markers >= best.markers and _is_inside(words.element, best.element)


def _outdoes(other: _Candidate, best: _Candidate) -> bool:
    """Whether the best named element misses the report: it lacks markers, or nearly all text, of another."""
    if other.markers >= 2 and best.markers < other.markers and len(best.text) < _SAME * len(other.text):
        return True
    return len(best.text) < _ENOUGH <= len(other.text) and other.markers > best.markers


def _candidates(body: Element, hidden: Set[Element]) -> tuple[list[_Candidate], list[_Candidate]]:
    """Named elements in document order: those that are shown, and those inside something hidden."""
    shown: list[_Candidate] = []
    unseen: list[_Candidate] = []
    read = 0
    for element in _NAMED(body):
        name = _matching_name(element)
        if name is None:
            continue
        if len(shown) + len(unseen) >= _MOST_CANDIDATES or read > _MOST_TEXT:
            break
        text = visible_text(element)
        read += len(text)
        found = _Candidate(element, name[0], text, count_markers(text), name[1])
        (unseen if _is_unseen(element, hidden) else shown).append(found)
    return shown, unseen


def _is_unseen(element: Element, hidden: Set[Element]) -> bool:
    return bool(hidden) and (element in hidden or any(ancestor in hidden for ancestor in element.iterancestors()))


def _matching_name(element: Element) -> tuple[str, bool] | None:
    """The name that proposes an element, as people write it, and whether it says nothing on its own."""
    identity = (element.get("id") or "").strip()
    names = [*((f"#{identity}", identity),) * bool(identity)]
    names += [(f".{name}", name) for name in (element.get("class") or "").split()]
    weak: tuple[str, bool] | None = None
    for shown, name in names:
        is_weak = container_name(name.lower())
        if is_weak is False:
            return shown, False
        if is_weak and weak is None:
            weak = shown, True
    is_weak = container_tag(str(element.tag))
    if is_weak is False:
        return str(element.tag), False
    return weak or ((str(element.tag), True) if is_weak else None)


def visible_text(element: Element) -> str:
    """All text of the element, without white space; scripts and styles are gone from the tree by now."""
    return squeeze(string_of(element))


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    if not candidates:
        return None
    best = max(candidates, key=lambda candidate: candidate.weight)
    inner = best
    for candidate in candidates:  # in document order: ancestors come before what they hold
        if candidate.element is inner.element or candidate.markers < best.markers:
            continue
        if len(candidate.text) >= _SAME * len(best.text) and _is_inside(candidate.element, inner.element):
            inner = candidate
    return _joined(inner, best, candidates)


def _joined(inner: _Candidate, best: _Candidate, candidates: list[_Candidate]) -> _Candidate:
    """The element around two containers when each holds a part of the report (chapters in boxes of their own)."""
    for other in candidates:
        if other.element is inner.element or other.markers < 2 or other.weak != inner.weak:
            continue
        if _is_inside(other.element, inner.element) or _is_inside(inner.element, other.element):
            continue
        if (
            other.text in inner.text
            or inner.text in other.text
            or count_markers(inner.text + other.text) <= inner.markers
        ):
            continue
        around = _common_ancestor([inner.element, other.element])
        if around is not None and around.tag not in ("body", "html"):
            text = visible_text(around)
            return _Candidate(around, _describe(around), text, count_markers(text), inner.weak)
    return inner


def _is_inside(element: Element, other: Element) -> bool:
    return any(ancestor is other for ancestor in element.iterancestors())


def _by_words(body: Element, hidden: Set[Element]) -> _Candidate | None:
    """The smallest element around the report's headings and tables; the whole body only if hardly anything else is in it."""
    owners = [owner for text in _HEADINGS(body) if (owner := _heading_owner(text, hidden)) is not None]
    if len(owners) < 2:
        owners = [element for element in body.iter(*_PARAGRAPHS) if _reads_as_heading(element)]
    if len(owners) < 2:
        return None
    around = _common_ancestor([owners[0], owners[-1]])  # of all between them too: they are in document order
    while around is not None and around.tag in _TOO_SMALL:
        around = around.getparent()
    if around is None:
        return None
    text = visible_text(around)
    markers = count_markers(text)
    if markers < 2 or (around.tag in ("body", "html") and not _is_bare(around)):
        return None
    return _Candidate(around, _describe(around), text, markers, weak=False)


def _reads_as_heading(element: Element) -> bool:
    """Whether a paragraph is a heading or a label of the report, though its words are cut into spans."""
    if len(element) > 60:
        return False
    text = squeeze(string_of(element))
    return 3 <= len(text) <= 60 and count_markers(text) > 0 and element.find(".//a") is None


def _heading_owner(text: Any, hidden: Set[Element]) -> Element | None:
    """The element of a text that may be a heading or a label: short, and neither in a script nor in a link."""
    if len(text.strip()) > 60:
        return None
    owner = text.getparent()
    if text.is_tail:
        owner = owner.getparent()
    if owner is None or owner.tag in _SILENT_ANCESTORS:
        return None
    if _is_unseen(owner, hidden) or any(ancestor.tag in _SILENT_ANCESTORS for ancestor in owner.iterancestors()):
        return None
    return owner


def _common_ancestor(elements: list[Element]) -> Element | None:
    path: list[Element] | None = None
    for element in elements:
        chain = [element, *element.iterancestors()][::-1]
        if path is None:
            path = chain
            continue
        length = 0
        for ours, theirs in zip(path, chain, strict=False):
            if ours is not theirs:
                break
            length += 1
        path = path[:length]
    return path[-1] if path else None


def _is_bare(body: Element) -> bool:
    """Whether the body is the report and nothing else: a saved or exported document, without header, menu and footer."""
    if _AROUND(body) or sum(1 for _ in body.iter("a")) > 5:
        return False
    return not any(
        is_chrome(f"{child.get('id') or ''} {child.get('class') or ''}", "container")
        for child in body.iter("div", "ul")
    )


def _by_density(body: Element) -> _Candidate | None:
    """The element whose own paragraphs hold most of the page's running text; at least six tenths of it."""
    held: dict[Element, int] = {}
    total = 0
    for paragraph in body.iter("p"):
        length = len(string_of(paragraph).strip())
        parent = paragraph.getparent()
        if length >= 20 and parent is not None:
            total += length
            held[parent] = held.get(parent, 0) + length
    if not held or total < _ENOUGH:
        return None
    element, most = max(held.items(), key=lambda pair: pair[1])
    if most < 0.6 * total:
        return None
    text = visible_text(element)
    if element.tag in ("body", "html") and not _is_bare(element):
        return None
    return _Candidate(element, _describe(element), text, count_markers(text), True)


def _describe(element: Element) -> str:
    """A short CSS-like name: `div#main`, `div.text`, or the tag."""
    if element.get("id"):
        return f"{element.tag}#{element.get('id').strip()}"
    classes = (element.get("class") or "").split()
    return f"{element.tag}.{classes[0]}" if classes else str(element.tag)
