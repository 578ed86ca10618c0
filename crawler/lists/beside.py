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

from crawler.lists.choices import ShownRows, choice_marks, is_chosen
from crawler.lists.drawn import NOTHING_SAID, Said, drawn_by_script, endless_marks, unread_part
from crawler.lists.explicit import holds_explicit, is_explicit
from crawler.lists.marks import (
    Control,
    Mark,
    Pressable,
    Scene,
    does_something_else,
    is_elsewhere,
    is_leaf,
    is_off,
    is_short,
    is_within_row,
    names_of,
    quote_of,
)
from crawler.lists.vocabulary import key_of, label_of, names_something_else, vocabulary
from crawler.pages.markup import text_of
from extract.document.numerals import whole_number
from extract.lexicon.page_parts import NO_TEXT, SITE_TAGS, is_chrome
from extract.lexicon.titles import label_rank

if TYPE_CHECKING:
    from crawler.pages.markup import Element

#: How many elements around the list's own are looked at: wrappers that hold nothing but the list don't count.
_LEVELS = 3
_SIBLINGS = 40
_INSIDE = 200
_WORDS = 40  # of a sentence that speaks of further rows
_SHORT = 8
_WORDED = frozenset({"li", "span", "em", "i", "b", "label", "div", "p", "dd", "td", "s", "font", "strong"})
_CHROME_TAGS = frozenset({*SITE_TAGS, "aside"})
_NO_WORDS = frozenset({*NO_TEXT, "a", "button"})
_FIELDS = frozenset({"number", "range", "text", ""})
_OTHER_LINKS = 3  # as many links to other pages make a block of its own


@dataclass(frozen=True, slots=True)
class Near:
    """What stands before and after the rows of a list, near enough to belong to it."""

    before: tuple[Element, ...] = ()
    after: tuple[Element, ...] = ()


def beside(scene: Scene) -> Near:
    """The elements around the list's rows that belong to the list."""
    block = block_of_rows(scene)
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


def block_of_rows(scene: Scene) -> Element | None:
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
        return holds_explicit(element)
    if not is_short(element):
        return False
    others = {link.get("href") for link in element.iter("a") if _leads_away(link)}
    return len(others) < _OTHER_LINKS


def _leads_away(link: Element) -> bool:
    """A link to some other page, by words that name something else."""
    href = (link.get("href") or "").strip().lower()
    is_plain = bool(href) and not href.startswith(("#", "javascript:"))
    label = label_of(text_of(link))
    return is_plain and names_something_else(label)


def beside_marks(scene: Scene, near: Near, said: Said = NOTHING_SAID) -> Iterator[Control]:
    """Marks of further rows beside the list that no other rule names.

    Args:
        said: What the page's inline scripts say: an empty element that they name is one that they fill.
    """
    shown = ShownRows(scene)
    for top in (*near.before, *near.after):
        for element in _inside(top, scene):
            kind = _kind_of(element, scene, said)
            kind = kind or _worded(element, scene, is_above=top in near.before)
            kind = _above(element, kind) if top in near.before else kind
            if kind:
                yield Control(Mark(kind, quote_of(element)), element)
            if _promises(element):
                yield Control(Mark("promise", quote_of(element)), element)
        yield from choice_marks(scene, top, shown)
    judged = {one for top in (*near.before, *near.after) for one in islice(top.iter(), _INSIDE)}
    block = block_of_rows(scene)
    around = [] if block is None else [block, *islice(block.iterancestors(), _LEVELS)]
    yield from endless_marks(scene, dict.fromkeys([*around, *judged]), judged)


def _above(element: Element, kind: str) -> str:
    """What is pressed above a list mostly sorts, or shows another part of the page, and is named so."""
    return "" if kind == "control" and _is_named(element) else kind


def _worded(element: Element, scene: Scene, *, is_above: bool) -> str:
    """Plain words that go on with the list. Above it, blocks of words are its heading."""
    is_heading = is_above and element.tag in ("div", "p", "strong", "font")
    return "control" if scene.has_scripts and not is_heading and _speaks_of_going_on(element) else ""


def _speaks_of_going_on(element: Element) -> bool:
    """Whether short words below a list, no link and no sentence, may be pressed to go on with it: a script can make anything a button."""
    if element.tag not in _WORDED or not is_leaf(element) or is_off(element) or is_chosen(element):
        return False
    label = label_of(text_of(element))
    if not 0 < len(label) <= _SHORT or not vocabulary().speaks_of("continues", label) or label_rank(label) is not None:
        return False
    return not is_elsewhere(element) and not does_something_else(label)


def _is_named(element: Element) -> bool:
    """Whether what is pressed bears a name of its own."""
    return names_something_else(label_of(text_of(element) or element.get("title") or element.get("value") or ""))


def _inside(top: Element, scene: Scene) -> Iterator[Element]:
    """An element and those in it, rows left out."""
    for element in islice(top.iter(), _INSIDE):
        if isinstance(element.tag, str) and element not in scene.rows and not is_within_row(element, scene.rows):
            yield element


def _kind_of(element: Element, scene: Scene, said: Said) -> str:
    """What an element beside the list may be: a field, a component, a place that a script fills, a control; empty if nothing."""
    words = vocabulary()
    if words.has_name("nowhere", names_of(element)) or is_off(element):
        return _field(element)
    around = (element, *islice(element.iterancestors(), 3))
    if any(words.has_name("no_pager", names_of(one)) for one in around) and not is_explicit(element):
        return ""
    drawn = drawn_by_script(element, said) if scene.has_scripts or "-" in str(element.tag) else ""
    drawn = drawn or unread_part(element, scene)
    if drawn:
        return drawn
    return "control" if is_leaf(element) and _may_bring_rows(Pressable(element, scene, is_below=True)) else ""


def _field(element: Element) -> str:
    """A field to enter a page's number: by its name, or because it ends at a number."""
    is_field = element.tag == "input" and (element.get("type") or "").lower() in _FIELDS
    if not is_field or element.get("disabled") is not None:
        return ""
    if element.get("list") is not None:
        return "field"
    names = f"{names_of(element)} {element.get('name') or ''}"
    is_named = key_of(element.get("name") or "") in vocabulary().keys.page or vocabulary().has_name("pager", names)
    is_bounded = re.fullmatch(r"[2-9]|\d{2,3}", element.get("max") or "") is not None
    return "field" if is_named or is_bounded else ""


def _may_bring_rows(seen: Pressable) -> bool:
    """Whether something to press is not known to do something else."""
    is_known = seen.is_elsewhere_by_name or is_elsewhere(seen.element)
    if is_known or is_chosen(seen.element) or not _is_pressed(seen):
        return False
    number = whole_number(seen.label)
    if number is not None:
        return number != seen.scene.number
    return not does_something_else(seen.label)


def _is_pressed(seen: Pressable) -> bool:
    """Whether pressing does something by a script, as far as can be seen."""
    tag, href, has_scripts = seen.element.tag, seen.href.lower(), seen.scene.has_scripts
    if tag in ("select", "option", "form"):  # choices are judged by what they offer
        return False
    if seen.has_handler:
        return True
    if href.startswith("javascript:") and "void" not in href and len(href) > len("javascript:") + 1:
        return True
    if tag in ("button", "input"):
        return has_scripts or seen.element.get("formaction") is not None
    is_inert = tag == "a" and (not href or href.startswith(("#", "javascript:")))
    return has_scripts and is_inert and seen.target is None


def unscripted_marks(scene: Scene) -> Iterator[Mark]:
    """What a page says to those who read it without scripts: that then there is more, or all, of its list to be seen."""
    words = vocabulary()
    for element in islice(scene.root.iter("noscript"), _SIBLINGS):
        said = "".join(islice(element.itertext(), _SIBLINGS))[: 4 * _WORDS].lower()
        if words.speaks_of("unscripted", said) and element.find(".//a") is None:
            yield Mark("promise", quote_of(element))


def _promises(element: Element) -> bool:
    """Words, pressed or not, that speak of rows that are not there: 还有12条, 正在加载, 其余年报请在馆内查阅."""
    words = vocabulary()
    if element.tag in _NO_WORDS or is_off(element) or words.has_name("nowhere", names_of(element)):
        return False
    own = label_of("".join([element.text or "", *(child.tail or "" for child in element)]))
    if not 0 < len(own) <= _WORDS or words.speaks_of("end", own):
        return False
    return words.speaks_of("promise", own)
