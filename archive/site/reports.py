"""A report as its pages need it: the report, its versions, the one asked for, its figures and what speaks against them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from archive.index.doubts import Doubt, doubts
from archive.index.figures import load_figures
from archive.lists.labels import figure_label
from archive.site.view import database, rows
from extract.model import Figure

REPORT = """
select r.*, a.name as agency_name, a.kind as agency_kind, g.name as region_name, coalesce(r.region, a.region) as region_code
from reports r join agencies a on a.id = r.agency left join regions g on g.code = coalesce(r.region, a.region)
where r.id = :report
"""
WITHHELD = """
select w.report as id, w.reason as withheld_reason, w.at as withheld_at, a.name as agency_name, o.year from withheld w
left join obligations o on o.report = w.report left join agencies a on a.id = o.agency where w.report = :report order by w.url limit 1
"""
VERSIONS = """
select v.*, c.at as captured_at, c.digest, c.segment, c."offset", c.url as capture_url, o.name as origin
from versions v left join captures c on c.id = v.capture left join origins o on o.id = c.origin where v.report = :report order by v.version
"""
FINDINGS = """
select * from findings where report = :report and version = :version and status <> 'dismissed'
order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, "check", id
"""


@dataclass(frozen=True, slots=True)
class FoundReport:
    """A report, all its versions, and the version asked for (`None`: it has no such version, or none was read)."""

    report: dict[str, Any]
    versions: list[dict[str, Any]]
    version: dict[str, Any] | None


async def find_report(datasette: Any, report: str, version: str | None) -> FoundReport | None:
    """The report of an id and the version of a number, the current one without; `None` without such a report."""
    found = await rows(datasette, REPORT, {"report": report})
    if not found:
        return None
    versions = await rows(datasette, VERSIONS, {"report": report})
    wanted = int(version) if version else found[0]["version"]
    return FoundReport(found[0], versions, next((item for item in versions if item["version"] == wanted), None))


async def withheld_report(datasette: Any, report: str) -> dict[str, Any] | None:
    """What may be shown of a report that is withheld."""
    found = await rows(datasette, WITHHELD, {"report": report})
    return found[0] if found else None


async def figures_of(datasette: Any, report: str, version: int) -> list[Figure]:
    """The figures of a version."""

    def load(connection: Any) -> list[Figure]:
        return list(load_figures(Database(connection, execute_plugins=False), report, version))

    found: list[Figure] = await database(datasette).execute_fn(load)
    return found


async def findings_of(datasette: Any, report: str, version: int) -> list[dict[str, Any]]:
    """The findings of a version that nobody dismissed, errors first."""
    return await rows(datasette, FINDINGS, {"report": report, "version": version})


def doubts_by_address(findings: list[dict[str, Any]]) -> dict[str, Doubt]:
    """What speaks against figures, by address (`archive.index.doubts`)."""
    return doubts(finding for finding in findings if finding["severity"] in ("error", "warning"))


async def sections_of(datasette: Any, report: str, version: int) -> list[dict[str, Any]]:
    """The text of a version by sections."""
    return await rows(
        datasette,
        "select kind, heading, text from report_text where report = :report and version = :version order by position",
        {"report": report, "version": version},
    )


def own_addresses(finding: dict[str, Any]) -> list[str]:
    """The figures of its own report that a finding names."""
    return [address for address in json.loads(finding["figures"]) if address.count(".") >= 2 and ":" not in address]


def label_of(address: str, language: str) -> str:
    """The words of a figure's address."""
    table, row, column = split_address(address)
    return figure_label(table, row, column, language)


def split_address(address: str) -> tuple[str, str, str]:
    """Table, row and column of an address; printed labels may hold dots. Raises `ValueError` for what is none."""
    table, _, rest = address.partition(".")
    row, _, column = rest.rpartition(".")
    if not (table and row and column):
        raise ValueError(f"no address of a figure: {address!r}")
    return table, row, column


def place_of(figures: list[Figure], wanted: str | None) -> tuple[Figure | None, str | None]:
    """The figure that `?at=` means, by its address or its place in the document, and the place."""
    if not wanted:
        return None, None
    for figure in figures:
        if wanted in (figure.address, figure.where):
            return figure, figure.where
    return None, wanted
