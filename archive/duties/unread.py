"""Reports that a portal names or shows and that are not in the archive by themselves: they must not count as missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.index import duties, register
from archive.index.further_reports import further_reports
from extract.document.numerals import is_whole
from extract.lexicon.organs import normalise_name
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlite_utils import Database

#: Why a row's report is not in the archive, by the verdict of the last visit.
_WHY = {
    "ok": localizable("the page was not recognised as a report"),
    "empty": localizable("the page is empty"),
    "": localizable("it was not asked for"),
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A list entry that names a report which could not be fetched or read, or a report on another one's page.

    Attributes:
        agency: Id of the agency that it refers to; `None` if it names none, so that it may be anybody's.
        since: When the list named it, or the page showed it first (UTC ISO text).
        text: What it says and why its report is not there, in words.
    """

    agency: str | None
    since: str
    text: str


def unread_rows(db: Database, portals: Iterable[str] | None = None) -> Mapping[tuple[str, int], Sequence[Unread]]:
    """What lists name or pages show beside another report and the archive doesn't have, by portal and report year; of some portals, or of all."""
    found: dict[tuple[str, int], list[Unread]] = defaultdict(list)
    for listing in duties.unread_listings(db, portals):
        title = listing.title or ""
        # Lists also name what is no report. What the crawler took for one and could not see may be one.
        judged = judge_title(title)
        names_report = judged.judgement is Judgement.ACCEPT or (judged.is_bare and listing.verdict != "ok")
        may_be_report = names_report or listing.verdict not in ("", "ok")
        year = _year_of(title, listing.date)
        if not may_be_report or year is None:
            continue
        why = _WHY.get(listing.verdict, listing.verdict)
        found[listing.portal, year].append(
            Unread(
                agency=_agency_of(db, listing.portal, title, listing.agency),
                since=listing.first_at,
                text=f"the list names {title!r} ({listing.url}), and it could not be read: {why}",
            )
        )
    for further in further_reports(db, portals):
        found[further.portal, further.year].append(
            Unread(
                agency=_agency_of(db, further.portal, further.title, None) or further.agency,
                since=further.at,
                text=f"{further.url} holds {further.title!r} beside another report, and it was not entered by itself",
            )
        )
    return found


def _year_of(title: str, listed_on: str | None) -> int | None:
    """The report year that a row means: that of its title, else the year before its date."""
    printed = judge_title(title).year
    if printed is not None:
        return printed
    return int(listed_on[:4]) - 1 if listed_on and is_whole(listed_on[:4]) else None


def _agency_of(db: Database, portal: str, title: str, printed: str | None) -> str | None:
    """The agency that a row means: named by its list or at the title's head, as a report's is, else a name of the portal's within the title.

    A name that the register lacks means an agency of its own, here ``""``. A row without a name may be the government's, or the only one of
    a department's own list: nobody knows until its page is read.
    """
    names = [name for name in (printed, judge_title(title).agency) if name]
    for name in names:
        found = register.find_agency(db, portal, name)
        if found is not None:
            return found
    within = duties.agency_within(db, portal, normalise_name(title))
    return within if within is not None else "" if names else None
