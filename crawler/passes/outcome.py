"""What a pass over a portal came to: counters by outcome, the reason why it failed, and remarks."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from crawler.http.session import REFUSED
from crawler.pages import classify
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.index.known import Known
    from crawler.http.visiting import Visit
    from crawler.passes.columns import ColumnReading

_SAYS_SOMETHING = frozenset({classify.OK, classify.GONE, classify.MOVED, classify.EMPTY})
#: States of a visit that brought what the archive holds.
UNCHANGED = ("same", "304", "like")


@dataclass(slots=True)
class PassResult:
    """What a pass over a portal came to.

    `reports` and `attachments` count by outcome: new; stored (known, and its bytes are others than before); same; not due; gone; empty;
    failed (never fetched, and could not be fetched now); unchecked (fetched before, could not be visited now); left (the host is left
    alone); elsewhere (leads to a host that the definition doesn't name). `rows` counts what became of every row that the lists name
    (`ogi rows`), `told` names the first of those that gave no report.
    """

    portal: str
    ok: bool = False
    reason: str = "interrupted"
    lists: int = 0
    lists_complete: int = 0
    listed: int = 0
    rejected: int = 0
    reports: dict[str, int] = field(default_factory=dict)
    attachments: dict[str, int] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self)


@dataclass(slots=True)
class Tally:
    """What happened in a pass so far.

    Attributes:
        reports: Reports by outcome, see `PassResult`; so `attachments`.
        verdicts: How often each verdict was met.
        elsewhere: Hosts that rows or files are on and that the definition doesn't name.
        misread: Pages that broke the parser, each with the error.
        misframed: Answers that came whole under a wrong frame, each with what was wrong.
    """

    reports: Counter[str] = field(default_factory=Counter)
    attachments: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    elsewhere: set[str] = field(default_factory=set)
    misread: list[str] = field(default_factory=list)
    misframed: list[str] = field(default_factory=list)

    def lost_reports(self) -> list[str]:
        """The problem that reports could not be fetched although they should, empty if all could."""
        return self._lost(self.reports, "reports")

    def remarks(self) -> list[str]:
        """What an archivist should know, although the pass is complete: nothing here says who published."""
        found = self._lost(self.attachments, "files")
        unchecked = self.reports["unchecked"] + self.attachments["unchecked"]
        if unchecked:
            found.append(localizable(f"{unchecked} known pages or files could not be looked at"))
        if self.reports["empty"]:
            found.append(localizable(f"{self.reports['empty']} pages that the lists name are empty"))
        if self.elsewhere:
            hosts = ", ".join(sorted(self.elsewhere))
            found.append(
                localizable(f"rows or files on hosts that the definition does not name were not followed: {hosts}")
            )
        if self.misframed:
            found.append(
                localizable(
                    f"{len(self.misframed)} answers were whole under a wrong frame, such as {self.misframed[0]}"
                )
            )
        return found + [localizable(f"page not understood: {problem}") for problem in self.misread]

    def _lost(self, counts: Counter[str], what: str) -> list[str]:
        """Report how many expected fetches failed."""
        lost = counts["failed"] + counts["left"]
        if not lost:
            return []
        seen = sorted(verdict for verdict in self.verdicts if verdict not in _SAYS_SOMETHING)
        return [f"{', '.join(seen) or 'host left alone'}: {lost} {what} could not be fetched"]


def outcome_of(visit: Visit, known: Known | None) -> str:
    """The outcome of a visit as `PassResult` counts it; `known` is what the archive had before."""
    is_held = known is not None and known.digest is not None
    if visit.verdict == REFUSED:
        return "elsewhere"
    if visit.is_turned_away:
        return "unchecked" if is_held else "failed"
    if visit.verdict in (classify.GONE, classify.MOVED):
        return "gone"
    if not visit.is_ok:
        return "empty"
    if visit.state in UNCHANGED:
        return "same"
    return "stored" if is_held else "new"


def problems_of_columns(readings: Sequence[ColumnReading], not_found: str) -> list[str]:
    """Why the columns are not complete; `not_found` is why none was found."""
    if not readings:
        return [not_found or "no annual-report column was found"]
    return [f"{reading.reason or 'incomplete'} ({reading.url})" for reading in readings if not reading.complete]


def settle(
    result: PassResult, tally: Tally, readings: Sequence[ColumnReading], said: Sequence[str], *, ok: bool
) -> None:
    """Write the tally into the result; `said` are problems and remarks in their order."""
    result.lists, result.lists_complete = len(readings), sum(reading.complete for reading in readings)
    result.reports, result.attachments = dict(tally.reports), dict(tally.attachments)
    result.verdicts = dict(tally.verdicts)
    result.ok = ok
    result.reason = "; ".join(dict.fromkeys(said)) or ("" if readings else "interrupted")
