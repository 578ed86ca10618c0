"""Counts what a reading of a document got right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from bench.accuracy.truth import Address
from extract.model import Figure, State

#: Lower ends of the bands of confidence whose share of true values is printed.
BANDS = (0.9, 0.8, 0.6, 0.4, 0.0)
OUTCOMES = ("right", "flagged", "silently wrong", "unread")


def score(
    figures: Iterable[Figure], truth: dict[Address, Decimal | None]
) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Counts by (table, outcome), and a line for each figure that is silently wrong.

    Right: the true value with a confidence of 0.9 or more, or `nothing` where a 0 or a blank is printed. Flagged: anything with less.
    Silently wrong: another value, or a figure that the document doesn't have, with 0.9 or more. Unread: no figure, or one whose
    state says that it was not read.
    """
    counts: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    found = {(figure.table, figure.row, figure.column): figure for figure in figures}
    for address, value in truth.items():
        figure = found.get(address)
        if figure is None or figure.state is State.UNREAD:
            outcome = "unread"
        elif not figure.is_reliable:
            outcome = "flagged"
        elif figure.value == value or (figure.state is State.NOTHING and not value):
            outcome = "right"
        else:
            outcome = "silently wrong"
            wrong.append(f"{'.'.join(address)}: {figure.raw!r} ({figure.confidence}) instead of {value}")
        counts[address[0], outcome] += 1
    for address, figure in found.items():
        if address not in truth and figure.is_reliable and address[0] != "indicators":
            counts[address[0], "silently wrong"] += 1
            wrong.append(f"{'.'.join(address)}: {figure.raw!r} ({figure.confidence}), which the document doesn't print")
    return counts, wrong


def by_confidence(figures: Iterable[Figure], truth: dict[Address, Decimal | None]) -> Counter[tuple[float, bool]]:
    """Counts by (band of confidence, whether the value is true) of the figures that were read."""
    counts: Counter[tuple[float, bool]] = Counter()
    for figure in figures:
        address = (figure.table, figure.row, figure.column)
        if figure.state is State.UNREAD or figure.table == "indicators":
            continue
        is_true = address in truth and (
            figure.value == truth[address] or (figure.state is State.NOTHING and not truth[address])
        )
        counts[next(band for band in BANDS if figure.confidence >= band), is_true] += 1
    return counts
