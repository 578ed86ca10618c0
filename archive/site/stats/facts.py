"""The figures of all current reports that indicators are made of, in columns, with what speaks against each."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.index.facts import IndicatorColumn
from archive.index.indicators import INDICATORS, Indicator
from archive.site.stats.basis import Unit


@dataclass(slots=True)
class ReportFacts:
    """Reports by number: who, where, when; and the columns of the indicators by their codes."""

    reports: list[str] = field(default_factory=list)
    versions: array[int] = field(default_factory=lambda: array("l"))
    agencies: list[str] = field(default_factory=list)
    years: array[int] = field(default_factory=lambda: array("l"))
    units: list[Unit | None] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    columns: dict[str, IndicatorColumn] = field(
        default_factory=lambda: {item.code: IndicatorColumn() for item in INDICATORS}
    )
    #: Numbers of the reports of a basis in an area.
    places: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    #: Obligations in place of reports, by unit (`county.government`), for the indicators that count those.
    owed: ReportFacts | None = None
    #: Of `owed`: the status of each.
    statuses: list[str] = field(default_factory=list)
    #: What was asked for once: nothing is added to facts that are read.
    distributions: dict[tuple[str, str, str, int], list[float]] = field(default_factory=dict, repr=False)
    _years: dict[tuple[str, str], dict[int, list[int]]] = field(default_factory=dict, repr=False)
    _counts: Counter[str] = field(default_factory=Counter, repr=False)
    _of_agency: dict[str, list[int]] = field(default_factory=dict, repr=False)
    _of_status: Counter[tuple[str, str, int, str]] = field(default_factory=Counter, repr=False)

    def place(self, groups: Mapping[tuple[str, tuple[str, ...]], list[int]]) -> None:
        """Enter where reports are: their numbers, in order, by basis and the areas that they are in."""
        for (basis, areas), numbers in groups.items():
            for area in areas:
                known = self.places.get((basis, area))
                if known is None:
                    self.places[basis, area] = list(numbers)
                else:
                    known.extend(numbers)
        for numbers in self.places.values():
            numbers.sort()

    def of(self, indicator: Indicator) -> ReportFacts:
        """What an indicator counts: these reports, or the obligations."""
        return self.owed if indicator.is_of_duties and self.owed is not None else self

    def by_year(self, basis: str, area: str) -> dict[int, list[int]]:
        """Numbers of the reports of a basis in an area, by year, the oldest first."""
        known = self._years.get((basis, area))
        if known is None:
            found: dict[int, list[int]] = {}
            for number in self.within(basis, area):
                found.setdefault(self.years[number], []).append(number)
            known = self._years[basis, area] = dict(sorted(found.items()))
        return known

    def counts(self) -> Counter[str]:
        """How many reports each basis has."""
        if not self._counts:
            self._counts.update(self.bases)
        return self._counts

    def status_counts(self) -> Counter[tuple[str, str, int, str]]:
        """How many obligations there are by unit, area, year and status; of all statuses under an empty one."""
        if not self._of_status:
            for basis, area in self.places:
                for number in self.places[basis, area]:
                    self._of_status[basis, area, self.years[number], self.statuses[number]] += 1
                    self._of_status[basis, area, self.years[number], ""] += 1
        return self._of_status

    def of_agency(self, agency: str) -> list[int]:
        """Numbers of an agency's reports."""
        if not self._of_agency:
            for number, name in enumerate(self.agencies):
                self._of_agency.setdefault(name, []).append(number)
        return self._of_agency.get(agency, [])

    def within(self, basis: str, area: str) -> list[int]:
        """Numbers of the reports of a basis in an area."""
        return self.places.get((basis, area), [])


def plain_rows(connection: Any, sql: str) -> Iterator[tuple[Any, ...]]:
    """Rows as tuples, whatever the connection makes of rows: there are many."""
    cursor = connection.cursor()
    cursor.row_factory = None
    found: Iterator[tuple[Any, ...]] = cursor.execute(sql)
    return found
