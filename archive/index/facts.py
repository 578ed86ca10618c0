"""What each version's figures make of the indicators, kept beside the figures: a row a version, written with it, so that no reader adds
figures of thousands of reports again.

Findings are not in it, because people dismiss them: what speaks against a figure is looked up when totals are made (`archive.index.doubts`).
"""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from archive.index.figures import load_figures
from archive.index.indicators import BY_CODE, INDICATORS, Indicator
from extract.forms import FORMS
from extract.model import RELIABLE

if TYPE_CHECKING:
    from sqlite_utils import Database

    from extract.model import Figure

#: States of a report's value: it counts; its figures are all blank, or the form has none; a figure was read with little confidence, or not at
#: all; an error finding names a figure, or the share is impossible.
USED, NONE, UNSURE, DISPUTED = range(4)
#: The definitions that every index was filled for. Whoever changes what an indicator is made of adds a migration that calls `fill`, and this.
DEFINITIONS = "304f2ab350091280"


@cache
def addresses_meant(parts: tuple[str, ...], form: str | None) -> tuple[str, ...]:
    """The figures of a form that addresses with `*` in the row mean; none of a form that isn't ours."""
    if form not in FORMS:
        return ()
    found = []
    for address in parts:
        table, row, column = address.split(".")
        for known in FORMS[form].tables[table].rows if table in FORMS[form].tables else ():
            is_meant = known.code.startswith(row[:-1]) if row.endswith("*") else known.code == row
            if is_meant and column in known.columns:
                found.append(f"{table}.{known.code}.{column}")
    return tuple(found)


def addresses_of(code: str, form: str, part: str) -> tuple[str, ...]:
    """The figures of a form that make the `parts`, `minus` or `whole` of an indicator."""
    return addresses_meant(getattr(BY_CODE[code], part), form)


@cache
def all_addresses(code: str, form: str) -> frozenset[str]:
    """All figures of a form that an indicator is made of."""
    if form not in FORMS:
        return frozenset()
    return frozenset(address for part in ("parts", "minus", "whole") for address in addresses_of(code, form, part))


def _summed(addresses: tuple[str, ...], figures: Mapping[str, float | None]) -> float | None:
    """The sum; `None` where all are blank. Raises `KeyError` for a figure that was not read, or not surely."""
    values = [figures[address] for address in addresses]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _sums(indicator: Indicator, form: str, figures: Mapping[str, float | None]) -> tuple[float, float] | None:
    """Numerator and denominator; `None` where one has no value. Raises `KeyError` for a figure that was not read, or not surely."""
    parts, minus, whole = (addresses_of(indicator.code, form, part) for part in ("parts", "minus", "whole"))
    if not parts or (indicator.whole and not whole):
        return None
    numerator = _summed(parts, figures)
    taken = _summed(minus, figures) if minus else 0.0
    denominator = _summed(whole, figures) if whole else 1.0
    if numerator is None or taken is None or denominator is None:
        return None
    return float(numerator == 0) if indicator.counts == "zero" else numerator - taken, denominator


def value_of(
    indicator: Indicator, form: str, figures: Mapping[str, float | None], disputed: frozenset[str]
) -> tuple[float, float, int]:
    """Numerator, denominator and state of an indicator in one report.

    Args:
        figures: Value by address of the figures that were read for certain; `None` for a blank.
        disputed: Addresses that an error finding names.
    """
    try:
        sums = _sums(indicator, form, figures)
    except KeyError:
        return 0.0, 0.0, UNSURE
    if sums is None:
        return 0.0, 0.0, NONE
    is_against = not disputed.isdisjoint(all_addresses(indicator.code, form))
    is_impossible = indicator.is_share and sums[0] > sums[1]
    return *sums, DISPUTED if is_against or is_impossible else USED


def definitions() -> str:
    """A digest of what the indicators are made of."""
    made = [(item.code, item.parts, item.minus, item.whole, item.counts, item.per) for item in INDICATORS]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()[:16]


#: The indicators that figures make, in the order in which they are packed; `DEFINITIONS` changes with it.
PACKED = tuple(item for item in INDICATORS if item.parts)
_STATES = 16 * len(PACKED)
_LENGTH = _STATES + len(PACKED)


def facts_of(form: str | None, figures: Iterable[Figure]) -> bytes:
    """The indicators of a version, packed: numerators, then denominators (doubles, the lowest byte first), then states (a byte each)."""
    read = {
        figure.address: None if figure.value is None else float(figure.value)
        for figure in figures
        if figure.confidence >= RELIABLE
    }
    found = [(0.0, 0.0, NONE)] * len(PACKED)
    if form is not None and form in FORMS:
        found = [value_of(item, form, read, frozenset()) for item in PACKED]
    numbers = array("d", [numerator for numerator, _, _ in found] + [denominator for _, denominator, _ in found])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes() + bytes(state for _, _, state in found)


@dataclass(frozen=True, slots=True)
class IndicatorColumn:
    """An indicator of many reports: numerators, denominators (1 where it has none), states."""

    numerators: array[float] = field(default_factory=lambda: array("d"))
    denominators: array[float] = field(default_factory=lambda: array("d"))
    states: bytearray = field(default_factory=bytearray)


def unpacked(packed: Sequence[bytes]) -> dict[str, IndicatorColumn]:
    """The columns of `PACKED` by code, of what `facts_of` made of each report. No loop of ours: a million reports take seconds.

    Raises:
        ValueError: One of them was packed for other definitions.
    """
    if any(len(one) != _LENGTH for one in packed):
        raise ValueError("facts that were packed for other indicators")
    numbers = array("d")
    numbers.frombytes(b"".join([one[:_STATES] for one in packed]))
    if sys.byteorder == "big":
        numbers.byteswap()
    states = b"".join([one[_STATES:] for one in packed])
    size = len(PACKED)
    return {
        item.code: IndicatorColumn(
            numbers[place :: 2 * size], numbers[place + size :: 2 * size], bytearray(states[place::size])
        )
        for place, item in enumerate(PACKED)
    }


@cache
def _made_of(form: str) -> Mapping[str, tuple[str, ...]]:
    """The codes of the indicators that a figure of a form is part of, by its address."""
    found: dict[str, tuple[str, ...]] = {}
    for item in PACKED:
        for address in all_addresses(item.code, form):
            found[address] = (*found.get(address, ()), item.code)
    return found


def disputed_by(addresses: Iterable[str], form: str | None) -> set[str]:
    """The codes of the indicators that findings against some figures of a report speak against."""
    made_of = _made_of(form) if form is not None else {}
    return {code for address in addresses for code in made_of.get(address, ())}


def store_facts(db: Database, report: str, version: int, form: str | None, figures: Iterable[Figure]) -> None:
    """Write a version's facts; those that it had are replaced."""
    db.execute(
        "INSERT OR REPLACE INTO report_facts (report, version, indicators) VALUES (?, ?, ?)",
        (report, version, facts_of(form, figures)),
    )


def fill(db: Database) -> None:
    """Write the facts of all versions again."""
    for report, version, form in db.execute("SELECT report, version, form FROM versions").fetchall():
        store_facts(db, report, version, form, load_figures(db, report, version))
