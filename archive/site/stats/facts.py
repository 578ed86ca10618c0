"""The figures of all current reports that indicators are made of, in columns, with what speaks against each.

Read once and kept in memory until the database changes, through the views of the guard: what is withheld is in no total.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from archive.index.doubts import NAMED
from archive.index.figure_tables import FIGURE_TABLES
from archive.site.indicators import INDICATORS, Indicator
from archive.site.memory import keep
from archive.site.stats.basis import Unit, basis_of, unit_of
from archive.site.view import database
from extract.forms import FORMS
from extract.model import RELIABLE

#: States of a report's value: it counts; its figures are all blank, or the form has none; a figure was read with little confidence, or not at
#: all; an error finding names a figure, or the share is impossible.
USED, NONE, UNSURE, DISPUTED = range(4)
#: A member of `cells` that is a list: a figure that is not simply as its value says (`archive.index.figure_tables`).
_NESTED = re.compile(r",\s*\[")
_REPORTS = """
select r.id, r.version, r.agency, r.year, r.form, r.scope from reports r where r.version > 0 order by r.id
"""
_AGENCIES = "select id, name, aliases, kind, region, since, until from agencies"
_REGIONS = "select code, name, level from regions"


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


@cache
def _wanted() -> Mapping[str, frozenset[str]]:
    """For each table the columns that some indicator needs."""
    found: dict[str, set[str]] = {}
    for item in INDICATORS:
        for address in item.parts + item.minus + item.whole:
            table, _, column = address.split(".")
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


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
    is_against = not disputed.isdisjoint(parts + minus + whole)
    is_impossible = indicator.is_share and numerator > denominator
    return numerator - taken, denominator, DISPUTED if is_against or is_impossible else USED


def read_facts(connection: Any) -> Facts:
    """Everything, from a connection with the guard's views."""
    regions = {row["code"]: dict(row) for row in connection.execute(_REGIONS)}
    agencies = {row["id"]: dict(row) for row in connection.execute(_AGENCIES)}
    units = {name: unit_of(agency, regions) for name, agency in agencies.items()}
    disputed = _disputed(connection)
    figures = _figures(connection)
    facts = Facts(names={name: agency["name"] for name, agency in agencies.items()})
    pending = next(figures, None)
    for report, version, agency, year, form, scope in connection.execute(_REPORTS).fetchall():
        read: dict[str, float | None] = {}
        while pending is not None and pending[0] <= report:
            if pending[0] == report:
                read.update(pending[1])
            pending = next(figures, None)
        if agency not in agencies or not _counts(agencies[agency], year):
            continue
        _add(facts, (report, version, agency, year), form, read, disputed.get(report, frozenset()))
        unit = units[agency]
        facts.units.append(unit)
        facts.bases.append(basis_of(unit, scope) if unit is not None else "")
        for area in unit.areas if unit is not None else ():
            facts.places.setdefault((facts.bases[-1], area), []).append(len(facts.reports) - 1)
    return facts


def _counts(agency: Mapping[str, Any], year: int) -> bool:
    """Whether the agency existed: a successor counts from its first year on."""
    return (agency["since"] is None or agency["since"] <= year) and (agency["until"] is None or year <= agency["until"])


def _add(
    facts: Facts,
    about: tuple[str, int, str, int],
    form: str | None,
    read: Mapping[str, float | None],
    disputed: frozenset[str],
) -> None:
    report, version, agency, year = about
    facts.reports.append(report)
    facts.versions.append(version)
    facts.agencies.append(agency)
    facts.years.append(year)
    for item in INDICATORS:
        numerator, denominator, state = value_of(item, form, read, disputed) if form in FORMS else (0.0, 0.0, NONE)
        column = facts.columns[item.code]
        column.numerators.append(numerator)
        column.denominators.append(denominator)
        column.states.append(state)


def _disputed(connection: Any) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    sql = (
        f"select n.report, n.address from ({NAMED}) n join reports r on r.id = n.report and r.version = n.version "
        "where n.severity = 'error'"
    )
    for report, address in connection.execute(sql):
        found.setdefault(report, set()).add(address)
    return {report: frozenset(addresses) for report, addresses in found.items()}


def _figures(connection: Any) -> Iterator[tuple[str, dict[str, float | None]]]:
    """Reports in order, each with figures of one table or more: value by address of those that were read for certain."""
    streams = [_of_table(connection, table, columns) for table, columns in sorted(_wanted().items())]
    heads = [next(stream, None) for stream in streams]
    while any(head is not None for head in heads):
        least = min(head[0] for head in heads if head is not None)
        merged: dict[str, float | None] = {}
        for number, head in enumerate(heads):
            while head is not None and head[0] == least:
                merged.update(head[1])
                head = heads[number] = next(streams[number], None)
        yield least, merged


def _of_table(connection: Any, table: str, columns: Iterable[str]) -> Iterator[tuple[str, dict[str, float | None]]]:
    wanted = [(column, FIGURE_TABLES[table].index(column) + 1) for column in sorted(columns)]
    names = ", ".join(f't."{column}"' for column, _ in wanted)
    sql = (
        f'select t.report, t."row", t.cells, {names} from {table} t join reports r on r.id = t.report and r.version = t.version '
        "order by t.report"
    )
    for report, row, cells, *values in connection.execute(sql):
        found: dict[str, float | None] = {}
        is_plain = _NESTED.search(cells) is None and None not in values
        members = None if is_plain else json.loads(cells)
        for (column, place), value in zip(wanted, values, strict=True):
            member = members[place] if members is not None else ""
            if member is not None and (isinstance(member, str) or member[3] >= RELIABLE):
                found[f"{table}.{row}.{column}"] = value
        yield report, found


async def facts_of(datasette: Any) -> Facts:
    """The facts of the database as it is, kept."""

    async def read() -> Facts:
        found: Facts = await database(datasette).execute_fn(read_facts)
        return found

    return await keep(datasette, "facts", read)
