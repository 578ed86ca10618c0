"""Several readings of one figure: copies in the document, and other readings of the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from extract.document.clean import squeeze
from extract.model import Figure, State

_DISAGREEING = 0.5
#: From this confidence on a copy's number was read and stands in its row; only its place or unit is in doubt.
HAS_A_SAY = 0.7


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
    if State.UNREAD in (first.state, second.state):
        read, unread = (first, second) if second.state is State.UNREAD else (second, first)
        if read.state is State.UNREAD or not _shows_another(unread, read):
            return read
        warnings.append(
            f"{first.address}: copies print {first.raw!r} and {second.raw!r}; one of them can't be relied on"
        )
        return replace(read, confidence=min(read.confidence, _DISAGREEING))
    if first.value == second.value:
        return second if second.confidence > first.confidence else first
    sure, other = (second, first) if second.confidence > first.confidence else (first, second)
    if sure.is_reliable and other.confidence < HAS_A_SAY:
        return sure
    warnings.append(f"{first.address}: copies print {first.raw!r} and {second.raw!r}")
    return replace(sure, confidence=min(sure.confidence, _DISAGREEING))


def _shows_another(unread: Figure, read: Figure) -> bool:
    """Whether a cell that can't be relied on (struck, annotated) prints digits, and other ones than its copy."""
    return any(map(str.isdigit, unread.raw)) and squeeze(unread.raw) != squeeze(read.raw)
