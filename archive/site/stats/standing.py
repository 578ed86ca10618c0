"""Where one agency stands among the reports of its kind: a place in a distribution, never a rank in a list."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from archive.index.facts import USED
from archive.index.indicators import BY_CODE, Indicator
from archive.site.stats.basis import NATION, NO_SCOPE, unit_of_basis
from archive.site.stats.facts import ReportFacts
from archive.site.stats.totals import LEAST_REPORTS, distribution_of, own_value

#: What an agency's page shows.
SHOWN = (
    "received", "granted_share", "denied_share", "carried_share", "recon_corrected_share", "court_corrected_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgencyStanding:
    """An agency's own value in its newest year that has one, and the part of its basis (level, kind, scope) that lies below, in percent of `reports`."""

    indicator: Indicator
    year: int
    basis: str
    value: float
    below: float
    reports: int


def value_in(facts: ReportFacts, indicator: Indicator, agency: str, basis: str, year: int) -> float | None:
    """An agency's own value as it stands in the distribution of a basis and year; `None` without one that counts."""
    of = facts.of(indicator)
    column, wanted = of.columns[indicator.code], basis if of is facts else unit_of_basis(basis)
    for number in of.of_agency(agency):
        if of.years[number] == year and of.bases[number] == wanted and column.states[number] == USED:
            return own_value(indicator, column.numerators[number], column.denominators[number])
    return None


def standings(facts: ReportFacts, agency: str) -> list[AgencyStanding]:
    """Where an agency stands, for the indicators of `SHOWN`; those without a value, or with few reports to stand among, are left out."""
    own = sorted(
        (facts.years[number], facts.bases[number])
        for number in facts.of_agency(agency)
        if facts.bases[number] and not facts.bases[number].endswith(f".{NO_SCOPE}")
    )
    found = []
    for code in SHOWN:
        indicator = BY_CODE[code]
        for year, basis in reversed(own):
            value = value_in(facts, indicator, agency, basis, year)
            if value is None:
                continue
            values = distribution_of(facts, indicator, basis, NATION, year)
            if len(values) >= LEAST_REPORTS:
                below = 100 * bisect_left(values, value) / len(values)
                found.append(AgencyStanding(indicator, year, basis, value, below, len(values)))
            break
    return found
