"""Reads the facts of all current reports: once, kept in memory until the database changes.

Through the views of the guard: what is withheld is in no total.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from archive.index.doubts import ERRORS, places_of
from archive.index.facts import DISPUTED, USED, disputed_by, unpacked
from archive.site.memory import keep
from archive.site.stats.basis import areas_of, basis_of, unit_of
from archive.site.stats.conduct import add_conduct, owed
from archive.site.stats.facts import ReportFacts, plain_rows
from archive.site.view import database

_REPORTS = """
select r.id, r.version, r.agency, r.year, r.form, r.scope, f.indicators from reports r
join report_facts f on f.report = r.id and f.version = r.version where r.version > 0 order by r.id
"""
_AGENCIES = "select id, name, aliases, kind, region, since, until from agencies"
_REGIONS = "select code, name, level from regions"


def read_facts(connection: Any) -> ReportFacts:
    """Everything, from a connection with the guard's views. The caller sees to it that nothing changes between its statements."""
    regions = {row["code"]: row for row in _named(connection, _REGIONS)}
    agencies = {row["id"]: row for row in _named(connection, _AGENCIES)}
    units = {name: unit_of(agency, regions) for name, agency in agencies.items()}
    facts = ReportFacts(names={name: agency["name"] for name, agency in agencies.items()})
    areas = areas_of(units)
    forms: list[str | None] = []
    packed: list[bytes] = []
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for report, version, agency, year, form, scope, indicators in plain_rows(connection, _REPORTS):
        if agency not in agencies or not _counts(agencies[agency], year):
            continue
        unit = units[agency]
        basis = basis_of(unit, scope) if unit is not None else ""
        groups.setdefault((basis, areas[agency]), []).append(len(packed))
        facts.reports.append(report)
        facts.versions.append(version)
        facts.agencies.append(agency)
        facts.years.append(year)
        facts.units.append(unit)
        facts.bases.append(basis)
        forms.append(form)
        packed.append(indicators)
    facts.place(groups)
    facts.columns.update(unpacked(packed))
    disputed = _disputed(connection)
    _dispute(facts, forms, disputed)
    add_conduct(facts, connection, disputed.keys())
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


def _dispute(facts: ReportFacts, forms: list[str | None], disputed: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Enter what error findings say against the figures of reports."""
    for number, report in enumerate(facts.reports):
        for figures, where in disputed.get(report, ()):
            for code in _against(figures, where, forms[number]):
                states = facts.columns[code].states
                if states[number] == USED:
                    states[number] = DISPUTED


@lru_cache(maxsize=8192)
def _against(figures: str, where: str, form: str | None) -> frozenset[str]:
    """The codes that a finding speaks against: the same checks name the same figures in thousands of reports."""
    return frozenset(disputed_by(places_of(figures, where), form))


def _disputed(connection: Any) -> dict[str, list[tuple[str, str]]]:
    """What error findings name, by report: figures as JSON, place."""
    found: dict[str, list[tuple[str, str]]] = {}
    sql = f'select n.report, n.figures, n."where" from ({ERRORS}) n join reports r on r.id = n.report and r.version = n.version'
    for report, figures, where in plain_rows(connection, sql):
        found.setdefault(report, []).append((figures, where))
    return found


async def facts_of(datasette: Any) -> ReportFacts:
    """The facts of the database as it is, kept."""

    def read() -> ReportFacts:
        connection = database(datasette).open_connection()
        try:
            connection.text_factory = str  # nothing that is read here came from outside as it is
            connection.execute("begin")
            return read_facts(connection)
        finally:
            connection.close()

    return await keep(datasette, "facts", lambda: asyncio.to_thread(read))
