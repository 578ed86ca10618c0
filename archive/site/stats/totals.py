"""Totals and distributions of an indicator within one basis: the one place where figures of reports are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.index.facts import DISPUTED, NONE, UNSURE, USED, IndicatorColumn
from archive.index.indicators import Indicator
from archive.site.stats.basis import unit_of_basis
from archive.site.stats.facts import ReportFacts

#: A share of fewer cases says nothing of one report: it is in the total, not in the distribution.
LEAST_DENOMINATOR = 10
#: A place with fewer reports, or with less than that part of those due, has no value.
LEAST_REPORTS, LEAST_COVERAGE = 5, 0.5


@dataclass(frozen=True, slots=True)
class Total:
    """An indicator in one year of a basis and area.

    Attributes:
        used: So many reports count; `disputed`, `unsure` and `blank` ones don't.
        value: Sum of numerators, their share of the denominators, or, of what is typical, the median; `None` without any.
        value_with: The same with the disputed reports.
        quantiles: Of the reports' own values: 10, 25, 50, 75 and 90 %; empty without any.
    """

    year: int
    used: int
    disputed: int
    unsure: int
    blank: int
    numerator: float
    denominator: float
    value: float | None
    value_with: float | None
    quantiles: tuple[float, ...]

    @property
    def seen(self) -> int:
        """All reports of the basis that there are."""
        return self.used + self.disputed + self.unsure + self.blank


def ratio(indicator: Indicator, numerator: float, denominator: float) -> float | None:
    """The value of an indicator; `None` for a share of nothing."""
    if not indicator.is_ratio:
        return numerator
    return indicator.scale * numerator / denominator if denominator else None


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which a part lies, between two values in proportion. Values in order, at least one."""
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def own_value(indicator: Indicator, numerator: float, denominator: float) -> float | None:
    """The value of one report as it stands in a distribution; `None` for a share of too few cases."""
    if indicator.is_ratio and denominator < LEAST_DENOMINATOR:
        return None
    return ratio(indicator, numerator, denominator)


def total(facts: ReportFacts, indicator: Indicator, reports: Sequence[int], year: int) -> Total:
    """The total of reports, all of one basis and year."""
    column = facts.of(indicator).columns[indicator.code]
    states = bytes([column.states[number] for number in reports])
    used, disputed, unsure, blank = (states.count(state) for state in (USED, DISPUTED, UNSURE, NONE))
    numerators, denominators = _of_state(column, reports, states, USED)
    numerator, denominator = sum(numerators, 0.0), sum(denominators, 0.0)
    own = _own_values(indicator, numerators, denominators)
    quantiles = tuple(quantile(own, part) for part in (0.1, 0.25, 0.5, 0.75, 0.9)) if own else ()
    if indicator.is_typical:
        middle = quantiles[2] if quantiles else None
        return Total(year, used, disputed, unsure, blank, numerator, 0.0, middle, None, quantiles)
    against = tuple(map(sum, _of_state(column, reports, states, DISPUTED))) if disputed else (0.0, 0.0)
    return Total(
        year,
        used,
        disputed,
        unsure,
        blank,
        numerator,
        denominator if indicator.is_ratio else 0.0,
        ratio(indicator, numerator, denominator) if used else None,
        ratio(indicator, numerator + against[0], denominator + against[1]) if used + disputed else None,
        quantiles,
    )


def _of_state(
    column: IndicatorColumn, reports: Sequence[int], states: bytes, state: int
) -> tuple[list[float], list[float]]:
    """Numerators and denominators of the reports that have a state. `states` are those of the reports, in their order."""
    chosen = reports
    if states.count(state) < len(states):
        chosen = [number for number, found in zip(reports, states, strict=True) if found == state]
    numerators, denominators = column.numerators, column.denominators
    return [numerators[number] for number in chosen], [denominators[number] for number in chosen]


def _own_values(indicator: Indicator, numerators: list[float], denominators: list[float]) -> list[float]:
    """The reports' values as they stand in a distribution, in order; shares of too few cases are left out."""
    if not indicator.is_ratio:
        return sorted(numerators)
    scale = indicator.scale
    pairs = zip(numerators, denominators, strict=True)
    return sorted([scale * one / of for one, of in pairs if of >= LEAST_DENOMINATOR])


def by_year(facts: ReportFacts, basis: str, area: str, indicator: Indicator | None = None) -> dict[int, list[int]]:
    """Numbers of a basis's reports in an area, by year; of its obligations for an indicator that counts those."""
    of = facts.of(indicator) if indicator is not None else facts
    return of.by_year(basis if of is facts else unit_of_basis(basis), area)


def totals(facts: ReportFacts, indicator: Indicator, basis: str, area: str) -> list[Total]:
    """A total for each year in which there is a report."""
    years = by_year(facts, basis, area, indicator).items()
    return [total(facts, indicator, reports, year) for year, reports in years]


def total_of(facts: ReportFacts, indicator: Indicator, basis: str, area: str, year: int) -> Total:
    """The total of a basis and area in a year; of nothing where there is no report."""
    return total(facts, indicator, by_year(facts, basis, area, indicator).get(year, []), year)


def distribution(facts: ReportFacts, indicator: Indicator, reports: Sequence[int]) -> list[float]:
    """The values of the reports that count, in order."""
    column = facts.of(indicator).columns[indicator.code]
    states = bytes([column.states[number] for number in reports])
    return _own_values(indicator, *_of_state(column, reports, states, USED))


def distribution_of(facts: ReportFacts, indicator: Indicator, basis: str, area: str, year: int) -> list[float]:
    """The same of a basis, area and year; kept with the facts."""
    key = (indicator.code, basis, area, year)
    if key not in facts.distributions:
        reports = by_year(facts, basis, area, indicator).get(year, ())
        facts.distributions[key] = distribution(facts, indicator, reports)
    return facts.distributions[key]


@dataclass(frozen=True, slots=True)
class Growth:
    """From one year to the next, of the agencies that count in both; `share` in percent, `None` from nothing."""

    year: int
    agencies: int
    before: float
    after: float
    share: float | None


def growth(facts: ReportFacts, indicator: Indicator, basis: str, area: str, year: int) -> Growth:
    """The matched growth of a count: the same agencies with the same basis in both years."""
    years = by_year(facts, basis, area)
    column = facts.columns[indicator.code]
    values = [
        {
            facts.agencies[number]: column.numerators[number]
            for number in years.get(wanted, ())
            if column.states[number] == USED
        }
        for wanted in (year - 1, year)
    ]
    both = values[0].keys() & values[1].keys()
    before, after = (sum(found[agency] for agency in both) for found in values)
    return Growth(year, len(both), before, after, 100 * (after / before - 1) if before else None)
