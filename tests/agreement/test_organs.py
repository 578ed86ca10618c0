"""A name of an organ means the same kind, and the same agency, at every door: a definition, the register, the command line, a document."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archive.duties.agencies import describe_agency
from archive.index.database import open_database
from archive.index.regions import load_regions
from archive.index.register import define_portal, find_agency, find_or_add
from archive.index.rows import value
from crawler.portals.definitions import parse_definition
from extract.lexicon.organs import due_date, full_forms, kind_of, normalise_name, same_organ
from tests.archive.season import PORTAL, definition

AT = "2021-02-01T00:00:00Z"
HERE = Path(__file__).parent

#: Forms under which one organ is printed: none of them may make a second agency.
ONE_ORGAN = (
    ("温州市瓯海区三垟街道办事处", "三垟街道办事处", "三垟街道", "三垟街道办"),
    ("温州市瓯海区泽雅镇人民政府", "泽雅镇人民政府", "泽雅镇政府", "泽雅镇"),
    ("温州市瓯海区人民政府办公室", "瓯海区政府办公室", "区政府办公室", "瓯海区政府办"),
    ("瓯海经济开发区管理委员会", "瓯海经济开发区管委会", "瓯海经济开发区"),
    ("瓯海经济开发区管理委员会办公室", "瓯海经济开发区管委会办公室"),
    ("温州市瓯海区教育局", "瓯海区教育局", "区教育局", "教育局"),
)


def typed() -> list[tuple[str, str]]:
    with (HERE / "organs.tsv").open(encoding="utf-8", newline="") as file:
        return [(line["name"], line["kind"]) for line in csv.DictReader(file, delimiter="\t")]


def test_the_kind_of_a_name_is_the_same_at_every_door(tmp_path: Path) -> None:
    blocks = "\n".join(f'[[agency]]\nname = "{name}"' for name, _ in typed())
    portal = f'[portal]\nid = "a"\nname = "示例"\nplatform = "static"\nstart = ["http://www.a.example/col/"]\n{blocks}'
    defined = {agency.name: agency.kind for agency in parse_definition(portal).agencies}
    db = open_database(tmp_path / "ogi.db")
    with db.atomic():
        load_regions(db)
        define_portal(db, definition(), AT)
        for name, kind in typed():
            described = describe_agency(db, name, None, {})[0]["kind"]
            found = value(
                db, "SELECT kind FROM agencies WHERE id = ?", (find_or_add(db, PORTAL, name, year=2020, at=AT),)
            )
            assert [kind_of(name), defined[name], described, found] == [kind] * 4, name
    db.close()


def test_typed_names_are_many_and_of_every_kind() -> None:
    assert len(dict(typed())) == 44
    assert set(dict(typed()).values()) == {"government", "department", "township"}


@pytest.mark.parametrize("forms", ONE_ORGAN, ids=lambda forms: forms[0])
def test_the_forms_of_a_name_are_one_agency_whichever_comes_first(tmp_path: Path, forms: tuple[str, ...]) -> None:
    for first in (forms[0], forms[-1]):
        db = open_database(tmp_path / f"{forms.index(first)}.db")
        with db.atomic():
            load_regions(db)
            define_portal(db, definition(), AT)
            entered = find_or_add(db, PORTAL, first, year=2020, at=AT)
            assert {find_agency(db, PORTAL, form) for form in forms} == {entered}, first
        db.close()
    assert all(same_organ(forms[0], form) for form in forms if normalise_name(form)[:1] not in ("区",))
    assert len({kind_of(form) for form in forms if form != "瓯海经济开发区"}) == 1


def test_the_fullest_form_is_the_same_organ() -> None:
    for name, kind in typed():
        assert all(same_organ(name, form) for form in full_forms(name)), name
        assert due_date(kind_of(full_forms(name)[-1]), 2020) == due_date(kind, 2020), name
