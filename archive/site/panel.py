"""An agency's indicators by year, each with what speaks against it: for its page and as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from archive.index.doubts import doubt_of
from archive.index.facts import addresses_meant
from archive.index.figure_tables import FIGURE_TABLES
from archive.index.indicators import PRINTED, Indicator
from archive.index.rows import of_type
from archive.site.view import rows
from extract.forms import FORMS
from extract.model import RELIABLE

_YEARS = """
select r.id, r.year, r.form, r.scope, r.status, r.published_on, r.version, o.status as duty, o.due, o.days_late, o.reason
from reports r left join obligations o on o.agency = r.agency and o.year = r.year where r.agency = :id order by r.year
"""
_FIGURES = (
    "select t.* from reports r cross join {table} t on t.report = r.id and t.version = r.version where r.agency = :id"
)
_FINDINGS = """
select f.report, f."check", f.severity, f."where", f.figures from reports r cross join findings f on f.report = r.id and f.version = r.version
where r.agency = :id and f.status <> 'dismissed' and f.severity in ('error', 'warning')
"""


class PanelReport(TypedDict):
    """A report of an agency with its obligation."""

    id: str
    year: int
    form: str | None
    scope: str | None
    status: str
    published_on: str | None
    version: int
    duty: str | None
    due: str | None
    days_late: int | None
    reason: str | None


class PanelFinding(TypedDict):
    """A finding that may speak against a figure; `figures` is JSON."""

    report: str
    check: str
    severity: str
    where: str
    figures: str


@dataclass(frozen=True, slots=True)
class PanelCell:
    """An indicator of one report. `value` is `None` where its figures are all blank, or not in the form."""

    indicator: Indicator
    report: PanelReport
    value: float | None
    numerator: float | None
    denominator: float | None
    unsure: bool
    disputed: bool
    findings: str


@dataclass(frozen=True, slots=True)
class Panel:
    """An agency's reports by year with their obligations, and their indicators."""

    years: list[PanelReport]
    cells: list[PanelCell]


async def panel_of(datasette: Any, agency: str) -> Panel:
    """The panel of an agency, oldest year first."""
    years = of_type(PanelReport, await rows(datasette, _YEARS, {"id": agency}))
    figures: dict[str, dict[str, tuple[float | None, bool]]] = {}
    for table in sorted({address.partition(".")[0] for item in PRINTED for address in item.addresses}):
        for row in await rows(datasette, _FIGURES.format(table=table), {"id": agency}):
            figures.setdefault(row["report"], {}).update(_read(table, row))
    findings: dict[str, list[PanelFinding]] = {}
    for finding in of_type(PanelFinding, await rows(datasette, _FINDINGS, {"id": agency})):
        findings.setdefault(finding["report"], []).append(finding)
    cells = [
        _cell(report, item, figures.get(report["id"], {}), findings.get(report["id"], []))
        for report in years
        for item in PRINTED
    ]
    return Panel(years, cells)


def _read(table: str, row: Mapping[str, Any]) -> dict[str, tuple[float | None, bool]]:
    """Value of each figure of a row by its address, and whether it was read for certain."""
    members = json.loads(row["cells"])
    return {
        f"{table}.{row['row']}.{column}": (row[column], isinstance(member, str) or member[3] >= RELIABLE)
        for column, member in zip(FIGURE_TABLES[table], members[1:], strict=True)
        if member is not None
    }


def _summed(
    parts: tuple[str, ...], form: str | None, figures: Mapping[str, tuple[float | None, bool]]
) -> tuple[float | None, bool]:
    """The sum of figures, blanks counting as 0 beside values (`None` for blanks alone), and whether all that the form has were surely read."""
    wanted = addresses_meant(parts, form)
    values = [figures[address][0] for address in wanted if address in figures]
    known = [value for value in values if value is not None]
    return sum(known) if known else None, all(figures.get(address, (None, False))[1] for address in wanted)


def _value(item: Indicator, numerator: float | None, denominator: float | None) -> float | None:
    """The value of sums; `None` where one has none, and for a share of nothing."""
    if numerator is None or not item.whole:
        return numerator
    return item.scale * numerator / denominator if denominator else None


def _cell(
    report: PanelReport,
    item: Indicator,
    figures: Mapping[str, tuple[float | None, bool]],
    findings: list[PanelFinding],
) -> PanelCell:
    form = report["form"]
    (numerator, *sure), (taken, *sure_too), (denominator, *sure_of_whole) = (
        _summed(part, form, figures) for part in (item.parts, item.minus, item.whole)
    )
    if item.minus:
        numerator = None if numerator is None or taken is None else numerator - taken
    doubt = doubt_of(item.addresses, findings)
    is_impossible = item.is_share and (numerator or 0.0) > (denominator if denominator is not None else float("inf"))
    return PanelCell(
        item,
        report,
        _value(item, numerator, denominator),
        numerator,
        denominator,
        form not in FORMS or not all((*sure, *sure_too, *sure_of_whole)),
        doubt.is_disputed or is_impossible,
        doubt.findings,
    )
