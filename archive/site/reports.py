"""A report as its pages need it: the report, its versions, the one asked for, its figures and what speaks against them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlite_utils import Database

from archive.index.doubts import Doubt, doubts
from archive.index.figures import load_figures
from archive.index.rows import of_type
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


class SiteReport(TypedDict):
    """A row of `reports`, with the names of its agency and region."""

    id: str
    agency: str
    year: int
    form: str | None
    scope: str | None
    title: str | None
    url: str
    portal: str
    region: str | None
    published_on: str | None
    first_seen: str
    last_seen: str
    status: str
    is_delisted: int
    version: int
    absent_at: str | None
    search_id: int
    agency_name: str
    agency_kind: str
    region_name: str | None
    region_code: str | None


class SiteVersion(TypedDict):
    """A row of `versions`, with the capture of its page and who made that. `attachments`, `coverage` and `warnings` are JSON."""

    report: str
    version: int
    first_seen: str
    capture: str
    figures_capture: str
    url: str
    media_type: str | None
    title: str | None
    published_on: str | None
    form: str | None
    scope: str | None
    index_number: str | None
    content_digest: str
    state: str
    attachments: str
    coverage: str
    warnings: str
    extractor: str
    captured_at: str | None
    digest: str | None
    segment: str | None
    offset: int | None
    capture_url: str | None
    origin: str | None


class WithheldReport(TypedDict):
    """What may be shown of a report that is withheld."""

    id: str
    withheld_reason: str
    withheld_at: str
    agency_name: str | None
    year: int | None


class _Finding(TypedDict):
    id: str
    report: str
    version: int
    check: str
    severity: str
    where: str
    expected: float | None
    actual: float | None
    message: str
    figures: str
    quote: str | None
    is_across: int
    status: str
    note: str | None


class SiteFinding(_Finding, total=False):
    """A row of `findings` (`figures` is JSON); its words, and the places of the figures that it names, where they are shown."""

    words: str
    places: list[tuple[str, str, str | None]]


class SectionText(TypedDict):
    """A section of a version's text."""

    kind: str
    heading: str | None
    text: str


class Answered(TypedDict):
    """What an address gave, of a capture."""

    url: str
    at: str
    digest: str | None
    status: int | None
    verdict: str | None
    kind: str


class SiteCapture(TypedDict):
    """A capture by its id."""

    id: str
    url: str
    at: str
    digest: str | None


@dataclass(frozen=True, slots=True)
class FoundReport:
    """A report, all its versions, and the version asked for (`None`: it has no such version, or none was read)."""

    report: SiteReport
    versions: list[SiteVersion]
    version: SiteVersion | None


async def find_report(datasette: Any, report: str, version: str | None) -> FoundReport | None:
    """The report of an id and the version of a number, the current one without; `None` without such a report."""
    found = of_type(SiteReport, await rows(datasette, REPORT, {"report": report}))
    if not found:
        return None
    versions = of_type(SiteVersion, await rows(datasette, VERSIONS, {"report": report}))
    wanted = int(version) if version else found[0]["version"]
    return FoundReport(found[0], versions, next((item for item in versions if item["version"] == wanted), None))


async def withheld_report(datasette: Any, report: str) -> WithheldReport | None:
    """What may be shown of a report that is withheld."""
    found = of_type(WithheldReport, await rows(datasette, WITHHELD, {"report": report}))
    return found[0] if found else None


async def figures_of(datasette: Any, report: str, version: int) -> list[Figure]:
    """The figures of a version."""

    def load(connection: Any) -> list[Figure]:
        return list(load_figures(Database(connection, execute_plugins=False), report, version))

    found: list[Figure] = await database(datasette).execute_fn(load)
    return found


async def findings_of(datasette: Any, report: str, version: int) -> list[SiteFinding]:
    """The findings of a version that nobody dismissed, errors first."""
    return of_type(SiteFinding, await rows(datasette, FINDINGS, {"report": report, "version": version}))


def doubts_by_address(findings: Iterable[Mapping[str, Any]]) -> dict[str, Doubt]:
    """What speaks against figures, by address (`archive.index.doubts`)."""
    return doubts(finding for finding in findings if finding["severity"] in ("error", "warning"))


async def sections_of(datasette: Any, report: str, version: int) -> list[SectionText]:
    """The text of a version by sections."""
    found = await rows(
        datasette,
        "select kind, heading, text from report_text where report = :report and version = :version order by position",
        {"report": report, "version": version},
    )
    return of_type(SectionText, found)


def own_addresses(finding: SiteFinding) -> list[str]:
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
