"""Which rows of the lists are, or may be, annual reports, and what the definition expects of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from archive.warc.context import Entry
    from crawler.passes.columns import ColumnReading
    from crawler.portals.definitions import Expectation
    from extract.lexicon.titles import Title

#: Rows that may or may not be reports are visited only if the list isn't made of something else.
_MAX_UNSURE = 20


@dataclass(frozen=True, slots=True)
class ReportCandidate:
    """A row that is, or may be, an annual report: its list entry, its column, and the files that the list names for it."""

    entry: Entry
    column: str
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Chosen:
    """The candidates of a pass.

    Attributes:
        by_url: Each candidate by its address without fragment, in the order of the lists.
        rejected: How many rows are none.
        refused: Rows that would be candidates at addresses that must not be asked for: (address, why).
    """

    by_url: dict[str, ReportCandidate] = field(default_factory=dict)
    rejected: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def choose_candidates(readings: Sequence[ColumnReading], refusal: Callable[[str], str | None]) -> Chosen:
    """Choose from the rows of all lists. `refusal` says why an address must not be asked for."""
    chosen = Chosen()
    for reading in readings:
        judged = [(entry, judge_title(entry.title)) for entry in reading.entries]
        accepted = sum(title.judgement is Judgement.ACCEPT for _, title in judged)
        unsure = sum(title.judgement is Judgement.UNSURE for _, title in judged)
        is_proven = unsure <= max(_MAX_UNSURE, 2 * accepted)
        for entry, title in judged:
            url = entry.url.partition("#")[0]
            if not _is_wanted(title, is_proven=is_proven):
                chosen.rejected += 1
                continue
            reason = refusal(url)
            if reason is not None:
                chosen.refused.append((url, reason))
                chosen.rejected += 1
                continue
            files = tuple(reading.attachments.get(entry.url, ()))
            chosen.by_url.setdefault(url, ReportCandidate(entry, reading.url, files))
    return chosen


def _is_wanted(title: Title, *, is_proven: bool) -> bool:
    return title.judgement is Judgement.ACCEPT or (title.judgement is Judgement.UNSURE and (is_proven or title.is_bare))


def unmet_expectations(candidates: Mapping[str, ReportCandidate], expect: Expectation) -> list[str]:
    """Expectations of the definition that the lists fall short of."""
    problems = []
    if expect.min_reports is not None and len(candidates) < expect.min_reports:
        problems.append(localizable(f"{len(candidates)} reports listed, at least {expect.min_reports} expected"))
    if expect.newest_year is not None:
        titles = (judge_title(candidate.entry.title) for candidate in candidates.values())
        newest = max((title.year for title in titles if title.year is not None), default=0)
        if newest < expect.newest_year:
            problems.append(localizable(f"newest report listed is of {newest or 'no year'}, not {expect.newest_year}"))
    return problems
