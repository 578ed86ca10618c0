"""Reads the facts of all current reports: once, kept in memory until the database changes.

Through the views of the guard: what is withheld is in no total.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from archive.index.doubts import NAMED
from archive.index.figure_tables import FIGURE_TABLES
from archive.site.indicators import INDICATORS
from archive.site.memory import keep
from archive.site.stats.basis import basis_of, unit_of
from archive.site.stats.conduct import add_conduct, owed
from archive.site.stats.facts import NONE, Facts, value_of
from archive.site.view import database
from extract.forms import FORMS
from extract.model import RELIABLE

#: A member of `cells` that is a list: a figure that is not simply as its value says (`archive.index.figure_tables`).
_NESTED = re.compile(r",\s*\[")
_REPORTS = """
select r.id, r.version, r.agency, r.year, r.form, r.scope from reports r where r.version > 0 order by r.id
"""
_AGENCIES = "select id, name, aliases, kind, region, since, until from agencies"
_REGIONS = "select code, name, level from regions"


@cache
def _wanted() -> Mapping[str, frozenset[str]]:
    """For each table the columns that some indicator needs."""
    found: dict[str, set[str]] = {}
    for item in INDICATORS:
        for address in item.parts + item.minus + item.whole:
            table, _, column = address.split(".")
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


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
    add_conduct(facts, connection)
    facts.owed = owed(connection, units, facts.names)
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
