"""Reads the facts of all current reports: once, kept in memory until the database changes.

Through the views of the guard: what is withheld is in no total.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

from archive.index.doubts import NAMED
from archive.index.facts import DISPUTED, NONE, USED, all_addresses, unpacked
from archive.index.indicators import INDICATORS
from archive.site.memory import keep
from archive.site.stats.basis import areas_of, basis_of, unit_of
from archive.site.stats.conduct import add_conduct, owed
from archive.site.stats.facts import IndicatorColumn, ReportFacts
from archive.site.view import database

_REPORTS = """
select r.id, r.version, r.agency, r.year, r.form, r.scope, f.indicators from reports r
join report_facts f on f.report = r.id and f.version = r.version where r.version > 0 order by r.id
"""
_COUNT = "select count(*) from reports where version > 0"
_AGENCIES = "select id, name, aliases, kind, region, since, until from agencies"
_REGIONS = "select code, name, level from regions"


def read_facts(connection: Any) -> ReportFacts:
    """Everything, from a connection with the guard's views."""
    regions = {row["code"]: row for row in _named(connection, _REGIONS)}
    agencies = {row["id"]: row for row in _named(connection, _AGENCIES)}
    units = {name: unit_of(agency, regions) for name, agency in agencies.items()}
    disputed = _disputed(connection)
    facts = ReportFacts(names={name: agency["name"] for name, agency in agencies.items()})
    areas = areas_of(units)
    columns = _room(facts, connection.execute(_COUNT).fetchone()[0])
    number = 0
    for report, version, agency, year, form, scope, packed in connection.execute(_REPORTS):
        if agency not in agencies or not _counts(agencies[agency], year):
            continue
        facts.reports.append(report)
        facts.versions.append(version)
        facts.agencies.append(agency)
        facts.years.append(year)
        unit = units[agency]
        basis = basis_of(unit, scope) if unit is not None else ""
        facts.units.append(unit)
        facts.bases.append(basis)
        _fill(columns, number, form, packed, disputed.get(report))
        for area in areas[agency]:
            facts.places.setdefault((basis, area), []).append(number)
        number += 1
    for _, column in columns.values():
        del column.numerators[number:], column.denominators[number:], column.states[number:]
    add_conduct(facts, connection)
    facts.owed = owed(connection, units, facts.names)
    return facts


def _named(connection: Any, sql: str) -> Iterator[dict[str, Any]]:
    """Rows by the names of their columns, whatever the connection makes of rows."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _counts(agency: Mapping[str, Any], year: int) -> bool:
    """Whether the agency existed: a successor counts from its first year on."""
    return (agency["since"] is None or agency["since"] <= year) and (agency["until"] is None or year <= agency["until"])


def _room(facts: ReportFacts, size: int) -> dict[str, tuple[bool, IndicatorColumn]]:
    """Columns for so many reports, none of them with a value, by indicator; with whether it is a ratio."""
    for item in INDICATORS:
        empty = array("d", (0.0 if item.is_ratio else 1.0,))
        facts.columns[item.code] = IndicatorColumn(array("d", bytes(8 * size)), empty * size, bytearray((NONE,)) * size)
    return {item.code: (item.is_ratio, facts.columns[item.code]) for item in INDICATORS}


def _fill(
    columns: Mapping[str, tuple[bool, IndicatorColumn]],
    number: int,
    form: str | None,
    packed: str,
    disputed: set[str] | None,
) -> None:
    """Enter what `archive.index.facts` packed of a report."""
    for code, members in json.loads(packed).items():
        if code not in columns:
            continue  # of another release
        is_ratio, column = columns[code]
        numerator, denominator, state = unpacked(is_ratio, members)
        if disputed and state == USED and form is not None and not disputed.isdisjoint(all_addresses(code, form)):
            state = DISPUTED
        column.numerators[number] = numerator
        column.denominators[number] = denominator
        column.states[number] = state


def _disputed(connection: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    sql = (
        f"select n.report, n.address from ({NAMED}) n join reports r on r.id = n.report and r.version = n.version "
        "where n.severity = 'error'"
    )
    for report, address in connection.execute(sql):
        found.setdefault(report, set()).add(address)
    return found


async def facts_of(datasette: Any) -> ReportFacts:
    """The facts of the database as it is, kept."""

    async def read() -> ReportFacts:
        found: ReportFacts = await database(datasette).execute_fn(read_facts)
        return found

    return await keep(datasette, "facts", read)
