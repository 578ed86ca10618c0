"""What a harvest asks for that is not a whole pass: what waits for a second look, and rows that failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.waiting import absent_listings, waiting_pages
from archive.lists.row_outcomes import row_outcomes
from archive.warc.context import Entry
from crawler.passes.wanted import PassScope, WantedPage

if TYPE_CHECKING:
    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a harvest is restricted to.

    Attributes:
        second_looks: Ask for what waits for a second look.
        rows: Ask for the rows with this outcome (see `archive.lists.row_outcomes`); none if empty.
    """

    second_looks: bool = False
    rows: str = ""

    def __bool__(self) -> bool:
        """Whether it is restricted at all."""
        return self.second_looks or bool(self.rows)


def wanted_of(db: Database, portal: str, restriction: Restriction) -> PassScope:
    """What a restricted harvest asks a portal for."""
    columns: dict[str, list[str]] = {}
    pages: dict[str, WantedPage] = {}
    if restriction.second_looks:
        for page in waiting_pages(db, portal):
            pages[page.url] = WantedPage(page.url, page.column)
        for row in absent_listings(db, portal):
            columns.setdefault(row.column, []).append(row.url)
            if row.is_document:
                pages.setdefault(row.url, WantedPage(row.url, row.column))
    if restriction.rows:
        for found in row_outcomes(db, portal, outcome=restriction.rows):
            entry = Entry(found["url"], found["title"] or "", found["date"], found["agency"])
            url = entry.url.partition("#")[0]
            pages.setdefault(url, WantedPage(url, found["column"], entry))
    return PassScope({column: tuple(rows) for column, rows in columns.items()}, tuple(pages.values()))
