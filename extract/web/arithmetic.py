"""The sums of style sheets (`calc`, `min`, `max`, `clamp`) worked out: `calc(1rem + 2px)` is 13.5 points."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?)(?P<unit>[a-z]+|%)?|(?P<word>[-a-z]+)(?=\()|(?P<sign>[-+*/(),]))"
)
_FUNCTIONS: dict[str, Callable[[Sequence[float]], float]] = {
    "calc": lambda values: values[0],
    "": lambda values: values[0],
    "min": min,
    "max": max,
    "clamp": lambda values: max(values[0], min(values[1], values[-1])),
    "abs": lambda values: abs(values[0]),
    "sign": lambda values: (values[0] > 0) - (values[0] < 0),
}
#: Brackets inside more others are no sum of a style sheet.
_DEEPEST = 20


def worked_out(text: str, units: Callable[[str], float | None]) -> float | None:
    """The value of a sum, or `None` if it is none that can be worked out.

    `units` gives the factor of a unit (of `""` for a bare number).
    """
    try:
        sum_ = _Sum(text, units)
        value = sum_.added(0)
        return value if sum_.is_done else None
    except (ValueError, ZeroDivisionError, OverflowError, IndexError):
        return None


class _Sum:
    """Reads one sum from left to right. Raises `ValueError` for what is none."""

    def __init__(self, text: str, units: Callable[[str], float | None]) -> None:
        self._units = units
        self._tokens: list[tuple[str | None, ...]] = []
        at, text = 0, text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(text)
            at = found.end()
            self._tokens.append(found.group("number", "unit", "word", "sign"))
        self._at = 0

    @property
    def is_done(self) -> bool:
        """Whether all of the text was read."""
        return self._at == len(self._tokens)

    def _sign(self, wanted: str) -> str | None:
        """The next token, if it is one of some signs; it is taken then."""
        if self._at < len(self._tokens):
            sign = self._tokens[self._at][3]
            if sign is not None and sign in wanted:
                self._at += 1
                return sign
        return None

    def added(self, depth: int) -> float:
        """A sum of products."""
        value = self._multiplied(depth)
        while (sign := self._sign("+-")) is not None:
            term = self._multiplied(depth)
            value = value + term if sign == "+" else value - term
        return value

    def _multiplied(self, depth: int) -> float:
        value = self._single(depth)
        while (sign := self._sign("*/")) is not None:
            factor = self._single(depth)
            value = value * factor if sign == "*" else value / factor
        return value

    def _single(self, depth: int) -> float:
        if depth > _DEEPEST:
            raise ValueError("too deep")
        if (sign := self._sign("+-")) is not None:
            value = self._single(depth + 1)
            return -value if sign == "-" else value
        number, unit, word, _ = self._tokens[self._at]
        if number is not None:
            self._at += 1
            factor = self._units(unit or "")
            if factor is None:
                raise ValueError(unit)
            return float(number) * factor
        if word is not None:
            self._at += 1
        if self._sign("(") is None:
            raise ValueError("no number")
        return self._called(word or "", depth)

    def _called(self, name: str, depth: int) -> float:
        values = [self.added(depth + 1)]
        while self._sign(",") is not None:
            values.append(self.added(depth + 1))
        function = _FUNCTIONS.get(name)
        if self._sign(")") is None or function is None:
            raise ValueError(name)
        return function(values)
