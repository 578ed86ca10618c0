"""What speaks against a figure: findings of the audit that name it. One function for pages, charts, tables, downloads and totals.

A figure is *disputed* if a finding of severity error that nobody dismissed names it, and *unsure* if it was read with little confidence
(`extract.model.RELIABLE`). A finding names the figures that it compared, or, where it compared none, the place that it speaks of; addresses of
other reports (`previous:…`, `2020:…`) are not the report's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

#: Errors that stand, one row a finding: report, version, figures (JSON), where. `places_of` says what they name.
ERRORS = "SELECT n.report, n.version, n.figures, n.\"where\" FROM findings n WHERE n.status <> 'dismissed' AND n.severity = 'error'"
#: The place that a finding about a report as a whole names (`extract.audit`).
WHOLE_REPORT = "report"
#: The same of one version, for a correlated question: `{report}` and `{version}` are put in.
_NAMED_OF = (
    "FROM findings n, json_each(iif(n.figures = '[]', json_array(n.\"where\"), n.figures)) j "
    "WHERE n.report = {report} AND n.version = {version} AND n.status <> 'dismissed' AND n.severity {severities} AND ({addresses})"
)
_OF_ONE = (
    'SELECT "check", severity, "where", figures FROM findings WHERE report = ? AND version = ? '
    "AND status <> 'dismissed' AND severity IN ('error', 'warning')"
)


def address_condition(addresses: Iterable[str], value: str = "j.value") -> str:
    """SQL for whether a value is one of the addresses; `*` in the row stands for all rows that begin so."""
    return " OR ".join(f"{value} {'GLOB' if '*' in address else '='} '{address}'" for address in addresses)


def dispute_sql(addresses: Iterable[str], report: str, version: str) -> str:
    """SQL for whether an error finding names one of the figures: 1 or 0."""
    where = _NAMED_OF.format(
        report=report, version=version, severities="= 'error'", addresses=address_condition(addresses)
    )
    return f"EXISTS (SELECT 1 {where})"


def checks_sql(addresses: Iterable[str], report: str, version: str) -> str:
    """SQL for the checks whose findings (errors and warnings) name one of the figures, its row, its table or the report as a whole, in one
    cell; NULL for none.
    """
    named = tuple(addresses)
    tables = {address.partition(".")[0] for address in named}
    rows = {f"{address.rpartition('.')[0]}.[*]" for address in named}  # a place without figures: `applications.other.*`
    wider = [f"j.value = '{place}'" for place in (WHOLE_REPORT, *sorted(tables))]
    wider += [f"j.value GLOB '{row}'" for row in sorted(rows)]
    where = _NAMED_OF.format(
        report=report,
        version=version,
        severities="IN ('error', 'warning')",
        addresses=" OR ".join([address_condition(named), *wider]),
    )
    return f"(SELECT group_concat(c, ' ') FROM (SELECT DISTINCT n.\"check\" AS c {where} ORDER BY 1))"


@dataclass(frozen=True, slots=True)
class Doubt:
    """What findings say against one figure: codes of their checks, sorted, and whether one of them is an error."""

    checks: tuple[str, ...]
    is_disputed: bool

    @property
    def findings(self) -> str:
        """The checks as a cell of a table."""
        return " ".join(self.checks)


def places_of(figures: str, where: str) -> list[str]:
    """What a finding names: the figures that it compared (JSON), or, where it compared none, the place that it speaks of."""
    return json.loads(figures) or [where]


def doubts(findings: Iterable[Mapping[str, Any]]) -> dict[str, Doubt]:
    """Doubts by figure address, of findings as rows with `check`, `severity`, `where` and `figures` (JSON)."""
    checks: dict[str, set[str]] = {}
    disputed: set[str] = set()
    for finding in findings:
        for address in places_of(finding["figures"], finding["where"]):
            checks.setdefault(address, set()).add(finding["check"])
            if finding["severity"] == "error":
                disputed.add(address)
    return {address: Doubt(tuple(sorted(names)), address in disputed) for address, names in checks.items()}


def _names(addresses: Iterable[str], place: str) -> bool:
    """Whether a place is one of the addresses; `*` in the row stands for all rows that begin so."""
    return any(fnmatchcase(place, address) if "*" in address else place == address for address in addresses)


def doubt_of(addresses: Iterable[str], findings: Iterable[Mapping[str, Any]]) -> Doubt:
    """What findings of a version (rows as for `doubts`) say against a sum of figures: as `dispute_sql` and `checks_sql`."""
    own = tuple(addresses)
    wider = {WHOLE_REPORT, *(address.partition(".")[0] for address in own)}
    rows = {f"{address.rpartition('.')[0]}.[*]" for address in own}  # a place without figures: `applications.other.*`
    checks: set[str] = set()
    is_disputed = False
    for finding in findings:
        places = places_of(finding["figures"], finding["where"])
        is_own = any(_names(own, place) for place in places)
        if is_own or any(place in wider or _names(rows, place) for place in places):
            checks.add(finding["check"])
        is_disputed = is_disputed or (is_own and finding["severity"] == "error")
    return Doubt(tuple(sorted(checks)), is_disputed)


def doubts_of(connection: Any, report: str, version: int) -> dict[str, Doubt]:
    """Doubts by figure address, of a version of a report. Costs one look-up where there are none."""
    found = connection.execute(_OF_ONE, (report, version)).fetchall()
    if not found:
        return {}
    return doubts(dict(zip(("check", "severity", "where", "figures"), tuple(row), strict=True)) for row in found)
