"""The figures of all current reports that indicators are made of, in columns, with what speaks against each."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from archive.site.indicators import INDICATORS, Indicator
from archive.site.stats.basis import Unit
from extract.forms import FORMS

#: States of a report's value: it counts; its figures are all blank, or the form has none; a figure was read with little confidence, or not at
#: all; an error finding names a figure, or the share is impossible.
USED, NONE, UNSURE, DISPUTED = range(4)


@dataclass(slots=True)
class Column:
    """An indicator of all reports: numerators, denominators (1 where it has none), states."""

    numerators: array[float] = field(default_factory=lambda: array("d"))
    denominators: array[float] = field(default_factory=lambda: array("d"))
    states: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Facts:
    """Reports by number: who, where, when; and the columns of the indicators by their codes."""

    reports: list[str] = field(default_factory=list)
    versions: array[int] = field(default_factory=lambda: array("l"))
    agencies: list[str] = field(default_factory=list)
    years: array[int] = field(default_factory=lambda: array("l"))
    units: list[Unit | None] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    columns: dict[str, Column] = field(default_factory=lambda: {item.code: Column() for item in INDICATORS})
    #: Numbers of the reports of a basis in an area.
    places: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    #: Obligations in place of reports, by unit (`county.government`), for the indicators that count those.
    owed: Facts | None = None
    #: Of `owed`: the status of each.
    statuses: list[str] = field(default_factory=list)

    def of(self, indicator: Indicator) -> Facts:
        """What an indicator counts: these reports, or the obligations."""
        return self.owed if indicator.is_of_duties and self.owed is not None else self

    def within(self, basis: str, area: str) -> list[int]:
        """Numbers of the reports of a basis in an area."""
        return self.places.get((basis, area), [])


@cache
def addresses_of(code: str, form: str, part: str) -> tuple[str, ...]:
    """The figures of a form that make the `parts`, `minus` or `whole` of an indicator."""
    indicator = next(item for item in INDICATORS if item.code == code)
    found = []
    for address in getattr(indicator, part):
        table, row, column = address.split(".")
        for known in FORMS[form].tables[table].rows if table in FORMS[form].tables else ():
            is_meant = known.code.startswith(row[:-1]) if row.endswith("*") else known.code == row
            if is_meant and column in known.columns:
                found.append(f"{table}.{known.code}.{column}")
    return tuple(found)


def _summed(addresses: tuple[str, ...], figures: Mapping[str, float | None]) -> float | None:
    """The sum; `None` where all are blank. Raises `KeyError` for a figure that was not read, or not surely."""
    values = [figures[address] for address in addresses]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def value_of(
    indicator: Indicator, form: str, figures: Mapping[str, float | None], disputed: frozenset[str]
) -> tuple[float, float, int]:
    """Numerator, denominator and state of an indicator in one report.

    Args:
        figures: Value by address of the figures that were read for certain; `None` for a blank.
        disputed: Addresses that an error finding names.
    """
    parts = addresses_of(indicator.code, form, "parts")
    if not indicator.parts:  # no figures: `archive.site.stats.conduct` tells
        return 0.0, 0.0, NONE
    minus, whole = addresses_of(indicator.code, form, "minus"), addresses_of(indicator.code, form, "whole")
    if not parts or (indicator.whole and not whole):
        return 0.0, 0.0, NONE
    try:
        numerator, taken = _summed(parts, figures), _summed(minus, figures) if minus else 0.0
        denominator = _summed(whole, figures) if whole else 1.0
    except KeyError:
        return 0.0, 0.0, UNSURE
    if numerator is None or taken is None or denominator is None:
        return 0.0, 0.0, NONE
    if indicator.counts == "zero":
        numerator = float(numerator == 0)
    is_against = not disputed.isdisjoint(parts + minus + whole)
    is_impossible = indicator.is_share and numerator > denominator
    return numerator - taken, denominator, DISPUTED if is_against or is_impossible else USED
