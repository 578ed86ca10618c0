"""The cascade: which declarations hold for an element, out of the page's style sheets and its `style` attribute."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from extract.web.css import Declarations, Declared, Rule, declarations, media_applies, parse_sheet
from extract.web.facts import PLAIN, PSEUDO, Facts, Style, facts_of, substituted
from extract.web.selectors import Matcher

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.document.limits import Budget

_NOTHING: Declarations = {}
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
        self._custom: dict[str, str] = {}
        self._facts: dict[object, Facts] = {}
        self._worked_out = 0
        self.adds = False
        self.unhides = False
        self.hiding: set[str] = set()
        order = 0
        for sheet in sheets:
            for rule in parse_sheet(sheet, fold=quirks):
                order += 1
                self._add(replace(rule, order=order))

    def _add(self, rule: Rule) -> None:
        selector, declared = rule.selector, rule.declarations
        self._by_key.setdefault(selector.key, []).append(rule)
        if not selector.is_simple:
            self._structured.add(selector.key)
        self.adds = self.adds or (selector.pseudo != "" and "content" in declared) or "animation-name" in declared
        self._custom.update({name: value.value for name, value in declared.items() if name.startswith("--")})
        self.unhides = self.unhides or _is(declared, "visibility", "visible")
        if not selector.pseudo and rule.certain and _may_be_gone(declared):
            self.hiding.add(selector.key)

    def facts(self, element: _Element) -> Facts:
        """What an element says about its text; worked out once for all elements with the same attributes, where rules allow it."""
        keys = self._keys(element)
        is_alike = self._structured.isdisjoint(keys)
        key: object = (element.tag, *element.items()) if is_alike else element
        known = self._facts.get(key)
        if known is None:
            known = self._facts[key] = self._work_out(element, keys)
        return known

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
            facts = facts_of(element, self._values(own))
            return PLAIN if facts == PLAIN else facts
        facts = self._facts_by(element, own, rules)
        if all(rule.certain for rule in rules):
            return facts
        # A rule that only may apply: what holds with it and what holds without it are both in doubt.
        without = self._facts_by(element, own, [rule for rule in rules if rule.certain])
        seen = [one.visible for one in (facts, without) if one.visible is not None]
        return facts._replace(why=tuple(dict.fromkeys((*facts.why, *without.why))), visible=all(seen) if seen else None)

    def _facts_by(self, element: _Element, own: Declarations, rules: list[Rule]) -> Facts:
        main = _merged([rule for rule in rules if not rule.selector.pseudo], own)
        pseudo = [_merged([rule for rule in rules if rule.selector.pseudo == name], _NOTHING) for name in PSEUDO]
        return facts_of(element, self._values(main), tuple(map(self._values, pseudo)))

    def _matching(self, element: _Element, keys: Iterable[str]) -> list[Rule]:
        by_key = self._by_key
        return [rule for key in keys for rule in by_key.get(key, ()) if self._matcher.matches(rule.selector, element)]

    def _values(self, declared: Declarations) -> Style:
        return {name: self._value(value.value) for name, value in declared.items()}

    def _value(self, value: str) -> str:
        return substituted(value, self._custom) if "var(" in value else value

    def hidden_by_sheet(self, root: _Element) -> Iterator[_Element]:
        """The elements that rules leave out of the page for certain (`display: none` and the like)."""
        if not self.hiding:
            return
        for element in root.iter():
            if not isinstance(element.tag, str) or self.hiding.isdisjoint(keys := self._keys(element)):
                continue
            rules = [rule for rule in self._matching(element, keys) if rule.certain and not rule.selector.pseudo]
            style = _merged(rules, declarations(element.get("style") or ""))
            if is_gone(element, style, unhides=self.unhides):
                yield element


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


def _merged(rules: list[Rule], own: Declarations) -> Declarations:
    """The declarations that win: by importance, weight and order; those of the attribute behind all of a sheet's."""
    if not rules:
        return own
    merged: dict[str, Declared] = {}
    ordered = [rule.declarations for rule in sorted(rules, key=lambda rule: (rule.selector.weight, rule.order))]
    for declared in (*ordered, own):
        for name, value in declared.items():
            if name not in merged or value.important or not merged[name].important:
                merged[name] = value
    return merged


def style_sheets(root: _Element) -> list[str]:
    """The texts of a page's own style sheets, as far as they are for a screen."""
    return [
        style.text
        for style in root.iter("style")
        if style.text
        and (style.get("type") or "text/css").strip().lower() == "text/css"
        and media_applies(style.get("media") or "all") is not False
        and next(style.iterancestors("noscript", "template"), None) is None
    ]
