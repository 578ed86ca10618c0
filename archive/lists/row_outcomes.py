"""What became of every row that a list names: each ends in exactly one outcome, with the reason."""

from __future__ import annotations

import json
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archive.clock import shanghai_day
from archive.history.visits import GONE_VERDICTS, OK
from archive.index.codes import AddressStatus
from archive.index.elsewhere import candidates, captured_lists
from archive.index.listed_rows import last_pass_since, listed_rows
from archive.index.register import definition_of
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable
from extract.model import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlite_utils import Database

    from archive.index.listed_rows import ListedRow
    from archive.index.types import JsonObject


class RowOutcome(StrEnum):
    """What became of a row."""

    REPORT = "report"
    NO_FIGURES = "report, no figures"
    NO_TEXT = "report, no text"
    NOT_A_REPORT = "not a report"
    NOT_THERE = "named, not there"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_ASKED = "not asked"
    REJECTED = "rejected"


#: The outcomes of a row, in this order.
ROW_COLUMNS = (
    "portal", "column", "url", "title", "date", "agency", "outcome", "why", "report", "version", "at",
)  # fmt: skip
#: Outcomes that an archivist need not look into.
SETTLED = (RowOutcome.REPORT, RowOutcome.REJECTED)
#: Verdicts of the last visit that mean that asking is not allowed.
_REFUSED = ("refused", "robots")
#: Of what a page is instead of a report, so many characters are quoted.
_QUOTED = 120


def row_outcomes(
    db: Database, portal: str | None = None, *, outcome: str | None = None, changed: bool = False
) -> Iterator[JsonObject]:
    """The rows in the contract's shape, by portal, column and address.

    Args:
        portal: Only those of this portal.
        outcome: Only those with this outcome.
        changed: Only what is new since the last pass: rows first named in it, and those whose last look in it gave no report.
    """
    since: dict[str, str] = {}
    hosts: dict[str, frozenset[str]] = {}
    for row in listed_rows(db, portal):
        if row.portal not in hosts:
            hosts[row.portal] = _hosts_of(db, row.portal)
            since[row.portal] = last_pass_since(db, row.portal)
        became, why = outcome_of_row(row, hosts[row.portal])
        is_new = row.first_at >= since[row.portal] or (became not in SETTLED and (row.at or "") >= since[row.portal])
        if (outcome is None or became == outcome) and (is_new or not changed):
            yield _as_json(row, became, why)


def rows_elsewhere(db: Database, portals: Iterable[str] = (), *, archive: str | None = None) -> Iterator[JsonObject]:
    """Candidates: rows that lists captured by others name, and nothing here does, in the contract's shape with `seen_by`.

    They were not asked for, or what came was no report. That a list lacks one, or names it no more, says nothing.

    Args:
        portals: Only those of these portals.
        archive: Only those that this web archive's captures named last.
    """
    for row in candidates(db, portals, archive):
        became, why = outcome_of_row(row, _hosts_of(db, row.portal))
        named = localizable(f"named on {shanghai_day(row.last_at)} by a list that {row.seen_by} captured")
        seen_by = {row.origin_kind: row.seen_by, "at": row.last_at}
        yield _as_json(row, became, f"{named}; {why}" if why else named) | {"seen_by": seen_by}


def why_no_candidates(db: Database, portals: Iterable[str] = ()) -> str:
    """Why there are no candidates of these portals (of all, where none is named): nobody looked, or all that was named is known."""
    if not captured_lists(db, portals):
        return localizable(
            "No candidates: the archive holds no list captured by others. `ogi backfill --lists` asks web archives for some, `ogi import` brings files."
        )
    return localizable("No candidates: no list captured by others names what nothing here knows.")


def _as_json(row: ListedRow, became: RowOutcome, why: str) -> JsonObject:
    return {
        "portal": row.portal,
        "column": row.column,
        "url": row.url,
        "title": row.title,
        "date": row.date,
        "agency": row.agency,
        "outcome": became.value,
        "why": why or None,
        "report": row.report,
        "version": row.version,
        "at": row.at,
    }


def outcome_of_row(row: ListedRow, hosts: frozenset[str]) -> tuple[RowOutcome, str]:
    """What became of one row, and why. `hosts`: those of the portal's definition, empty if there is none."""
    if row.report is not None:
        return _of_document(row)
    verdict, said = row.verdict, (row.notice or "")[:_QUOTED]
    if verdict is None:
        host = urlsplit(row.url).hostname or ""
        if hosts and host not in hosts:
            return RowOutcome.REFUSED, localizable(f"{host} is no host of the portal's definition")
        rejected = judge_title(row.title or "").judgement is Judgement.REJECT
        return (
            (RowOutcome.REJECTED, localizable("its title is that of something else"))
            if rejected
            else (RowOutcome.NOT_ASKED, "")
        )
    if verdict != OK:
        return _unanswered(verdict), verdict
    became = RowOutcome.DOUBTFUL if said.startswith(UNDECIDED) else RowOutcome.NOT_A_REPORT
    return became, said or localizable("the page was not recognised as a report")


def _unanswered(verdict: str) -> RowOutcome:
    if verdict in GONE_VERDICTS:
        return RowOutcome.NOT_THERE
    return RowOutcome.REFUSED if verdict in _REFUSED else RowOutcome.FAILED


def _of_document(row: ListedRow) -> tuple[RowOutcome, str]:
    if row.withdrawn_digest is not None or row.status in (AddressStatus.SUSPECT, AddressStatus.GONE):
        return RowOutcome.NOT_THERE, (row.notice or row.verdict or "")[:_QUOTED]
    if row.pending_digest is not None:
        return RowOutcome.DOUBTFUL, (row.notice or "")[:_QUOTED]
    if row.verdict is not None and row.verdict != OK and row.verdict not in GONE_VERDICTS:
        return (RowOutcome.REFUSED if row.verdict in _REFUSED else RowOutcome.FAILED), row.verdict
    if row.figures:
        return RowOutcome.REPORT, ""
    instead = "; ".join(filter(None, ((row.notice or "")[:_QUOTED], row.files and f"files: {row.files}")))
    if row.version and row.texts:
        return RowOutcome.NO_FIGURES, instead
    return RowOutcome.NO_TEXT, instead


def _hosts_of(db: Database, portal: str) -> frozenset[str]:
    """The hosts that a portal's definition names."""
    about = json.loads(definition_of(db, portal) or "{}").get("portal", {})
    named = [urlsplit(str(url)).hostname for url in (about.get("url"), *(about.get("start") or ())) if url]
    return frozenset([*(host for host in named if host), *map(str, about.get("hosts") or ())])


def portal_rows(db: Database, portal: str, most: int) -> tuple[dict[str, int], list[str]]:
    """How many rows of a portal had each outcome, and the first of those to be looked into, in words."""
    found = list(row_outcomes(db, portal))
    counts = Counter(row["outcome"] for row in found)
    open_rows = [row for row in found if row["outcome"] not in SETTLED]
    told = [
        f"{row['outcome']}: {row['title'] or row['url']} ({row['url']})" + (f": {row['why']}" if row["why"] else "")
        for row in open_rows[:most]
    ]
    return {outcome.value: counts[outcome] for outcome in RowOutcome if counts[outcome]}, told
