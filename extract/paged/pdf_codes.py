"""Do the fonts of a PDF have one digit for two codes? Then their outlines don't tell how a digit is drawn."""

from __future__ import annotations

import re
from collections import Counter

_SECTION = re.compile(rb"beginbf(char|range)((?:[^b]|b(?!eginbf))*?)endbf")
_PAIR = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f\s]+)>\s*<([0-9A-Fa-f\s]+)>\s*(?:<([0-9A-Fa-f\s]+)>|\[(.*?)\])", re.DOTALL)
_TARGET = re.compile(rb"<([0-9A-Fa-f\s]+)>")
_DIGITS = frozenset((*range(0x30, 0x3A), *range(0xFF10, 0xFF1A)))
# A range of codes is at most as long as all codes of two bytes.
_LONGEST = 0x10000


def has_twin_digits(cmap: bytes) -> bool:
    """Whether a font's map from codes to text (a ToUnicode stream) gives a digit to more than one code."""
    codes: Counter[int] = Counter()
    for kind, body in _SECTION.findall(cmap):
        if kind == b"char":
            codes.update(target for _, to in _PAIR.findall(body) if (target := _number(to)) in _DIGITS)
        else:
            for low, high, start, listed in _RANGE.findall(body):
                codes.update(_targets(_number(low), _number(high), start, listed))
    return any(count > 1 for count in codes.values())


def _targets(low: int, high: int, start: bytes, listed: bytes) -> list[int]:
    """The digits to which a range of codes leads."""
    if listed:
        return [target for to in _TARGET.findall(listed) if (target := _number(to)) in _DIGITS]
    first = _number(start)
    span = range(first, first + min(high - low, _LONGEST) + 1)
    return [digit for digit in _DIGITS if digit in span]


def _number(digits: bytes) -> int:
    text = re.sub(rb"\s", b"", digits)
    return int(text, 16) if 0 < len(text) <= 8 else -1
