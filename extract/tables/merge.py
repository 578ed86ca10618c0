"""Several readings of one figure: copies in the document, and other readings of the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from extract.model import Figure, State

_DISAGREEING = 0.5


def one_per_address(figures: Iterable[Figure]) -> tuple[list[Figure], list[str]]:
    """One figure for each address. Copies that agree become the surer one; copies that differ are both in doubt."""
    kept: dict[tuple[str, str, str], Figure] = {}
    warnings: list[str] = []
    for figure in figures:
        address = (figure.table, figure.row, figure.column)
        before = kept.get(address)
        kept[address] = figure if before is None else _merged(before, figure, warnings)
    return list(kept.values()), warnings


def _merged(first: Figure, second: Figure, warnings: list[str]) -> Figure:
    if second.state is State.UNREAD or first.state is State.UNREAD:
        return first if second.state is State.UNREAD else second
    if first.value == second.value:
        return second if second.confidence > first.confidence else first
    sure, other = (second, first) if second.confidence > first.confidence else (first, second)
    if sure.is_reliable and not other.is_reliable:
        return sure
    warnings.append(f"{first.address}: copies print {first.raw!r} and {second.raw!r}")
    return replace(sure, confidence=min(sure.confidence, _DISAGREEING))
