"""What may be added: reports of one basis, which is the level, the kind and the scope of who reports.

`county.government.region` are county governments that report for all their organs. Levels, kinds and scopes are never added to each other,
because the forms don't say whether one holds the other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: A government in a region's code that isn't the region's own: development zones, new areas.
ZONE = "zone"
NO_SCOPE = "unknown"
#: The nation as an area.
NATION = ""
#: What the name of a region's own government ends in, behind the region's.
OWN_ENDS = ("人民政府", "政府")


@dataclass(frozen=True, slots=True)
class Unit:
    """Who reports: the level and kind of an agency, and where it is (codes of six digits, empty for what it doesn't have)."""

    kind: str
    province: str
    city: str
    county: str

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas that it belongs to, the nation first."""
        return tuple(dict.fromkeys((NATION, *filter(None, (self.province, self.city, self.county)))))


def areas_of(units: Mapping[str, Unit | None]) -> dict[str, tuple[str, ...]]:
    """The areas of each agency by its id; none of one whose place isn't known."""
    return {agency: unit.areas if unit is not None else () for agency, unit in units.items()}


def basis_of(unit: Unit, scope: str | None) -> str:
    """The basis of a unit's report: `county.government.region`."""
    return f"{unit.kind}.{scope or NO_SCOPE}"


def unit_of_basis(basis: str) -> str:
    """The level and kind of a basis: `county.government`."""
    return basis.rpartition(".")[0]


def is_own_government(names: Iterable[str], region_name: str) -> bool:
    """Whether a government is the one whose region it is, by its name or an alias."""
    return any(name.endswith(tuple(region_name + end for end in OWN_ENDS)) for name in names)


def unit_of(agency: Mapping[str, Any], regions: Mapping[str, Mapping[str, Any]]) -> Unit | None:
    """The unit of an agency (`name`, `aliases` as JSON, `kind`, `region`); `None` for one whose place isn't known."""
    region = regions.get(agency["region"] or "")
    if region is None:
        return None
    code, level = region["code"], region["level"]
    kind = agency["kind"]
    if kind == "government" and not is_own_government((agency["name"], *json.loads(agency["aliases"])), region["name"]):
        kind = ZONE
    if kind == "township":
        level = "township"
    province = f"{code[:2]}0000"
    city = f"{code[:4]}00" if level != "province" and code[2:4] != "00" else ""
    county = code if code[4:6] != "00" else ""
    return Unit(f"{level}.{kind}", province, city if city in regions else "", county)
