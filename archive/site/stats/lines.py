"""Indicators as rows of a table, for the site's files and for releases: totals by basis, area and year, and what they are made of by report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from archive.index.facts import DISPUTED, NONE, UNSURE, USED
from archive.index.indicators import INDICATORS, Indicator
from archive.site.stats.basis import unit_of_basis
from archive.site.stats.coverage import Duties, coverage
from archive.site.stats.facts import ReportFacts
from archive.site.stats.selection import bases
from archive.site.stats.totals import Total, totals

#: Columns of the totals, with type and meaning.
TOTALS: tuple[tuple[str, str, str], ...] = (
    ("indicator", "string", "Code of the indicator"),
    ("basis", "string", "Level, kind and scope of who reports; never add different ones"),
    ("region", "string", "GB/T 2260 code of the area; empty for the nation"),
    ("region_name", "string", "Name of the area"),
    ("year", "year", "Report year"),
    ("value", "number", "The total, the share in percent, or what is typical; empty where nothing counts"),
    ("numerator", "number", "Sum of the reports that count"),
    ("denominator", "number", "Sum of the reports that count; empty for what is no share"),
    ("n_used", "integer", "Reports that count; obligations for the indicators that count those"),
    ("n_disputed", "integer", "Reports left out because an error finding names a figure, or the share is impossible"),
    ("n_unread", "integer", "Reports left out because a figure was not surely read, or all are blank"),
    ("n_due", "integer", "Agencies that owed a report"),
    ("n_missing", "integer", "Of those due: not published, as far as seen"),
    ("n_unknown", "integer", "Of those due: nothing can be said"),
    ("n_rest", "integer", "Of those due: seen, in another basis or of unknown scope"),
    ("coverage", "number", "n_used / n_due"),
    ("value_with_disputed", "number", "The value with the disputed reports"),
    ("q10", "number", "Decile of the reports' own values"),
    ("q25", "number", "Quartile"),
    ("median", "number", "Median"),
    ("q75", "number", "Quartile"),
    ("q90", "number", "Decile"),
)
HEADER = tuple(name for name, _, _ in TOTALS)
#: Columns of a report's own indicators, before those of each indicator.
_ABOUT: tuple[tuple[str, str, str], ...] = (
    ("report", "string", "Report"),
    ("version", "integer", "Number of the current version"),
    ("agency_id", "string", "Agency"),
    ("year", "year", "Report year"),
    ("basis", "string", "Level, kind and scope; empty where the place of the agency is not known"),
    ("province", "string", "GB/T 2260 code"),
    ("city", "string", "GB/T 2260 code; empty for a province's own bodies"),
    ("county", "string", "GB/T 2260 code; empty above counties"),
)
_DOUBTS: tuple[tuple[str, str, str], ...] = (
    ("unsure", "string", "Indicators without a value because a figure was not surely read"),
    (
        "disputed",
        "string",
        "Indicators that an error finding speaks against, or whose share is impossible: in no total",
    ),
)
_OF_REPORTS = tuple(item for item in INDICATORS if not item.is_of_duties)
FACTS: tuple[tuple[str, str, str], ...] = (
    *_ABOUT,
    *(
        column
        for item in _OF_REPORTS
        for column in (
            (f"{item.code}_num", "number", f"{item.en}: numerator"),
            *([(f"{item.code}_den", "number", f"{item.en}: denominator")] if item.is_ratio else []),
        )
    ),
    *_DOUBTS,
)


def line(indicator: Indicator, name: str, duties: Duties, basis: str, area: str, one: Total) -> tuple[Any, ...]:
    """The row of a total, in the order of `HEADER`; `name` is the area's."""
    cover = coverage(duties, one, basis, area, indicator)
    return (
        indicator.code, basis, area, name, one.year, one.value, one.numerator, one.denominator if indicator.is_ratio else None, one.used,
        one.disputed, cover.unread, cover.due, cover.missing, cover.unknown, cover.rest, cover.share, one.value_with,
        *(one.quantiles or (None,) * 5),
    )  # fmt: skip


def places_of(facts: ReportFacts) -> list[tuple[str, str]]:
    """All bases that can be added with all areas in which there is a report of them, or one was due, in order."""
    offered = [basis for basis, _ in bases(facts)]
    reported = {place for place in facts.places if place[0] in offered}
    due = facts.owed.places if facts.owed is not None else {}
    return sorted(reported | {(basis, area) for unit, area in due for basis in offered if unit_of_basis(basis) == unit})


def lines(
    facts: ReportFacts, duties: Duties, indicator: Indicator, places: Iterable[tuple[str, str]], names: dict[str, str]
) -> Iterator[tuple[Any, ...]]:
    """The totals of an indicator in some bases and areas, a year each; `names` are those of areas by code."""
    for basis, area in places:
        for one in totals(facts, indicator, basis, area):
            yield line(indicator, names.get(area, ""), duties, basis, area, one)


def facts_rows(facts: ReportFacts) -> Iterator[tuple[Any, ...]]:
    """A row a report, in the order of `FACTS`: what it adds to each total, and what speaks against it."""
    columns = [(item, facts.columns[item.code]) for item in _OF_REPORTS]
    for number, report in enumerate(facts.reports):
        unit = facts.units[number]
        values: list[float | None] = []
        doubts: dict[int, list[str]] = {UNSURE: [], DISPUTED: []}
        for item, column in columns:
            state = column.states[number]
            has_value = state in (USED, DISPUTED)
            values.append(column.numerators[number] if has_value else None)
            if item.is_ratio:
                values.append(column.denominators[number] if has_value else None)
            if state not in (USED, NONE):
                doubts[state].append(item.code)
        where = (unit.province, unit.city, unit.county) if unit is not None else ("", "", "")
        yield (
            report, facts.versions[number], facts.agencies[number], facts.years[number], facts.bases[number], *where, *values,
            " ".join(doubts[UNSURE]), " ".join(doubts[DISPUTED]),
        )  # fmt: skip
