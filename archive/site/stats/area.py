"""What a place's page shows of the statistics: cards, small charts, the printed whole beside the sum of the parts, and the places within it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.index.indicators import BREAK_YEAR, BY_CODE
from archive.site.stats import drawing
from archive.site.stats.coverage import Coverage, Duties, coverage
from archive.site.stats.facts import ReportFacts
from archive.site.stats.figures import part_name
from archive.site.stats.selection import Selection
from archive.site.stats.totals import Total, total_of, totals

#: Small charts of a place, and columns of the places within it.
MULTIPLES = ("granted_share", "denied_share", "carried_share", "recon_corrected_share")
COLUMNS = ("received", "granted_share", "denied_share", "carried_share")
#: Whose reports are the parts of a government's that speaks for its whole region.
_PARTS = {"province": "city", "city": "county"}


@dataclass(frozen=True, slots=True)
class Side:
    """A sum of requests received, with the basis it is of and what it covers."""

    basis: str
    total: Total
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Within:
    """A place within a place: totals by indicator, and how much of what is due they cover."""

    code: str
    values: dict[str, Total]
    coverage: Coverage

    @property
    def has_values(self) -> bool:
        """Whether its values are shown: enough reports, or all that are due, be it a single one."""
        return bool(self.coverage.used) and (not self.coverage.is_thin or self.coverage.used == self.coverage.due)


def printed_and_parts(facts: ReportFacts, duties: Duties, code: str, level: str, year: int) -> tuple[Side, Side] | None:
    """What a government prints for its whole region beside the sum of the governments within it; never added, and the difference explains
    nothing by itself. `None` where either is not there.
    """
    received = BY_CODE["received"]
    sides = []
    for one in (level, _PARTS.get(level, "")):
        basis = f"{one}.government.region"
        found = total_of(facts, received, basis, code, year)
        if not found.used:
            return None
        sides.append(Side(basis, found, coverage(duties, found, basis, code)))
    return sides[0], sides[1]


def multiples(facts: ReportFacts, chosen: Selection, language: str) -> list[tuple[str, str, str]]:
    """Small charts over the years, each on its own scale from 0: code, name, SVG. None of a single year."""
    found = []
    for code in MULTIPLES:
        item = BY_CODE[code]
        values = [
            (one.year, one.value) for one in totals(facts, item, chosen.basis, chosen.area) if one.value is not None
        ]
        if len(values) > 1:
            top = max(value for _, value in values) * 1.15
            break_year = BREAK_YEAR if item.breaks else None
            name = part_name(code, language) if language != "zh" else item.zh
            found.append((code, name, drawing.small(values, name, top=top, unit="%", break_year=break_year)))
    return found


def within(facts: ReportFacts, duties: Duties, chosen: Selection, codes: Iterable[str]) -> dict[str, Within]:
    """The places of some codes, by code, in the basis and year of a page."""
    found = {}
    for code in codes:
        values = {item: total_of(facts, BY_CODE[item], chosen.basis, code, chosen.year) for item in COLUMNS}
        found[code] = Within(code, values, coverage(duties, values["received"], chosen.basis, code))
    return found
