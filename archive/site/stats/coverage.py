"""What is behind a number: of the agencies that owed a report, how many count, and where the others are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from archive.index.codes import DutyStatus
from archive.index.indicators import Indicator
from archive.site.stats.basis import unit_of_basis
from archive.site.stats.facts import ReportFacts
from archive.site.stats.totals import LEAST_COVERAGE, LEAST_REPORTS, Total


@dataclass(frozen=True, slots=True)
class Duties:
    """Numbers of obligations that are due by unit (`county.government`), area, year and status (empty for all)."""

    counts: Counter[tuple[str, str, int, str]]

    def of(self, unit: str, area: str, year: int, *statuses: str) -> int:
        """How many there are of some statuses; of all without any."""
        return sum([self.counts[unit, area, year, status] for status in statuses or ("",)])


@dataclass(frozen=True, slots=True)
class Coverage:
    """The parts of those due in a year: they add up to `due`.

    Attributes:
        rest: Due and seen, and not in this basis: another scope, an unknown one, or not shown.
    """

    due: int
    used: int
    disputed: int
    unread: int
    missing: int
    unknown: int
    rest: int

    @property
    def share(self) -> float | None:
        """The part that counts; `None` where nobody knows who owed one."""
        return self.used / self.due if self.due else None

    @property
    def is_thin(self) -> bool:
        """Whether a place has no value: fewer than five reports, or less than half of those due."""
        return self.used < LEAST_REPORTS or (self.share is not None and self.share < LEAST_COVERAGE)


def coverage(duties: Duties, found: Total, basis: str, area: str, indicator: Indicator | None = None) -> Coverage:
    """The coverage of a total; of an indicator that counts obligations, what is missing is counted and only what is unknown is not."""
    unit = unit_of_basis(basis)
    due = duties.of(unit, area, found.year)
    unknown = duties.of(unit, area, found.year, DutyStatus.UNKNOWN)
    if indicator is not None and indicator.is_of_duties:
        return Coverage(due, found.used, 0, 0, 0, unknown, max(0, due - found.used - unknown))
    missing = duties.of(unit, area, found.year, DutyStatus.MISSING)
    unread = found.unsure + found.blank
    rest = due - found.used - found.disputed - unread - missing - unknown
    return Coverage(max(due, due - rest), found.used, found.disputed, unread, missing, unknown, max(0, rest))


def duties_of(facts: ReportFacts) -> Duties:
    """The obligations as counted."""
    return Duties(facts.owed.status_counts() if facts.owed is not None else Counter())
