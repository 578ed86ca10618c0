"""What a statistics page shows: a basis, an area and a year, as the address says, or as most readers want it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from archive.site.i18n import Translator
from archive.site.params import region_of, year_of
from archive.site.stats.basis import NATION, NO_SCOPE, unit_of_basis
from archive.site.stats.facts import ReportFacts

#: Levels, kinds and scopes in the order in which they are offered.
_ORDER = ("county", "city", "province", "township", "government", "department", "zone", "region", "office")


@dataclass(frozen=True, slots=True)
class Selection:
    """The reports that a page speaks of. `area` is empty for the nation; `years` are all in which there is a report of the basis there, or was one due."""

    basis: str
    area: str
    year: int
    years: tuple[int, ...]

    def query(self, **changes: object) -> str:
        """The arguments of an address, some of them changed; those that are empty are left out."""
        values = {"basis": self.basis, "region": self.area, "year": self.year, **changes}
        return urlencode({name: value for name, value in values.items() if value not in (None, "")})


def bases(facts: ReportFacts) -> list[tuple[str, int]]:
    """The bases that can be added, with their numbers of reports, those of governments first."""
    counts = {basis: n for basis, n in facts.counts().items() if basis and not basis.endswith(f".{NO_SCOPE}")}
    return sorted(counts.items(), key=lambda item: [_place(word) for word in item[0].split(".")])


def _place(word: str) -> int:
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)


def basis_label(basis: str, translate: Translator) -> str:
    """`县级政府 · 全区域`."""
    level, kind, scope = basis.split(".")
    of_level = translate(f"stats.level_{level}")
    of_kind = "" if kind == "township" else translate(f"stats.kind_{kind}")
    return translate(
        "stats.basis_label",
        unit=translate("stats.unit", level=of_level, kind=of_kind).strip(),
        scope=translate(f"stats.scope_{scope}"),
    )


def selection(facts: ReportFacts, request: Any) -> Selection | None:
    """What the address asks for; without a word the basis with most reports and its last year. `None` without any report that counts."""
    region = region_of(request)
    return choose(
        facts,
        bases(facts),
        region.ljust(6, "0") if region else NATION,
        request.args.get("basis") or "",
        year_of(request),
    )


def bases_in(facts: ReportFacts, area: str) -> list[tuple[str, int]]:
    """The bases that an area has reports of, with their numbers there, in the same order."""
    found = [(basis, len(facts.within(basis, area))) for basis, _ in bases(facts)]
    return [(basis, number) for basis, number in found if number]


def choose(
    facts: ReportFacts, offered: list[tuple[str, int]], area: str, basis: str, year: int | None
) -> Selection | None:
    """One of the bases, the one with most reports if that isn't offered, and a year of it, the last with a report if there is nothing of that
    one. `None` without any basis.
    """
    if not offered:
        return None
    if basis not in dict(offered):
        basis = max(offered, key=lambda item: item[1])[0]
    reported = facts.by_year(basis, area).keys()
    owed = facts.owed or ReportFacts()
    years = reported | owed.by_year(unit_of_basis(basis), area).keys()
    last = max(reported or years, default=0)
    return Selection(basis, area, year if year in years else last, tuple(sorted(years)))
