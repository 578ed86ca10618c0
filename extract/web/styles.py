"""The cascade: which declarations hold for an element, out of the page's style sheets and its `style` attribute."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from extract.document.colours import from_css
from extract.web.css import (
    Declarations,
    Declared,
    Rule,
    declarations,
    imported,
    layers_named,
    media_applies,
    own_fonts,
    parse_sheet,
    registered,
    with_variables,
)
from extract.web.facts import PLAIN, PSEUDO, Facts, Style, facts_of
from extract.web.selectors import Matcher
from extract.web.variables import Variables, substituted

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.document.limits import Budget

_NOTHING: Declarations = {}
_UNLAYERED = (math.inf,)
#: So many elements are worked out between two looks at the clock.
_OFTEN = 500
#: Values with which a rule may hide elements altogether.
_GONE = {"display": ("none",), "visibility": ("hidden", "collapse"), "content-visibility": ("hidden",)}


class Styles:
    """The style sheets of one page."""

    def __init__(self, sheets: Iterable[str], budget: Budget, *, quirks: bool = False) -> None:
        self._budget = budget
        self._matcher = Matcher(fold=quirks)
        self._by_key: dict[str, list[Rule]] = {}
        self._structured: set[str] = set()
        self._variables = Variables()
        self._layers: dict[tuple[str, ...], int] = {}
        self._fonts: set[str] = set()
        self._facts: dict[object, Facts] = {}
        self._worked_out = 0
        self.unhides = False
        self.hiding: set[str] = set()
        order = 0
        for sheet in sheets:
            self._fonts.update(own_fonts(sheet))
            for layer in layers_named(sheet):
                self._rank(layer)
            for name, initial, inherits in registered(sheet):
                self._variables.register(name, initial, inherits=inherits)
            for rule in parse_sheet(sheet, fold=quirks):
                order += 1
                self._add(replace(rule, order=order))

    def scope_variables(self) -> None:
        """Look for variables in the elements' own attributes too."""
        self._variables.is_scoped = True

    def _rank(self, layer: tuple[str, ...]) -> tuple[float, ...]:
        """The place of a cascade layer: later ones win, and what stands in none, or deeper in none, wins over them all."""
        if not layer:
            return _UNLAYERED
        outer = (layer[:end] for end in range(1, len(layer) + 1))
        return (*(self._layers.setdefault(path, len(self._layers)) for path in outer), math.inf)

    def _add(self, rule: Rule) -> None:
        selector, declared = rule.selector, rule.declarations
        self._by_key.setdefault(selector.key, []).append(rule)
        if not selector.is_simple:
            self._structured.add(selector.key)
        self._variables.declare(declared, key="" if selector.links else selector.key, certain=rule.certain)
        self.unhides = self.unhides or _is(declared, "visibility", "visible")
        if not selector.pseudo and rule.certain and _may_be_gone(declared):
            self.hiding.add(selector.key)

    def facts(self, element: _Element) -> Facts:
        """What an element says about its text; worked out once for all elements with the same attributes, where rules allow it."""
        keys = self._keys(element)
        is_alike = self._structured.isdisjoint(keys) and not self._variables.is_scoped
        key: object = (element.tag, *element.items()) if is_alike else element
        known = self._facts.get(key)
        if known is None:
            known = self._facts[key] = self._work_out(element, keys)
        return known

    def style_of(self, element: _Element) -> Style:
        """The properties that are declared for an element, for certain."""
        return self._values(element, self._declared(element))

    def _keys(self, element: _Element) -> tuple[str, ...]:
        if not self._by_key:
            return ()
        identity = self._matcher.identity(element)
        classes = (f".{name}" for name in self._matcher.classes(element))
        return (str(element.tag), "*", *((f"#{identity}",) if identity else ()), *classes)

    def _work_out(self, element: _Element, keys: Iterable[str]) -> Facts:
        self._worked_out += 1
        if self._worked_out % _OFTEN == 0:
            self._budget.check_time()
        own = declarations(element.get("style") or "")
        rules = self._matching(element, keys)
        if not rules:
            facts = facts_of(element, self._values(element, own), fonts=self._fonts)
            return PLAIN if facts == PLAIN else facts
        facts = self._facts_by(element, own, rules)
        if all(rule.certain for rule in rules):
            return facts
        # A rule that only may apply: what holds with it and what holds without it are both in doubt.
        return facts.or_else(self._facts_by(element, own, [rule for rule in rules if rule.certain]))

    def _facts_by(self, element: _Element, own: Declarations, rules: list[Rule]) -> Facts:
        main = self._merged([rule for rule in rules if not rule.selector.pseudo], own)
        pseudo = [
            self._values(element, self._merged([rule for rule in rules if rule.selector.pseudo == name], _NOTHING))
            for name in PSEUDO
        ]
        return facts_of(element, self._values(element, main), pseudo, fonts=self._fonts)

    def _matching(self, element: _Element, keys: Iterable[str]) -> list[Rule]:
        by_key = self._by_key
        return [rule for key in keys for rule in by_key.get(key, ()) if self._matcher.matches(rule.selector, element)]

    def _values(self, element: _Element, declared: Declarations) -> Style:
        values = {name: value.value for name, value in declared.items() if not name.startswith("--")}
        varied = [name for name, value in values.items() if "var(" in value.lower()]
        if varied:
            variables = self._variables.of(element, self._declared)
            for name in varied:
                values[name] = with_variables(name, substituted(values[name], variables))
        return values

    def _declared(self, element: _Element) -> Declarations:
        """The declarations that hold for an element for certain."""
        rules = [
            rule for rule in self._matching(element, self._keys(element)) if rule.certain and not rule.selector.pseudo
        ]
        return self._merged(rules, declarations(element.get("style") or ""))

    def _merged(self, rules: list[Rule], own: Declarations) -> Declarations:
        """The declarations that win: by importance, layer, weight and order; those of the attribute behind all of a sheet's."""
        if not rules:
            return own
        ranked = sorted(
            ((self._rank(rule.layer), rule.selector.weight, rule.order, rule.declarations) for rule in rules),
            key=lambda entry: entry[:3],
        )
        merged = {**_chosen(ranked, important=False), **own}
        # What is important goes by the layers the other way round.
        ranked.sort(key=lambda entry: tuple(-place for place in entry[0]))
        important = _chosen(ranked, important=True)
        if important:
            merged |= important | {name: value for name, value in own.items() if value.important}
        return merged

    def hidden_by_sheet(self, root: _Element) -> Iterator[_Element]:
        """The elements that rules leave out of the page for certain (`display: none` and the like)."""
        if not self.hiding:
            return
        for element in root.iter():
            if not isinstance(element.tag, str) or self.hiding.isdisjoint(self._keys(element)):
                continue
            if is_gone(element, self._declared(element), unhides=self.unhides):
                yield element


def _chosen(
    ranked: Iterable[tuple[tuple[float, ...], tuple[int, int, int], int, Declarations]], *, important: bool
) -> dict[str, Declared]:
    """Of each property the last value that is important, or the last that isn't."""
    return {name: value for *_, declared in ranked for name, value in declared.items() if value.important == important}


def is_gone(element: _Element, style: Declarations, *, unhides: bool) -> bool:
    """Whether an element and all in it isn't shown.

    A cell that is only invisible keeps its place, and what is inside an invisible element may be visible again.
    """
    if _is(style, "display", "none") or _is(style, "content-visibility", "hidden"):
        return True
    if not (_is(style, "visibility", "hidden") or _is(style, "visibility", "collapse")):
        return False
    if unhides or element.tag in ("td", "th"):
        return False
    return not any("visib" in (inner.get("style") or "") for inner in element.iterdescendants())


def _may_be_gone(declared: Declarations) -> bool:
    return any(name in declared and declared[name].value in values for name, values in _GONE.items())


def _is(style: Declarations, name: str, value: str) -> bool:
    declared = style.get(name)
    return declared is not None and declared.value == value


def style_sheets(root: _Element) -> list[str]:
    """The texts of a page's own style sheets, as far as they are for a screen."""
    sheets: list[str] = []
    for element in root.iter("style", "link", "body"):
        text = _own_sheet(element)
        if text and next(element.iterancestors("noscript", "template"), None) is None:
            sheets += [sheet for address in imported(text) if (sheet := _carried(address))]
            sheets.append(text)
    return sheets


def _own_sheet(element: _Element) -> str | None:
    """The style sheet that an element holds: a `<style>`, a `<link>` with the sheet in its address, the colours of `<body>`."""
    if element.tag == "body":
        return _colours_of_links(element)
    if media_applies(element.get("media") or "all") is False:
        return None
    if element.tag == "link":
        is_sheet = "stylesheet" in (element.get("rel") or "").lower().split()
        return _carried(element.get("href") or "") if is_sheet else None
    return element.text if (element.get("type") or "text/css").strip().lower() == "text/css" else None


def _colours_of_links(body: _Element) -> str | None:
    link = (body.get("link") or "").strip().lower()
    if not link.lstrip("#").isalnum():
        return None
    return f"a[href]{{color:{link if from_css(link) else f'#{link}'}}}"


def _carried(address: str) -> str | None:
    """The style sheet that a `data:` address holds itself."""
    head, comma, body = address.strip().partition(",")
    if not comma or not head.lower().startswith("data:text/css"):
        return None
    if not head.lower().endswith(";base64"):
        return unquote(body)
    try:
        return base64.b64decode(unquote(body), validate=False).decode("utf-8", "replace")
    except binascii.Error:
        return None
