"""The statistics in a release: every total that the site shows, and what each report adds to them; made by the functions of the pages."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from archive.index.indicators import INDICATORS
from archive.publish.export import ExportColumn, Resource
from archive.publish.release_tables import write_by_year, write_table
from archive.site.stats.coverage import duties_of
from archive.site.stats.lines import FACTS, TOTALS, facts_rows, lines, places_of
from archive.site.stats.reading import read_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlite_utils import Database

    from archive.publish.described import ResourceData
    from archive.publish.release_work import ReleaseWork
    from archive.site.stats.facts import ReportFacts


def _rows_of_stats(facts: ReportFacts, db: Database) -> Iterator[tuple[Any, ...]]:
    duties, places = duties_of(facts), places_of(facts)
    names = dict(db.execute("select code, name from regions").fetchall())
    for indicator in INDICATORS:
        yield from lines(facts, duties, indicator, places, names)


STATS = Resource(
    "stats",
    "Statistics (统计): a row an indicator, basis, area and year, as the site shows them",
    "",
    tuple(ExportColumn(*column) for column in TOTALS),
    ("indicator", "basis", "region", "year"),
)
FACTS_OF_REPORTS = Resource(
    "report_facts",
    "What each report adds to the statistics: numerator and denominator of each indicator",
    "",
    tuple(ExportColumn(*column) for column in FACTS),
    ("report",),
    ((("report",), "reports", ("report",)),),
)


def write_statistics(db: Database, work: ReleaseWork, tell: Callable[[str], None]) -> list[ResourceData]:
    """Write both tables; gives their descriptions in the data package."""
    facts = read_facts(db.conn)
    tell(STATS.name)
    found = [write_table(db, work, replace(STATS, rows=partial(_rows_of_stats, facts)))]
    tell(FACTS_OF_REPORTS.name)
    return [*found, write_by_year(work, FACTS_OF_REPORTS, list(facts_rows(facts)))]
