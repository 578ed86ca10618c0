"""The custom properties of style sheets (`--pale: #fff`), which elements inherit, and `var(--pale)` with them put in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

    from extract.web.css import Declarations

#: Values of variables that name others, and so on, end after so many steps.
_DEEPEST = 8
_LONGEST = 300
#: Stands for a value that can't be determined: a function that no property understands.
UNTOLD = "color(unknown)"


class Variables:
    """The custom properties of a page's elements.

    `is_scoped` tells that they differ between its elements; else those of the root hold for all.
    """

    def __init__(self) -> None:
        self.is_scoped = False
        self._root: dict[str, str] = {}
        self._initial: dict[str, str] = {}
        self._not_inherited: set[str] = set()
        self._doubtful: set[str] = set()
        self._of: dict[_Element, Mapping[str, str]] = {}

    def register(self, name: str, initial: str, *, inherits: bool) -> None:
        """A property that a sheet registers with a value to begin with."""
        self._initial[name] = initial
        if not inherits:
            self._not_inherited.add(name)
            self.is_scoped = True

    def declare(self, declared: Declarations, *, key: str, certain: bool) -> None:
        """The declarations of a rule, by the part of its selector that it is looked up by."""
        found = {name: value.value for name, value in declared.items() if name.startswith("--")}
        if found and not certain:
            self._doubtful.update(found)
        elif found and (
            key not in _ROOTS or any(self._root.get(name, value) != value for name, value in found.items())
        ):
            self.is_scoped = True
        self._root.update(found)

    def of(self, element: _Element, own: Callable[[_Element], Declarations]) -> Mapping[str, str]:
        """What an element's variables are worth; `own` gives the declarations that hold for one element."""
        if not self.is_scoped:
            return {**self._initial, **self._root, **dict.fromkeys(self._doubtful, UNTOLD)}
        chain = [element]
        while chain[-1] not in self._of and (parent := chain[-1].getparent()) is not None:
            chain.append(parent)
        values: Mapping[str, str] = self._of.get(chain[-1], self._initial)
        for inner in reversed(chain):
            if inner not in self._of:
                values = self._of[inner] = self._below(values, own(inner))
        return self._of[element]

    def _below(self, outer: Mapping[str, str], declared: Declarations) -> Mapping[str, str]:
        own = {name: value.value for name, value in declared.items() if name.startswith("--")}
        if not own and not self._not_inherited and not self._doubtful:
            return outer
        mine = {name: value for name, value in outer.items() if name not in self._not_inherited}
        mine |= {name: self._initial[name] for name in self._not_inherited}
        mine |= {name: substituted(value, outer) for name, value in own.items()}
        return mine | dict.fromkeys(self._doubtful, UNTOLD)


#: Rules that are looked up by these hold for the whole page.
_ROOTS = frozenset({"*", "html", "body"})


def substituted(value: str, values: Mapping[str, str]) -> str:
    """A value with its `var(--name)` put in; empty if one of them has no value and nothing stands in for it."""
    for _ in range(_DEEPEST):
        start = value.lower().find("var(")
        if start < 0:
            return value
        inside, end = _brackets(value, start + 4)
        name, comma, fallback = inside.partition(",")
        put = values.get(name.strip()) or (fallback.strip() if comma else None)
        if put is None:
            return ""
        value = f"{value[:start]}{put}{value[end:]}"[:_LONGEST]
    return UNTOLD


def _brackets(text: str, start: int) -> tuple[str, int]:
    """What stands in brackets that opened before `start`, and where it goes on behind them."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return text[start:at], at + 1
    return text[start:], len(text)
