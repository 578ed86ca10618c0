"""Which region of GB/T 2260 a name means: right or none."""

from __future__ import annotations

from collections import Counter

import pytest

from extract.lexicon.regions import named_regions, packaged_regions


def test_every_name_that_one_region_bears_means_it() -> None:
    regions = packaged_regions().values()
    bearers = Counter(region.name for region in regions)
    unique = [region for region in regions if bearers[region.name] == 1 and len(region.name) > 1]
    assert len(unique) > 3000
    for region in unique:
        assert named_regions(region.name + "人民政府") == [region]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("保康县人民政府", "420626"),  # not 康县
        ("湖北省襄阳市保康县人民政府", "420626"),
        ("北京市朝阳区人民政府", "110105"),  # of several 朝阳区 the one in the region before it
        ("中国康县政府网", "621224"),
        ("新安康县人民政府", None),  # no place of the table
        ("朝阳区人民政府", None),  # several bear the name
        ("甘肃省保康县人民政府", None),  # contradicts itself
        ("市政府办公室", None),
    ],
)
def test_a_place_is_right_or_absent(name: str, code: str | None) -> None:
    found = named_regions(name)
    assert (found[0].code if len(found) == 1 else None) == code
