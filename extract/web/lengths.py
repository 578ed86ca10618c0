"""Lengths of style sheets in points."""

from __future__ import annotations

import re
from functools import lru_cache

from extract.web.arithmetic import worked_out

#: Points to a unit. Units of the screen are those of one 1440 px wide and 900 px high; `em` and `%` are distinguished by the caller.
_POINTS = {
    "": 0.75, "px": 0.75, "pt": 1.0, "pc": 12.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "q": 0.709, "rem": 12.0,
    "em": 10.5, "ex": 5.25, "ch": 5.25, "ic": 10.5, "lh": 15.0, "%": 0.105, "vw": 10.8, "vh": 6.75, "vmin": 6.75, "vmax": 10.8,
}  # fmt: skip
_LENGTH = re.compile(r"([-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[-+]?\d+)?)([a-z]*|%)")
#: `font-size` by its keywords, in points at the browsers' default of 16 px.
KEYWORDS = {
    "xx-small": 6.75, "x-small": 7.5, "small": 9.75, "medium": 12.0, "large": 13.5, "x-large": 18.0, "xx-large": 24.0,
    "xxx-large": 36.0,
}  # fmt: skip
_SIZES = {
    **{name: (size, False) for name, size in KEYWORDS.items()},
    "smaller": (1 / 1.2, True),
    "larger": (1.2, True),
}
#: What bare numbers and shares of a whole are worth.
_SHARES = {"": 1.0, "%": 0.01}
#: `<font size>` in points.
FONT_SIZES = {"1": 7.5, "2": 9.75, "3": 12.0, "4": 13.5, "5": 18.0, "6": 24.0, "7": 36.0}


@lru_cache(maxsize=4096)
def points(value: str) -> float | None:
    """A length in points; shares of the parent's text size as if that were 10.5 points; `None` if it is none (`auto`)."""
    found = _LENGTH.fullmatch(value.strip())
    if found is None:
        return worked_out(value, _points_to) if "(" in value else None
    if found.group(2) not in _POINTS:
        return None
    return float(found.group(1)) * _POINTS[found.group(2)]


def _points_to(unit: str) -> float | None:
    """Points to a unit in a sum, where a bare number is a factor, and a share is one of a room that isn't known."""
    return 1.0 if not unit else None if unit == "%" else _POINTS.get(unit)


def _points_of_text(unit: str) -> float | None:
    """The same in a sum of text sizes, where a share is one of the parent's size, taken for the browsers' default."""
    return 0.12 if unit == "%" else _points_to(unit)


@lru_cache(maxsize=1024)
def number(value: str) -> float | None:
    """A number or a share (`30%` is 0.3), worked out if it is a sum; `None` if it is none."""
    found = _LENGTH.fullmatch(value.strip())
    if found is None:
        return worked_out(value, _SHARES.get) if "(" in value else None
    factor = _SHARES.get(found.group(2))
    return None if factor is None else float(found.group(1)) * factor


@lru_cache(maxsize=1024)
def text_size(value: str) -> tuple[float, bool] | None:
    """A `font-size`: points and `False`, or a share of the parent's and `True`; `None` if it says nothing.

    Functions (`clamp(14px, 1.2vw, 18px)`) and sums (`calc(1rem + 1px)`) are worked out.
    """
    value = value.strip()
    if value in _SIZES:
        return _SIZES[value]
    found = _LENGTH.fullmatch(value)
    if found is None:
        size = worked_out(value, _points_of_text) if "(" in value else None
        return None if size is None else (size, False)
    amount, unit = float(found.group(1)), found.group(2)
    if unit in ("em", "%"):
        return amount / (100 if unit == "%" else 1), True
    size = points(value)
    return None if size is None else (size, False)
