"""Reports that a page holds beside the one that it is entered for: noted when the page is read, asked for when duties are judged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index.codes import AddressStatus
from archive.index.rows import among, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlite_utils import Database

#: The code of the notice.
SEVERAL_REPORTS = "several-reports"
_BEGINNING = "the page holds further reports, not entered: "
_YEAR = re.compile(r" \((\d{4})\)(?:; |\Z)")


@dataclass(frozen=True, slots=True)
class _Noted:
    """A notice with the page's portal and the agency of the report that it is entered for."""

    portal: str
    url: str
    agency: str
    at: str
    message: str


@dataclass(frozen=True, slots=True)
class FurtherReport:
    """A report that stands on another one's page. `agency`: that of the page's report; `title` may name another."""

    portal: str
    url: str
    agency: str
    at: str
    title: str
    year: int


def message_of(further: Iterable[tuple[str | None, int | None]]) -> str:
    """The notice's words for the titles and years of further reports."""
    return _BEGINNING + "; ".join(f"{title or 'without a title'} ({year})" for title, year in further)


def further_reports(db: Database, portals: Iterable[str] | None = None) -> Iterator[FurtherReport]:
    """The further reports that pages still there were noted to hold, of some portals or of all, by page and day."""
    where, parameters = among("d.portal", portals)
    noted = read(
        db,
        _Noted,
        "SELECT d.portal, n.url, r.agency, min(n.at) AS at, n.message FROM notices n JOIN documents d ON d.url = n.url "
        f"JOIN reports r ON r.id = d.report WHERE n.code = '{SEVERAL_REPORTS}' AND d.status = '{AddressStatus.PRESENT}' AND {where} "
        "GROUP BY n.url, n.message ORDER BY n.url, n.at",
        parameters,
    )
    for one in noted:
        pieces = _YEAR.split(one.message.removeprefix(_BEGINNING))
        for title, year in zip(pieces[::2], pieces[1::2], strict=False):  # behind the last year nothing follows
            yield FurtherReport(one.portal, one.url, one.agency, one.at, title, int(year))
