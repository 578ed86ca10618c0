"""The one search box: agencies with or without reports, places, addresses, 索引号."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from archive.index.database import open_index
from archive.site.finder import address_forms, key_of, matching
from tests.archive.kept import copy_of
from tests.archive.site_archive import URL, Client, build

GOVERNMENT = "08e98f2f71f3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    archive = copy_of("site", build, tmp_path_factory.mktemp("names") / "a", tmp_path_factory)
    db = open_index(archive)
    with db.atomic():
        db.execute(
            "insert into agencies (id, name, kind, region, aliases, source) values ('silent', '温州市瓯海区档案局', 'department', '330304', '[\"瓯海区档案馆\"]', 'list')"
        )
        db.execute("update versions set index_number = '001008003004002/2021-12345' where report = 'ouhai-2020-5290cd'")
    db.close()
    client = Client(archive)
    yield client
    client.close()


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ("瓯海区档案局", "/agency/silent"),
        ("瓯海 档案", "/agency/silent"),
        ("甌海區檔案局", "/agency/silent"),
        ("瓯海区档案馆", "/agency/silent"),
        ("温州市瓯海区人民政府", f"/agency/{GOVERNMENT}"),
        (URL, "/r/ouhai-2020-5290cd"),
        (f"{URL}#zoom", "/r/ouhai-2020-5290cd"),
        (URL.removeprefix("http://"), "/r/ouhai-2020-5290cd"),
        (f"https://archive.example/web/20210301000000/{URL}", "/r/ouhai-2020-5290cd"),
        ("001008003004002/2021-12345", "/r/ouhai-2020-5290cd"),
        ("001008003004002/2021", "/r/ouhai-2020-5290cd"),
        ("330304", "=330304"),
        ("瓯海", "=330304"),
        ("浙江", "=330000"),
        ("zhejiang", "=330000"),
        ("Wenzhou", "=330300"),
        ("wenzhoushi", "=330300"),
        ("wen zhou", "=330300"),
        ("wz", "=330300"),
        ("changzhi", "=140400"),
        ("chongqing", "=500000"),
        ("Xi'an", "=610100"),
        ("wenzhoushiouhaiqudanganju", "/agency/silent"),
        ("danganju", "/agency/silent"),
        ("wzsohqdaj", "/agency/silent"),
    ],
)
def test_the_box_finds(site: Client, words: str, link: str) -> None:
    text = site.text(f"/search?q={quote(words)}")
    named = text.partition('class="named"')[2].partition("</section>")[0]
    assert link in named or link.replace("=", "/region/") in named, named[:600]


def test_an_agency_without_reports_says_so(site: Client) -> None:
    assert "未见年报" in site.text(f"/search?q={quote('档案局')}")


def test_what_nobody_is_called_is_not_named(site: Client) -> None:
    assert 'class="named"' not in site.text(f"/search?q={quote('没有这样的机关')}")


def test_all_names_are_one_link_away_and_counted(site: Client) -> None:
    text = site.text(f"/search?q={quote('区')}{quote('域')}") + site.text(f"/search?q={quote('东')}{quote('区')}")
    assert "列出全部" in text
    assert "东区" in site.text(f"/search?q={quote('东区')}&named=all")


def test_forms_of_an_address() -> None:
    assert "https://www.example.gov.cn/a/b.html" in address_forms("www.Example.gov.cn/a/b.html#x")
    assert "http://a.cn/x/" in address_forms("https://a.cn/x")
    assert address_forms("公开率 http") == address_forms("javascript:alert(1)") == []


def test_names_are_ranked() -> None:
    named = tuple(((key_of(name),), {"name": name}) for name in ("甲市财政局", "财政局", "财政局监督科"))
    assert [row["name"] for row in matching(named, "财政局")] == ["财政局", "财政局监督科", "甲市财政局"]
    assert matching(named, "局") == []
