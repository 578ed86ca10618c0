"""Is a figure drawn as it is stored? The question that every carrier's reader answers run by run, and what follows for a cell.

A person sees a page, not its bytes: text may be hidden, raised, struck out, put in another order, added by a style sheet, or
shown as another number. A reader says how each run of characters is drawn (`Run`); `verdict` says why the figure of a cell can't be
taken as it is stored, `()` for nearly all. Nothing here knows a carrier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Look(StrEnum):
    """How characters are drawn that aren't simply printed. The values are the codes of `Cell.look`."""

    HIDDEN = "hidden-text"
    RAISED = "raised"
    STRUCK = "struck"
    TURNED = "turned"
    ADDED = "added"
    COVERED = "covered"
    MOVED = "moved"
    SIZES = "sizes"
    OTHERWISE = "shown-otherwise"
    PICTURE = "picture"
    FIELD = "form-field"

    def because(self, detail: str) -> str:
        """The code with what in the document makes it so."""
        return f"{self.value}: {detail}"


#: Digits of one size differ in height by a tenth at most; a raised mark has two thirds of the size.
SMALLER = 0.8
#: Text below this size, in points, can't be read: office programs print from 1 point on, browsers show from 6 or so.
LEAST_SIZE = 3.0
#: Letters with as much room between them, in points, as an ordinary one is high: digits so far apart look like several numbers.
WIDE_SPACING = 10.0
#: Fonts that show signs where digits are stored.
PICTURE_FONTS = re.compile(r"(?i)wingdings|webdings|zapf ?dingbats|monotype sorts|mt extra|marlett")
#: No figure with its unit is longer.
LONGEST_FIGURE = 60
_SIGN = re.compile(r"[\d.,%+\-−－—–，．％十百千万亿零〇无元]")
_WORDS = re.compile(r"[\u4e00-\u9fff]{3}")
_DIGIT = re.compile(r"\d")
_SIDE_BY_SIDE = re.compile(r"\d[.,]?\d")
# Marks that put what follows from right to left: RLE, RLO, RLI, RLM, ALM. Their counterparts from left to right change nothing.
_RIGHT_TO_LEFT = re.compile("[\u202b\u202e\u2067\u200f\u061c]")


#: The reason of text that is spaced so; it counts for digits side by side alone.
SPACED = Look.MOVED.because("its letters stand far apart")


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of a cell that are drawn alike.

    Attributes:
        why: Reasons (`Look` codes, mostly with a detail) for which they may not be seen as stored. A run with a reason and no text
            is something that is shown and isn't in the text.
        size: Their size in points, `None` if the carrier doesn't say.
        place: Anything that is equal for runs which stand on one line in their order.
    """

    text: str
    why: tuple[str, ...] = ()
    size: float | None = None
    place: object = None


#: Between the runs of a cell: what stands behind it is drawn apart from what stands before it.
APART = Run("")


def asks(text: str) -> bool:
    """Whether a cell's text may be a figure, so that it matters how it is drawn."""
    return _SIGN.search(text) is not None


def may_be_figure(text: str) -> bool:
    """Whether a cell is blank or may hold a figure: what has words is a label or a header."""
    return not text or (asks(text) and _WORDS.search(text) is None)


def has_digit(text: str) -> bool:
    """Whether a text holds a figure at all."""
    return _DIGIT.search(text) is not None


def turned(text: str) -> tuple[str, ...]:
    """The reason that invisible characters of the text itself give."""
    if text.isascii() or _RIGHT_TO_LEFT.search(text) is None:
        return ()
    return (Look.TURNED.because("marks for writing from right to left"),)


def verdict(runs: Iterable[Run]) -> tuple[str, ...]:
    """Why the figure of a cell isn't what its text says; `()` where it is drawn as it is stored, or where there is none."""
    runs = tuple(runs)
    inked = [run for run in runs if run.why or run.text.strip()]
    if not any(not run.text or asks(run.text) for run in inked):
        return ()
    reasons = dict.fromkeys(reason for run in inked for reason in (*run.why, *turned(run.text)))
    if SPACED in reasons and _SIDE_BY_SIDE.search("".join(run.text for run in runs)) is None:
        del reasons[SPACED]
    return (*reasons, *_unlike(inked), *_parted(runs))


def _unlike(inked: Sequence[Run]) -> Iterator[str]:
    """What the runs of a cell say against each other."""
    digits = [run for run in inked if has_digit(run.text)]
    if not digits or len(inked) == 1:
        return
    sizes = [run.size for run in digits if run.size is not None]
    if sizes and min(sizes) < SMALLER * max(sizes):
        yield Look.SIZES.because(f"{min(sizes):g} and {max(sizes):g} points")
    if len({run.place for run in inked if run.text}) > 1:
        yield Look.MOVED.because("parts of the cell are moved against each other")


def _parted(runs: Sequence[Run]) -> Iterator[str]:
    """Digits side by side in the text that are drawn apart: two numbers, or a number and a mark."""
    before, is_apart = "", False
    for run in runs:
        if run is APART:
            is_apart = True
        elif run.text:
            if is_apart and before[-1:].isdigit() and run.text[:1].isdigit():
                yield Look.MOVED.because("digits are drawn apart from each other")
                return
            before, is_apart = run.text, False
