"""Provinces, cities and counties of GB/T 2260, by code and by name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from extract.lexicon.toml_data import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Region:
    """A province, city or county of GB/T 2260; `parent` is empty for provinces."""

    code: str
    name: str
    parent: str
    level: str


@lru_cache(maxsize=1)
def packaged_regions() -> Mapping[str, Region]:
    """All packaged regions by code."""
    text = resources.files("extract.lexicon").joinpath("regions.csv").read_text("utf-8")
    return {line["code"]: Region(**line) for line in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=1)
def _region_names() -> tuple[frozenset[str], int]:
    names = frozenset(region.name for region in packaged_regions().values() if not region.name.endswith("辖区"))
    return names, max(map(len, names))


@lru_cache(maxsize=1)
def printed_regions() -> tuple[str, ...]:
    """Names of provinces and cities as documents print them in front of an organ's name, the longest first.

    Those of `regions.csv`, and the short and old forms of `regions_printed.toml` (延边州).
    """
    known = packaged_regions()
    names = {region.name for region in known.values() if region.level in ("province", "city") and len(region.name) > 2}
    data = read_toml("regions_printed.toml")
    for record in data.records("region"):
        code = record.text("code")
        if code not in known:
            raise record.error("code", f"{code!r} is no code of regions.csv")
        names.add(record.text("printed"))
        record.done()
    data.done()
    placeholders = ("辖区", "直辖县级行政区划")
    return tuple(
        sorted((name for name in names if not name.endswith(placeholders)), key=lambda name: (-len(name), name))
    )


def leading_region(name: str) -> str | None:
    """The name of a region that the name begins with: the longest, `None` if it begins with none."""
    names, longest = _region_names()
    for length in range(min(longest, len(name)), 1, -1):
        if name[:length] in names:
            return name[:length]
    return None


def named_regions(name: str) -> list[Region]:
    """The regions that the name of an organ or of its site may mean: the last of those that stand at its head, one behind the other.

    湖北省保康县人民政府 means 保康县, not 康县, which begins within another name; what stands behind other words than names of regions is no
    sign of a place. Of regions with one name those count that lie in the ones printed before them. Several: nobody can tell; none: no place
    of the table is named.
    """
    printed: list[str] = []
    rest = name.removeprefix("中国")
    while (first := leading_region(rest)) is not None:
        printed.append(first)
        rest = rest[len(first) :]
    if not printed:
        return []
    regions = packaged_regions()
    bearing = [region for region in regions.values() if region.name == printed[-1]]
    return [region for region in bearing if set(printed[:-1]) <= {above.name for above in _above(region)}]


def _above(region: Region) -> list[Region]:
    """The regions in which a region lies, the nearest first."""
    parent = packaged_regions().get(region.parent)
    return [] if parent is None else [parent, *_above(parent)]


def _is_governed(region: Region) -> bool:
    """Whether a region has a people's government (宪法 art. 95): neither 地区 and 盟, which an upper government's office governs, nor
    the zones to which statistics give a county's code (its last two digits from 71 to 79), nor special administrative regions."""
    if region.level == "county" and "71" <= region.code[4:] <= "79":
        return False
    return not region.name.endswith(("辖区", "直辖县级行政区划", "地区", "盟", "特别行政区"))


def has_government(name: str) -> bool:
    """Whether a name, with or without the regions above it, is that of a region with a people's government of its own.

    Regions printed above it must be its own: 滨海新区 is a district of 天津市, 盐城市滨海新区 a zone. Without them, a 新区 that may be called
    after another region (滨海县) may be that one's zone.
    """
    above = ""
    while (first := leading_region(name[len(above) :])) is not None and above + first != name:
        above += first
    if first is None or (not above and _may_be_called_after(name)):
        return False
    return any(map(_is_governed, named_regions(name)))


def _may_be_called_after(name: str) -> bool:
    """Whether a 新区 has the name of another region."""
    stem = name.removesuffix("新区")
    return stem != name and any(
        region.name.startswith(stem) and region.name != name for region in packaged_regions().values()
    )


def region_stem(region: str) -> str:
    """The digits that a region's code shares with its parts: 33 of 330000, 3301 of 330100, all six of a county's, 330110 as well."""
    stem = region.rstrip("0")
    return stem + "0" * (len(stem) % 2)
