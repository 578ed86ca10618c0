"""Which printed name means which agency."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive.index.database import open_database
from archive.index.regions import load_regions
from archive.index.register import (
    define_portal,
    find_agency,
    find_or_add,
    region_of,
    report_id,
)
from archive.index.rows import row
from extract.lexicon.organs import normalise_name, reduced
from extract.lexicon.regions import leading_region, packaged_regions, region_stem
from tests.archive.season import BUREAU, GOVERNMENT, definition

AT = "2021-02-01T00:00:00Z"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "ogi.db")
    with opened.atomic():
        load_regions(opened)
        define_portal(opened, definition(), AT)
        yield opened
    opened.close()


def test_packaged_regions_are_whole() -> None:
    regions = packaged_regions()
    assert len(regions) > 3300
    assert regions["330304"].name == "瓯海区"
    assert regions["330304"].parent == "330300"
    assert all(region.parent in regions for region in regions.values() if region.parent)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("温州市瓯海区 人民政府", "温州市瓯海区政府"),
        ("瓯海区政府（本级）", "瓯海区政府"),
        ("景山街道办事处", "景山街道"),
        ("ＡＢ局", "AB局"),
    ],
)
def test_normal_form(name: str, form: str) -> None:
    assert normalise_name(name) == form


def test_reduced_keeps_the_last_region() -> None:
    assert reduced("浙江省温州市瓯海区政府") == "瓯海区政府"
    assert reduced("浙江省财政厅") == "浙江省财政厅"
    assert leading_region("财政局") is None


@pytest.mark.parametrize(
    "printed",
    ["温州市瓯海区人民政府", "浙江省温州市瓯海区人民政府", "瓯海区政府", "瓯海区人民政府", "区政府", "区人民政府"],
)
def test_government_by_all_its_names(db: Database, printed: str) -> None:
    found = find_agency(db, "ouhai", printed)
    assert row(db, "SELECT name FROM agencies WHERE id = ?", (found,)) == {"name": GOVERNMENT}


@pytest.mark.parametrize("printed", [BUREAU, "瓯海区财政局", "区财政局", "财政局"])
def test_bureau_by_its_short_names(db: Database, printed: str) -> None:
    found = find_agency(db, "ouhai", printed)
    assert row(db, "SELECT name FROM agencies WHERE id = ?", (found,)) == {"name": BUREAU}


@pytest.mark.parametrize(
    "printed", ["温州市瓯海区民政局", "温州市龙湾区财政局", "温州市人民政府", "瓯海区人民政府办公室", ""]
)
def test_other_names_mean_nobody(db: Database, printed: str) -> None:
    assert find_agency(db, "ouhai", printed) is None


@pytest.mark.parametrize("defined", ["教育局", "区教育局", "瓯海区教育局", "温州市瓯海区教育局"])
@pytest.mark.parametrize(
    "printed", ["教育局", "区教育局", "瓯海区教育局", "温州市瓯海区教育局", "浙江省温州市瓯海区教育局"]
)
def test_bureau_by_its_name_however_much_of_its_region_stands_before_it(
    db: Database, defined: str, printed: str
) -> None:
    define_portal(db, definition(agency=[{"name": defined, "kind": "department", "since": 2020}]), AT)
    assert find_agency(db, "ouhai", printed) == find_agency(db, "ouhai", defined) is not None
    for other in ("温州市教育局", "鹿城区教育局", "温州市鹿城区教育局"):  # of the city, of a neighbour
        assert find_agency(db, "ouhai", other) is None


@pytest.mark.parametrize("body", ["瓯海经济开发区管委会", "瓯海农业开发区管理委员会", "瓯海公路管理局"])
@pytest.mark.parametrize("above", ["温州市", "浙江省温州市"])
def test_a_body_with_a_part_of_its_regions_name_is_one_with_and_without_the_region_above(
    db: Database, body: str, above: str
) -> None:
    for defined, printed in ((body, above + body), (above + body, body)):
        define_portal(db, definition(agency=[{"name": defined, "kind": "department", "since": 2020}]), AT)
        assert find_agency(db, "ouhai", printed) == find_agency(db, "ouhai", defined) is not None
    for other in (body.replace("瓯海", "龙湾"), "温州市" + body.removeprefix("瓯海"), body.removeprefix("瓯海")):
        assert find_agency(db, "ouhai", other) is None


def test_short_names_mean_something_on_their_own_portal_only(db: Database) -> None:
    assert find_agency(db, "elsewhere", "财政局") is None
    assert find_agency(db, "elsewhere", BUREAU) is not None


def test_found_agency_is_expected_from_its_first_report_on(db: Database) -> None:
    found = find_or_add(db, "ouhai", "温州市瓯海区民政局", year=2020, at=AT)
    assert find_or_add(db, "ouhai", "瓯海区民政局", year=2018, at=AT) == found
    assert row(db, "SELECT since, source FROM agencies WHERE id = ?", (found,)) == {"since": 2018, "source": "found"}


def test_definition_adopts_what_was_found_under_an_alias(db: Database) -> None:
    find_or_add(db, "ouhai", "温州市瓯海区行政审批局", year=2020, at=AT)
    changed = definition()
    changed["agency"].append(
        {"name": "温州市瓯海区政务服务中心", "kind": "department", "since": 2019, "aliases": ["温州市瓯海区行政审批局"]}
    )
    define_portal(db, changed, AT)
    found = find_agency(db, "ouhai", "温州市瓯海区行政审批局")
    assert row(db, "SELECT name, source FROM agencies WHERE id = ?", (found,)) == {
        "name": "温州市瓯海区政务服务中心",
        "source": "defined",
    }
    assert row(db, "SELECT count(*) AS n FROM agencies") == {"n": 3}


def test_region_of_an_agency_inside_its_portals() -> None:
    assert region_of("温州市瓯海区财政局", "330300") == "330304"
    assert region_of("温州市财政局", "330300") == "330300"
    assert region_of("鼓楼区财政局", "330300") == "330300"


@pytest.mark.parametrize(
    ("region", "stem"), [("330000", "33"), ("330100", "3301"), ("330110", "330110"), ("110000", "11"), ("100000", "10")]
)
def test_stem_of_a_region_holds_its_parts_only(region: str, stem: str) -> None:
    assert region_stem(region) == stem


def test_report_ids_follow_from_portal_year_and_name() -> None:
    made = report_id("ouhai", 2020, GOVERNMENT)
    assert made.startswith("ouhai-2020-")
    assert len(made) == len("ouhai-2020-") + 6
    assert made == report_id("ouhai", 2020, "温州市瓯海区 政府")
