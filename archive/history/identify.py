"""Whose report a page is, of which year, or why it is none: judged from what was read and what the list says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extract.lexicon.titles import NOT_PLAIN, Judgement, judge_title
from extract.model import UNDECIDED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from archive.history.item import ItemReading
    from archive.index.types import DocumentRow
    from archive.warc.context import Entry


@dataclass(frozen=True, slots=True)
class Identified:
    """The page is a report of this year. `report` is the one that its document is of already, `None` if that must be found by the agency."""

    year: int
    report: str | None


@dataclass(frozen=True, slots=True)
class NotAReport:
    """The page is no report, or not known to be one: a notice's code and message, and the report that its document was of."""

    code: str
    message: str
    report: str | None


def identify(
    reading: ItemReading, listed: Entry | None, known: DocumentRow | None, known_year: int | None
) -> Identified | NotAReport:
    """Whether a page is a report, and of which year.

    Args:
        reading: What the page says.
        listed: What the list says of it.
        known: The document at this address, if there is one.
        known_year: The year of that document's report.
    """
    year = reading.extraction.year
    if year is None and known is not None:
        if reading.problem is not None:
            return NotAReport("unreadable", reading.problem, known.report)
        if reading.is_unread_file and known_year is not None:
            return Identified(known_year, known.report)  # a scan says nothing; it is compared by its bytes
        message = "the page no longer looks like the report: not compared, not counted as gone"
        return NotAReport("cannot-compare", message, known.report)
    if year is None:
        year = _year_by_list(reading, listed.title if listed is not None else "")
    if year is None:
        said = reading.problem or next(iter(reading.extraction.warnings), "not an annual report")
        return NotAReport(_code_of(reading, said), said, None)
    return Identified(year, known.report if known is not None and known_year == year else None)


def _code_of(reading: ItemReading, said: str) -> str:
    if reading.problem is not None:
        return "unreadable"
    return "undecided" if said.startswith(UNDECIDED) else "not-a-report"


def _year_by_list(reading: ItemReading, title: str) -> int | None:
    """The year that a list gives to a report whose page could not be read; `None` if the page says that it is something else."""
    is_unread = reading.problem is not None or reading.content is None or not reading.content.lines
    named = judge_title(title)
    if not is_unread or named.judgement is not Judgement.ACCEPT or NOT_PLAIN.intersection(named.shapes):
        return None
    return named.year


def choose_name(names: Sequence[str], is_known: Callable[[str], bool]) -> str | None:
    """Of the names that stand for the agency, the first that the register knows, else the first; `None` if there is none."""
    return next(filter(is_known, names), names[0] if names else None)
