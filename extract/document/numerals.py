"""Whole numbers in what strangers wrote: ASCII digits, and not more of them than a number has.

`str.isdigit` takes `²` and `٣`, and `int` refuses the one and 5,000 digits of any kind.
"""

from __future__ import annotations

_MAX_DIGITS = 18


def is_whole(text: str) -> bool:
    """Whether `int` gives a number for a text that holds digits alone."""
    return text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS


def whole_number(text: str | None) -> int | None:
    """The number that ASCII digits alone write, between blanks at most; `None` for anything else."""
    text = (text or "").strip(" \t")
    return int(text) if is_whole(text) else None
