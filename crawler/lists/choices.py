"""Choices beside a list: of years, of units, of parts of the list. What is offered and not shown is behind them.

A choice is known by its shape: a list to choose from, tabs of which one is marked as chosen, a row of dots, buttons to tick, a form without
a field for words. It needs no handler of its own, because scripts may give it one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.anchors import effective_url
from crawler.lists.explicit import calls_a_function
from crawler.lists.marks import (
    Control,
    Mark,
    Pressable,
    Scene,
    does_something_else,
    is_elsewhere,
    is_leaf,
    is_off,
    is_within_row,
    names_of,
    quote_of,
)
from crawler.lists.vocabulary import label_of, names_something_else, vocabulary
from crawler.pages.markup import text_of
from extract.document.numerals import whole_number
from extract.lexicon.dates import YEAR, years_in
from extract.lexicon.organs import is_organ

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from crawler.pages.markup import Element

_LABEL = 24
_PART = re.compile(
    rf"第[一二三四五六七八九十\d]{{1,3}}(?:部分|组|批|屏|段)|{YEAR}年?度?[及以之]{{0,2}}前|[上下续后][篇半部]?(?:部分)?"
)
_MOST_IN_GROUP = 60
_INSIDE = 200
_TABS = frozenset({"li", "a", "span", "button", "div"})
_IN_GROUPS = frozenset({*_TABS, "i", "b", "em", "dd", "td", "label", "p"})
_DOTS = frozenset({"li", "span", "i", "b", "em", "a", "s", "u"})
_HANDLERS = ("on", "@", "v-on", "v-model", "ng-")
_ADDRESS = re.compile(r"[/.]")
_CHOSEN = re.compile(r"(?:^|[\s_-])(?:on|cur(?:rent)?|active|selected|checked|hover)(?:$|[\s_-])", re.IGNORECASE)
_SEPARATORS = frozenset("|·•/>»-—_:：,，、。.*")
_TEXT_FIELDS = frozenset({"text", "search", "tel", "email", "password", ""})


def is_chosen(element: Element) -> bool:
    """Whether an element is marked as the one that is shown."""
    return _CHOSEN.search(element.get("class") or "") is not None or element.get("aria-selected") == "true"


def choice_marks(scene: Scene, top: Element, shown: ShownRows) -> Iterator[Control]:
    """Marks of choices in something that stands beside the rows; `shown` is what the scene's rows show."""
    for element in islice(top.iter(), _INSIDE):
        if not isinstance(element.tag, str) or element in scene.rows or is_within_row(element, scene.rows):
            continue
        if element.tag == "select":
            yield from shown.of_select(element)
        elif element.tag == "form":
            yield from _of_form(element)
        else:
            yield from shown.of_control(element)
        if scene.has_scripts and not _is_known(element):
            yield from _of_group(element, scene, shown.years)
            yield from _of_ticks(element, scene)


class ShownRows:
    """What the rows show of years and units: the rest of what a choice offers is behind it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._words = " ".join(f"{text_of(row)} {row.get('title') or ''}" for row in scene.rows)
        self.years = frozenset(years_in(self._words))

    def of_select(self, element: Element) -> Iterator[Control]:
        """A list to choose from."""
        handlers = [value for name, value in element.attrib.items() if name.startswith(_HANDLERS)]
        options = [one for one in element.iter("option") if not _ADDRESS.search(one.get("value") or "")]
        labels = [text_of(option) for option in options] if handlers else []
        is_menu = any("open" in handler or "location" in handler for handler in handlers)
        yield from self._hidden(element, labels, has_units=not is_menu)
        if not is_menu and _has_parts(labels):
            yield Control(Mark("choice", quote_of(element)), element)

    def of_control(self, element: Element) -> Iterator[Control]:
        """A tab."""
        if element.tag not in _TABS or not is_leaf(element):
            return
        seen = Pressable(element, self._scene, is_below=True)
        if len(seen.text) > _LABEL:
            return
        if (seen.has_handler or calls_a_function(element)) and seen.target is None:
            yield from self._hidden(element, [seen.text], has_units=True)
        elif seen.href.startswith("#") and not _is_known(element):
            yield from self._of_anchor(element, seen)

    def _of_anchor(self, element: Element, seen: Pressable) -> Iterator[Control]:
        """A link to another place of the page: what it promises stands there, or nowhere."""
        yield from self._hidden(element, [seen.text], has_units=False)
        words = vocabulary()
        is_part = words.speaks_of("earlier", seen.label) or _PART.fullmatch(seen.label) is not None
        if is_part and not self._shows_rows(seen.href[1:]):
            yield Control(Mark("promise", quote_of(element)), element)

    def _shows_rows(self, place: str) -> bool:
        """Whether there is a row at a place of the page."""
        places = (one for one in self._scene.rows for one in (one, *one.iterancestors()))
        return bool(place) and any(one.get("id") == place or one.get("name") == place for one in places)

    def _hidden(self, element: Element, labels: Sequence[str], *, has_units: bool) -> Iterator[Control]:
        offered = {year for label in labels for year in years_in(label)}
        for year in sorted(offered - self.years, reverse=True):
            yield Control(Mark("years", quote_of(element), year), element)
        if has_units and any(is_organ(label, "row") and label not in self._words for label in labels):
            yield Control(Mark("units", quote_of(element)), element)


def _has_parts(labels: Sequence[str]) -> bool:
    return any(_is_part_of_list(label_of(label)) for label in labels[1:])


def _is_part_of_list(label: str) -> bool:
    """Whether an option offers a part of the list by its place: 第7-12条, 更早, 下一批; years, units and sizes of pages are judged elsewhere."""
    words = vocabulary()
    if not label or words.is_label("harmless", label) or names_something_else(label) or is_organ(label, "row"):
        return False
    return not years_in(label) and not re.search(r"每[页頁]|[条篇]/[页頁]|\A\d+\Z", label)


def _of_group(parent: Element, scene: Scene, years: Set[int]) -> Iterator[Control]:
    """Things of one kind beside each other: dots without words, or tabs of which one is chosen and others wait."""
    group = [child for child in islice(parent, _MOST_IN_GROUP) if isinstance(child.tag, str)]
    if not _is_group(group) or any(_is_row_or_link(child, scene) for child in group):
        return
    labels = [label_of(text_of(child)) for child in group]
    if _are_dots(group, labels) or _have_others(group, labels, scene, years):
        yield Control(Mark("choice", quote_of(parent)), group[-1])


def _is_group(group: Sequence[Element]) -> bool:
    return len(group) > 1 and len({child.tag for child in group}) == 1 and group[0].tag in _IN_GROUPS


def _is_row_or_link(child: Element, scene: Scene) -> bool:
    return child in scene.rows or not is_leaf(child) or _leads(child, scene)


def _leads(child: Element, scene: Scene) -> bool:
    return any(one.tag == "a" and effective_url(one, scene.base) is not None for one in child.iter())


def _are_dots(group: Sequence[Element], labels: Sequence[str]) -> bool:
    """Whether a group has no words and is of one look but for the one that is chosen."""
    if group[0].tag not in _DOTS or any(re.search(r"\w", label) for label in labels):
        return False
    if any(child.find(".//img") is not None or child.get("title") or child.get("id") for child in group):
        return False
    looks = {_CHOSEN.sub(" ", child.get("class") or "").strip() for child in group}
    return len(looks) == 1 and not (any(labels) and _SEPARATORS.issuperset("".join(labels)))


def _have_others(group: Sequence[Element], labels: Sequence[str], scene: Scene, years: Set[int]) -> bool:
    """Whether one of a group is chosen, and another is offered that isn't known to be something else."""
    chosen = [is_chosen(child) for child in group]
    if not any(chosen) or all(chosen):
        return False
    others = [(child, label) for child, label, is_on in zip(group, labels, chosen, strict=True) if not is_on]
    return any(not is_off(child) and _may_be_other(label, scene, years) for child, label in others)


def _may_be_other(label: str, scene: Scene, years: Set[int]) -> bool:
    if not label or does_something_else(label) or vocabulary().is_label("jump", label):
        return False
    if years_in(label):
        return not set(years_in(label)) <= years
    return not names_something_else(label) and whole_number(label) != scene.number


def _of_ticks(element: Element, scene: Scene) -> Iterator[Control]:
    """Buttons to tick, outside of forms that search."""
    kind = (element.get("type") or "").lower()
    if element.tag != "input" or kind not in ("radio", "checkbox") or element.get("checked") is not None:
        return
    if next((one for one in element.iterancestors() if one.tag == "form"), None) is None:
        around = element.getparent()
        label = label_of(text_of(around)) if around is not None else ""
        if not names_something_else(label) and not vocabulary().is_label("harmless", label):
            yield Control(Mark("choice", quote_of(element)), element)


def _of_form(form: Element) -> Iterator[Control]:
    """A form without a field for words: what it sends can only choose."""
    presses = [one for one in form.iter("input", "button") if _is_press(one)]
    has_words = any(one.tag == "textarea" or _is_text_field(one) for one in form.iter("input", "textarea"))
    if not presses or has_words or _is_known(form) or is_off(form):
        return
    if not all(vocabulary().is_label("harmless", _label_of_press(one)) for one in presses):
        yield Control(Mark("choice", quote_of(form)), form)


def _label_of_press(element: Element) -> str:
    return label_of(text_of(element) or element.get("value") or element.get("alt") or "")


def _is_text_field(field: Element) -> bool:
    return (field.get("type") or "").lower() in _TEXT_FIELDS


def _is_press(element: Element) -> bool:
    kind = (element.get("type") or "").lower()
    return element.get("disabled") is None and (element.tag == "button" or kind in ("submit", "image"))


def _is_known(element: Element) -> bool:
    """Whether an element is, by name, a slider, a calendar, a search … and chooses nothing of a list."""
    names = " ".join(names_of(one) for one in (element, *islice(element.iterancestors(), 3)))
    return vocabulary().has_name("no_pager", names) or is_elsewhere(element)
