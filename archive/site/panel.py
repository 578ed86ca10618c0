"""An agency's indicators by year, each with what speaks against it: for its page and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archive.index.indicators import PRINTED, Indicator
from archive.site.indicator_sql import STANDING, number_sql, standing_sql, sum_sql
from archive.site.view import rows


@dataclass(frozen=True, slots=True)
class PanelCell:
    """An indicator of one report. `value` is `None` where its figures are all blank, or not in the form."""

    indicator: Indicator
    report: dict[str, Any]
    value: float | None
    numerator: float | None
    denominator: float | None
    unsure: bool
    disputed: bool
    findings: str


@dataclass(frozen=True, slots=True)
class Panel:
    """An agency's reports by year with their obligations, and their indicators."""

    years: list[dict[str, Any]]
    cells: list[PanelCell]


def _picks(number: int, item: Indicator) -> str:
    """SQL for numerator, denominator and `STANDING` of one indicator."""
    standing = zip(standing_sql(item, "r.id", "r.version", "r.form"), STANDING, strict=True)
    terms = [(number_sql(item, "r.id", "r.version"), "numerator"), *standing]
    terms.append((sum_sql(item.whole, "r.id", "r.version") if item.whole else "null", "denominator"))
    return ", ".join(f"{sql} as {name}{number}" for sql, name in terms)


async def panel_of(datasette: Any, agency: str) -> Panel:
    """The panel of an agency, oldest year first."""
    picks = ", ".join(_picks(number, item) for number, item in enumerate(PRINTED))
    found = await rows(
        datasette,
        f"select r.id, r.year, r.form, r.scope, r.status, r.published_on, r.version, o.status as duty, o.due, o.days_late, o.reason, {picks} "
        "from reports r left join obligations o on o.agency = r.agency and o.year = r.year where r.agency = :id order by r.year",
        {"id": agency},
    )
    return Panel(found, [_cell(row, number, item) for row in found for number, item in enumerate(PRINTED)])


def _cell(row: dict[str, Any], number: int, item: Indicator) -> PanelCell:
    numerator, denominator = row[f"numerator{number}"], row[f"denominator{number}"]
    value = None
    if numerator is not None and (not item.whole or denominator):
        value = item.scale * numerator / denominator if item.whole else numerator
    unsure, disputed, findings = (row[f"{name}{number}"] for name in STANDING)
    return PanelCell(item, row, value, numerator, denominator, bool(unsure), bool(disputed), findings or "")
