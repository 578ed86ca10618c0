"""What stands beside a list and may lead to more of it, although no known pager: asked of each thing, not known by its name.

Beside a list, whatever can be pressed and isn't known to do something else (print, share, go up) may bring further rows; so may a component
that a script draws, an empty place that is called a pager, a choice of years that the rows don't show, and words that speak of rows that
aren't there. A link of that kind is a further list of the column; what has no address is a mark, and keeps the list open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.marks import (
    Control,
    Mark,
    Pressable,
    Scene,
    is_leaf,
    is_off,
    is_short,
    is_within_row,
    names_of,
    quote_of,
)
from crawler.lists.reader import SubList
from crawler.lists.vocabulary import key_of, label_of, vocabulary
from crawler.pages.markup import text_of
from extract.document.numerals import whole_number
from extract.lexicon.addresses import canonical, is_file, join, same_host
from extract.lexicon.organs import is_organ
from extract.lexicon.page_parts import is_chrome
from extract.lexicon.titles import Judgement, is_year_label, judge_title, label_rank

if TYPE_CHECKING:
    from crawler.pages.markup import Element

#: How many elements around the list's own are looked at: wrappers that hold nothing but the list don't count.
_LEVELS = 3
_SIBLINGS = 40
_INSIDE = 200
_WHOLE_PAGE = 5_000
_WORDS = 40  # of a sentence that speaks of further rows
_LABEL = 24
_CHROME_TAGS = frozenset({"nav", "header", "footer", "aside"})
_PLACES = frozenset({"div", "ul", "ol", "p", "span", "nav"})
_TABS = frozenset({"li", "a", "span", "button", "div"})
_NO_WORDS = frozenset({"script", "style", "template", "noscript", "a", "button"})
_HANDLERS = ("on", "@", "v-on", "v-model", "ng-")
_ENDLESS_IN = ("v-", "@", "on", "bind", "data-infinite")
_FIELDS = frozenset({"number", "range", "text", ""})
_OTHER_LINKS = 3  # as many links to other pages make a block of its own
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
_CHOSEN = re.compile(r"(?:^|[\s_-])(?:on|cur(?:rent)?|active|selected|checked|hover)(?:$|[\s_-])", re.IGNORECASE)
_ADDRESS = re.compile(r"[/.]")
_ENDLESS = re.compile(r"infinite|scroll(?:tolower)?\Z|(?:@|v-on:|bind)(?:load|reach|scroll)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Near:
    """What stands before and after the rows of a list, near enough to belong to it."""

    before: tuple[Element, ...] = ()
    after: tuple[Element, ...] = ()


def beside(scene: Scene) -> Near:
    """The elements around the list's rows that belong to the list."""
    block = _block_of(scene)
    if block is None:
        return Near()
    before: list[Element] = []
    after: list[Element] = []
    seen_row = False
    for child in block:
        if _holds_row(child, scene):
            seen_row = True
        else:
            (after if seen_row else before).append(child)
    levels = 0
    while levels < _LEVELS and block.tag not in ("body", "html"):
        parent = block.getparent()
        if parent is None:
            break
        earlier = list(islice(block.itersiblings(preceding=True), _SIBLINGS))
        later = list(islice(block.itersiblings(), _SIBLINGS))
        before += earlier if levels < _LEVELS - 1 else []
        after += later
        levels += bool(earlier or later)
        block = parent
    return Near(tuple(filter(_belongs, before)), tuple(filter(_belongs, _until_footer(after))))


def _block_of(scene: Scene) -> Element | None:
    """The smallest element around all rows."""
    rows = list(scene.rows)
    if not rows:
        return None
    common = [rows[0], *rows[0].iterancestors()]
    for row in rows[1:]:
        around = {row, *row.iterancestors()}
        common = [one for one in common if one in around]
    found = next((one for one in common if one not in scene.rows), None)
    return found if found is not None else rows[0].getparent()


def _holds_row(element: Element, scene: Scene) -> bool:
    return element in scene.rows or any(one in scene.rows for one in element.iter())


def _until_footer(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        if element.tag == "footer" or "foot" in names_of(element).lower():
            return
        yield element


def _belongs(element: Element) -> bool:
    """Whether an element beside a list is about the list: not the site's frame, and no block of its own."""
    if not isinstance(element.tag, str) or element.tag in _CHROME_TAGS:
        return False
    words = vocabulary()
    names = names_of(element)
    if is_chrome(names, "list") or words.has_name("no_pager", names) or words.has_name("elsewhere", names):
        return False
    if not is_short(element):
        return False
    others = {link.get("href") for link in element.iter("a") if _leads_away(link)}
    return len(others) < _OTHER_LINKS


def _leads_away(link: Element) -> bool:
    """A link to some other page, by words that are no page's number."""
    href = (link.get("href") or "").strip().lower()
    is_plain = bool(href) and not href.startswith(("#", "javascript:"))
    label = label_of(text_of(link))
    return (
        is_plain
        and whole_number(label) is None
        and not any(vocabulary().is_label(kind, label) for kind in _PAGER_LABELS)
    )


_KNOWN_TO_DO = ("previous", "first", "neighbour", "harmless")
_PAGER_LABELS = ("next", "arrow", "last", "more", "previous", "first", "jump")


def beside_marks(scene: Scene, near: Near) -> Iterator[Control]:
    """Marks of further rows beside the list that no other rule names."""
    choice = _Choice(scene)
    for top in (*near.before, *near.after):
        is_before = top in near.before
        for element in _inside(top, scene):
            kind = _kind_of(element, scene)
            if kind and not (is_before and kind == "control"):  # what is pressed above a list mostly chooses or sorts
                yield Control(Mark(kind, quote_of(element)), element)
            if _promises(element):
                yield Control(Mark("promise", quote_of(element)), element)
        for element in (one for one in islice(top.iter(), _INSIDE) if isinstance(one.tag, str)):
            yield from choice.of_select(element) if element.tag == "select" else choice.of_control(element)
    yield from _endless(scene, near)


def _inside(top: Element, scene: Scene) -> Iterator[Element]:
    """An element and those in it, rows left out."""
    for element in islice(top.iter(), _INSIDE):
        if isinstance(element.tag, str) and element not in scene.rows and not is_within_row(element, scene.rows):
            yield element


def _kind_of(element: Element, scene: Scene) -> str:
    """What an element beside the list may be: a field, a component, a place that a script fills, a control; empty if nothing."""
    words = vocabulary()
    if words.has_name("nowhere", names_of(element)) or is_off(element):
        return _field(element)
    if any(words.has_name("no_pager", names_of(one)) for one in (element, *islice(element.iterancestors(), 3))):
        return ""
    drawn = _drawn_by_script(element) if scene.has_scripts else ""
    if drawn:
        return drawn
    return "control" if is_leaf(element) and _may_bring_rows(Pressable(element, scene, is_below=True)) else ""


def drawn_places(scene: Scene) -> Iterator[Mark]:
    """Components, and empty places called pagers, on a page whose rows a script draws: what is beside them can't be told."""
    for element in islice(scene.root.iter(), _WHOLE_PAGE) if scene.has_scripts else ():
        if isinstance(element.tag, str) and not is_off(element) and _drawn_by_script(element):
            around = (element, *islice(element.iterancestors(), 3))
            if not any(vocabulary().has_name("no_pager", names_of(one)) for one in around):
                yield Mark("place", quote_of(element))


def _drawn_by_script(element: Element) -> str:
    """A component by its tag, or an empty place that is called a pager."""
    words, tag = vocabulary(), str(element.tag)
    if "-" in tag and not words.has_name("elsewhere", tag):
        return "component"
    is_empty = tag in _PLACES and not len(element) and not text_of(element)
    return "place" if is_empty and words.has_name("pager", names_of(element)) else ""


def _field(element: Element) -> str:
    """A field to enter a page's number: by its name, or because it ends at a number."""
    is_field = element.tag == "input" and (element.get("type") or "").lower() in _FIELDS
    if not is_field or element.get("disabled") is not None:
        return ""
    names = f"{names_of(element)} {element.get('name') or ''}"
    is_named = key_of(element.get("name") or "") in vocabulary().keys.page or vocabulary().has_name("pager", names)
    is_bounded = re.fullmatch(r"[2-9]|\d{2,3}", element.get("max") or "") is not None
    return "field" if is_named or is_bounded else ""


def _may_bring_rows(seen: Pressable) -> bool:
    """Whether something to press is not known to do something else."""
    words = vocabulary()
    around = " ".join(names_of(one) for one in seen.around)
    is_known = seen.is_elsewhere_by_name or words.has_name("elsewhere", around)
    if is_known or _CHOSEN.search(seen.element.get("class") or "") or not _is_pressed(seen):
        return False
    number = whole_number(seen.label)
    if number is not None:
        return number != seen.scene.number
    is_end = words.speaks_of("end", seen.label)
    return not is_end and not any(words.is_label(kind, seen.label) for kind in _KNOWN_TO_DO)


def _is_pressed(seen: Pressable) -> bool:
    """Whether pressing does something by a script, as far as can be seen."""
    tag, href, has_scripts = seen.element.tag, seen.href.lower(), seen.scene.has_scripts
    if tag in ("select", "option", "form"):  # choices are judged by what they offer
        return False
    if seen.has_handler:
        return True
    if href.startswith("javascript:") and "void" not in href and len(href) > len("javascript:") + 1:
        return True
    if tag == "button":
        return has_scripts
    is_inert = tag == "a" and (not href or href.startswith(("#", "javascript:")))
    return has_scripts and is_inert and seen.target is None


def _promises(element: Element) -> bool:
    """Words, pressed or not, that speak of rows that are not there: 还有12条, 正在加载, 其余年报请在馆内查阅."""
    words = vocabulary()
    if element.tag in _NO_WORDS or is_off(element) or words.has_name("nowhere", names_of(element)):
        return False
    own = label_of("".join([element.text or "", *(child.tail or "" for child in element)]))
    if not 0 < len(own) <= _WORDS or words.speaks_of("end", own):
        return False
    return words.speaks_of("promise", own)


class _Choice:
    """Choices of years or units that are made by a script: the rows of those that no row shows are behind it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._words = " ".join(f"{text_of(row)} {row.get('title') or ''}" for row in scene.rows)
        self._years = set(_YEAR.findall(self._words))

    def of_select(self, element: Element) -> Iterator[Control]:
        """A list to choose from."""
        handlers = [value for name, value in element.attrib.items() if name.startswith(_HANDLERS)]
        if handlers:
            options = (one for one in element.iter("option") if not _ADDRESS.search(one.get("value") or ""))
            is_menu = any("open" in handler or "location" in handler for handler in handlers)
            yield from self._hidden(element, [text_of(option) for option in options], has_units=not is_menu)

    def of_control(self, element: Element) -> Iterator[Control]:
        """A tab."""
        if element.tag not in _TABS or not is_leaf(element):
            return
        seen = Pressable(element, self._scene, is_below=True)
        if seen.has_handler and seen.target is None and len(seen.text) <= _LABEL:
            yield from self._hidden(element, [seen.text], has_units=True)

    def _hidden(self, element: Element, labels: list[str], *, has_units: bool) -> Iterator[Control]:
        offered = {year for label in labels for year in _YEAR.findall(label)}
        for year in sorted(offered - self._years, reverse=True):
            yield Control(Mark("years", quote_of(element), int(year)), element)
        if has_units and any(is_organ(label, "row") and label not in self._words for label in labels):
            yield Control(Mark("units", quote_of(element)), element)


def _endless(scene: Scene, near: Near) -> Iterator[Control]:
    """Attributes on the list, around it or beside it that load more as it scrolls."""
    block = _block_of(scene)
    around = [] if block is None else [block, *islice(block.iterancestors(), _LEVELS)]
    inside = [one for top in near.after for one in islice(top.iter(), _INSIDE)]
    for element in dict.fromkeys([*around, *inside]):
        if not isinstance(element.tag, str) or element.tag in ("body", "html", "head", "script"):
            continue
        if any(_ENDLESS.search(name) for name in element.attrib if name.startswith(_ENDLESS_IN)):
            yield Control(Mark("component", quote_of(element)), element)


# further lists


def further_lists(scene: Scene, near: Near) -> Iterator[SubList]:
    """Lists that stand beside this one and are said to hold more of it: 往年年报, 更多 under the list's own heading, a frame."""
    for top in (*near.before, *near.after):
        for link in islice(top.iter("a"), _OTHER_LINKS + 5):
            url = _target(link.get("href"), scene)
            if url is not None and not is_within_row(link, scene.rows) and _speaks_of_more(link):
                yield SubList(url, text_of(link), is_sure=False)
    for top in near.after:
        for frame in top.iter("iframe", "frame"):
            url = _target(frame.get("src"), scene)
            if url is not None and not is_off(frame):
                yield SubList(url, frame.get("title") or frame.get("name") or "", is_sure=False)


def _target(written: str | None, scene: Scene) -> str | None:
    """The other page of this host that an address leads to."""
    if (written or "").lower().strip().startswith(("#", "javascript:")):
        return None
    url = join(scene.base, written or "")
    is_other = url is not None and same_host(url, scene.url) and canonical(url) != canonical(scene.url)
    return url if url is not None and is_other and not is_file(url) else None


def _speaks_of_more(link: Element) -> bool:
    """Whether a link, with the words around it, promises more reports of the same kind."""
    words = vocabulary()
    label = label_of(text_of(link) or link.get("title") or "")
    if len(label) > _LABEL or is_year_label(label) or judge_title(label).judgement is Judgement.REJECT:
        return False
    around = label
    for one in islice(link.iterancestors(), 2):
        said = label_of(text_of(one))
        if len(said) <= _WORDS:
            around = said
    is_more = words.is_label("more", label) or words.speaks_of("earlier", around)
    rest = around.replace(label, "", 1)
    is_about = words.speaks_of("reports", around) or label_rank(rest) == 0
    return is_more and is_about
