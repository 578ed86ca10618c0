"""Reports that print an earlier day than the last complete reading of the list that did not name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.clock import shanghai_day
from archive.history.findings import insert_finding
from archive.index import listings, register, reports

if TYPE_CHECKING:
    from sqlite_utils import Database

    from archive.index.types import ListingRow, ReportRow


def check_backdated(db: Database, report: str) -> None:
    """Note the last complete reading of the list that did not have a report; a printed date before it is a finding."""
    listed = listings.first_listing_of(db, report)
    if listed is None:
        return
    absent_at = listings.last_whole_reading(db, listed.column_url, listed.first_at) or _absent_before_move(db, listed)
    reports.set_absent_at(db, report, absent_at)
    about = reports.find_report(db, report)
    assert about is not None  # it was judged a moment ago
    if absent_at is not None and is_backdated(about, absent_at):
        insert_finding(
            db,
            report,
            max(1, about.version),
            check="backdated",
            severity="warning",
            where="published_on",
            message=(
                f"印发日期 {about.published_on} 早于 {shanghai_day(absent_at)} 对目录的完整检查，当时目录中没有这份报告；"
                f"首次见于 {shanghai_day(about.first_seen)}"
            ),
        )


def is_backdated(about: ReportRow, absent_at: str) -> bool:
    """Whether a report prints an earlier day than one on which its list did not have it."""
    return about.published_on is not None and about.published_on < shanghai_day(absent_at)


def _absent_before_move(db: Database, listed: ListingRow) -> str | None:
    """When the portal's lists, all of them, were last read to their end before a column that was found by itself first named a report.

    Such a column stands for one that moved. One that a definition names may be new to the archive and old to the portal.
    """
    if listed.column_url in register.columns_of_portal(db, listed.portal):
        return None
    return listings.last_whole_pass(db, listed.portal, listed.first_at)
