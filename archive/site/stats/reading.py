"""Reads the facts of all current reports: once, kept in memory until the database changes.

Through the views of the guard: what is withheld is in no total.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from archive.index.doubts import NAMED
from archive.index.facts import DISPUTED, NONE, USED, all_addresses, unpacked
from archive.index.indicators import INDICATORS
from archive.site.memory import keep
from archive.site.stats.basis import basis_of, unit_of
from archive.site.stats.conduct import add_conduct, owed
from archive.site.stats.facts import Column, Facts
from archive.site.view import database

#: An indicator without a value.
_NOTHING: list[Any] = []
_REPORTS = """
select r.id, r.version, r.agency, r.year, r.form, r.scope, f.indicators from reports r
join report_facts f on f.report = r.id and f.version = r.version where r.version > 0 order by r.id
"""
_AGENCIES = "select id, name, aliases, kind, region, since, until from agencies"
_REGIONS = "select code, name, level from regions"


def read_facts(connection: Any) -> Facts:
    """Everything, from a connection with the guard's views."""
    regions = {row["code"]: row for row in _named(connection, _REGIONS)}
    agencies = {row["id"]: row for row in _named(connection, _AGENCIES)}
    units = {name: unit_of(agency, regions) for name, agency in agencies.items()}
    disputed = _disputed(connection)
    facts = Facts(names={name: agency["name"] for name, agency in agencies.items()})
    columns = [(item.code, item.is_ratio, facts.columns[item.code]) for item in INDICATORS]
    for report, version, agency, year, form, scope, packed in connection.execute(_REPORTS):
        if agency not in agencies or not _counts(agencies[agency], year):
            continue
        _add(
            facts, columns, (report, version, agency, year), form, json.loads(packed), disputed.get(report, frozenset())
        )
        unit = units[agency]
        facts.units.append(unit)
        facts.bases.append(basis_of(unit, scope) if unit is not None else "")
        for area in unit.areas if unit is not None else ():
            facts.places.setdefault((facts.bases[-1], area), []).append(len(facts.reports) - 1)
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


def _add(
    facts: Facts,
    columns: list[tuple[str, bool, Column]],
    about: tuple[str, int, str, int],
    form: str | None,
    indicators: Mapping[str, list[Any] | None],
    disputed: frozenset[str],
) -> None:
    report, version, agency, year = about
    facts.reports.append(report)
    facts.versions.append(version)
    facts.agencies.append(agency)
    facts.years.append(year)
    for code, is_ratio, column in columns:
        members = indicators.get(code, _NOTHING)
        numerator, denominator, state = unpacked(is_ratio, members) if members is not _NOTHING else (0.0, 0.0, NONE)
        if disputed and state == USED and form is not None and not disputed.isdisjoint(all_addresses(code, form)):
            state = DISPUTED
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


async def facts_of(datasette: Any) -> Facts:
    """The facts of the database as it is, kept."""

    async def read() -> Facts:
        found: Facts = await database(datasette).execute_fn(read_facts)
        return found

    return await keep(datasette, "facts", read)
