"""Portal definitions: what is read, what is refused, and where a portal ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from crawler.cli import run
from crawler.portals.definitions import DefinitionError, from_json, load_portals, parse_definition, to_json

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """
[portal]
id = "ouhai"                          # letters, digits, hyphens
name = "温州市瓯海区人民政府"
region = "330304"                     # GB/T 2260
platform = "auto"                     # or a family's name
start = ["http://www.ouhai.gov.cn/col/col1229179101/index.html"]
url = "http://www.ouhai.gov.cn/"
delay = 2.0

[[agency]]
name = "温州市瓯海区人民政府"
kind = "government"                   # government | department | township
since = 2008
until = 2024
aliases = ["瓯海区人民政府", "瓯海区政府"]
"""
FULL = (
    CONTRACT.replace("delay = 2.0", 'delay = 2\nhosts = ["zyk.ouhai.gov.cn:8080"]\ngroup = "zhejiang-cloud"\nlegacy_tls = ["www.ouhai.gov.cn"]\nworker = "inside"')
    + "\n[expect]\nmin_reports = 8\nnewest_year = 2023\n"
)  # fmt: skip


def test_the_contract_s_example_is_read() -> None:
    definition = parse_definition(CONTRACT)
    assert (definition.id, definition.region, definition.platform, definition.delay) == ("ouhai", "330304", "auto", 2.0)
    assert definition.start == ("http://www.ouhai.gov.cn/col/col1229179101/index.html",)
    agency = definition.agencies[0]
    assert (agency.kind, agency.since, agency.until) == ("government", 2008, 2024)
    assert agency.aliases == ("瓯海区人民政府", "瓯海区政府")


@pytest.mark.parametrize("text", [CONTRACT, FULL])
def test_json_round_trip(text: str) -> None:
    definition = parse_definition(text, "x.toml")
    assert from_json(json.loads(json.dumps(to_json(definition)))) == definition


def test_optional_tables() -> None:
    definition = parse_definition(FULL)
    assert (definition.expect.min_reports, definition.expect.newest_year) == (8, 2023)
    assert (definition.group_key, definition.worker, definition.legacy_tls) == (
        "zhejiang-cloud",
        "inside",
        ("www.ouhai.gov.cn",),
    )


def test_start_and_url_may_each_be_left_out() -> None:
    without_start = parse_definition('[portal]\nid = "a"\nname = "甲"\nurl = "http://a.gov.cn/x/"')
    assert without_start.start == ()
    without_url = parse_definition('[portal]\nid = "a"\nname = "甲"\nstart = ["http://127.0.0.1:8001/nb/"]')
    assert (without_url.url, without_url.group_key) == ("http://127.0.0.1:8001/", "127.0.0.1:8001")


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('id = "ouhai"', 'id = "ou hai"', "portal.id"),
        ('id = "ouhai"', 'id = "瓯海"', "portal.id"),
        ('id = "ouhai"', 'id = "-x"', "portal.id"),
        ('id = "ouhai"', 'id = "../x"', "portal.id"),
        ('id = "ouhai"', "id = 7", "portal.id"),
        ('id = "ouhai"', "", "portal.id"),
        ('name = "温州市瓯海区人民政府"\nregion', "region", "portal.name"),
        ('region = "330304"', "region = 330304", "portal.region"),
        ('region = "330304"', 'region = "3303"', "portal.region"),
        ('platform = "auto"', 'platform = "wordpress"', "portal.platform"),
        ("delay = 2.0", 'delay = "2"', "portal.delay"),
        ("delay = 2.0", "delay = -1", "portal.delay"),
        ("delay = 2.0", "delay = nan", "portal.delay"),
        ("delay = 2.0", "deley = 2.0", "portal.deley"),
        ('start = ["http://www', 'start = ["www', "portal.start"),
        ('start = ["http://www.ouhai.gov.cn/col/col1229179101/index.html"]', 'start = "http://www.ouhai.gov.cn/"', "portal.start"),
        ('url = "http://www.ouhai.gov.cn/"', 'url = "ftp://www.ouhai.gov.cn/"', "portal.url"),
        ('url = "http://www.ouhai.gov.cn/"', 'url = "http://www.ouhai.gov.cn:99999/"', "portal.url"),
        ('kind = "government"', 'kind = "city"', "agency[1].kind"),
        ("since = 2008", 'since = "2008"', "agency[1].since"),
        ("until = 2024", "until = 2001", "agency[1].until"),
        ("until = 2024", "untill = 2024", "agency[1].untill"),
        ("[[agency]]", "[agency]", "agency"),
        ("[[agency]]", "[[agencies]]", "agencies"),
    ],
)  # fmt: skip
def test_mistakes_name_file_and_key(before: str, after: str, key: str, tmp_path: Path) -> None:
    assert before in CONTRACT
    file = tmp_path / "wrong.toml"
    file.write_text(CONTRACT.replace(before, after), encoding="utf-8")
    with pytest.raises(DefinitionError) as error:
        load_portals([file])
    assert str(file) in str(error.value)
    assert f"{key}:" in str(error.value)
    assert "\n" not in str(error.value)


def test_two_agencies_can_t_share_a_name() -> None:
    with pytest.raises(DefinitionError, match=r"agency\[2\]\.aliases"):
        parse_definition(CONTRACT + '\n[[agency]]\nname = "瓯海区政府办公室"\naliases = ["瓯海区政府"]\n')


def test_folder_and_file_give_each_definition_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "b.toml").write_text("\ufeff" + CONTRACT.replace('"ouhai"', '"b"'), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no definition", encoding="utf-8")
    assert [portal.id for portal in load_portals([tmp_path, tmp_path / "a.toml"])] == ["ouhai", "b"]


def test_same_id_twice_names_both_files(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "b.toml").write_text(CONTRACT.replace('"ouhai"', '"Ouhai"'), encoding="utf-8")
    with pytest.raises(DefinitionError) as error:
        load_portals([tmp_path])
    assert "a.toml" in str(error.value)
    assert "b.toml" in str(error.value)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[portal\n", b"x = 1", b""])
def test_files_that_are_no_definition(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    with pytest.raises(DefinitionError, match=r"x\.toml"):
        load_portals([file])


def test_missing_path_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="no such"):
        load_portals([tmp_path / "none"])
    with pytest.raises(DefinitionError, match="no portal definitions"):
        load_portals([tmp_path])


def test_shipped_definitions_cover_the_seeds_without_start() -> None:
    portals = {portal.id: portal for portal in load_portals()}
    assert {"haishu", "keqiao", "ouhai", "yuyao", "nbhtz"} <= set(portals)
    assert all(portal.start == () and portal.platform == "auto" for portal in portals.values())
    assert portals["ouhai"].url == "http://www.ouhai.gov.cn/"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://www.ouhai.gov.cn/a", True),
        ("https://www.ouhai.gov.cn/a", True),
        ("http://zwgk.ouhai.gov.cn/a", True),
        ("http://ouhai.gov.cn/a", True),
        ("http://www.wenzhou.gov.cn/a", False),
        ("http://ouhai.gov.cn.example.com/a", False),
        ("http://www.ouhai.gov.cn:8443/a", False),
        ("http://127.0.0.1/a", False),
        ("http://10.0.0.1/", False),
        ("ftp://www.ouhai.gov.cn/a", False),
        ("http://zyk.ouhai.gov.cn:8080/a", True),
        ("http://user@evil.example/www.ouhai.gov.cn", False),
    ],
)
def test_where_a_portal_ends(url: str, allowed: bool) -> None:
    assert parse_definition(FULL).allows(url) is allowed


def test_loopback_portal_ends_at_its_port() -> None:
    portal = parse_definition('[portal]\nid = "a"\nname = "甲"\nurl = "http://127.0.0.1:8001/"')
    assert portal.allows("http://127.0.0.1:8001/x")
    assert not portal.allows("http://127.0.0.1:8002/x")
    assert not portal.allows("http://localhost:8001/x")


def test_state_council_s_site_does_not_open_all_of_gov_cn() -> None:
    portal = parse_definition('[portal]\nid = "cn"\nname = "国务院"\nurl = "https://www.gov.cn/"')
    assert not portal.allows("https://www.ouhai.gov.cn/")


def test_portals_command_lists_as_json_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text(FULL, encoding="utf-8")
    assert run(["portals", "--json", "--portals", str(tmp_path)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == ["ouhai"]
    assert lines[0]["agencies"][0]["name"] == "温州市瓯海区人民政府"


def test_portals_command_refuses_a_broken_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.toml").write_text(CONTRACT.replace("delay", "deley"), encoding="utf-8")
    assert run(["portals", "--json", "--portals", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a.toml" in captured.err
    assert "deley" in captured.err
