"""Searches as files: all hits, the same as on the page, and places at every level."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from archive.publish.feeds import search_feed
from archive.site.pages import search as search_pages
from crawler.demo_country import make_country
from tests.archive.site_archive import Client

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    archive, _ = make_country(tmp_path_factory.mktemp("search") / "a", size=0.2, only=("330000", "110000"))
    client = Client(archive)
    yield client
    client.close()


def hits(site: Client, query: str) -> list[dict[str, str]]:
    answer = site.get(f"/search.csv?{query}")
    assert answer.status_code == 200
    found = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.headers["x-ogi-rows"] == str(len(found))
    return found


@pytest.mark.parametrize(
    "query",
    ["", "q=%E5%85%AC%E5%BC%80", "region=33", "region=330000&year=2024", "kind=government", "q=zzz", "from=2025-01-01",
     "from=2024-01-01&to=2024-12-31&region=11"],
)  # fmt: skip
def test_a_file_of_a_search_has_all_hits(country: Client, monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    monkeypatch.setattr(search_pages, "ROWS", 7)
    found, page = hits(country, query), country.get(f"/search.json?{query}").json()
    assert len(found) == page["total"]
    assert len({row["report"] for row in found}) == len(found)
    assert {one["report"] for one in page["results"]} <= {row["report"] for row in found}
    feed = ET.fromstring(country.get(f"/search.atom?{query}").content)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == min(search_pages.FEED_LENGTH, len(found))


def test_a_place_of_any_level_has_its_reports(country: Client) -> None:
    sql = "select a.region, count(*) as n from reports r join agencies a on a.id = r.agency group by 1"
    counts = {row["region"]: row["n"] for row in country.sql(sql)}
    places = set(counts) | {code[:4] + "00" for code in counts} | {code[:2] + "0000" for code in counts}
    for code in sorted(places):
        stem = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
        wanted = sum(n for region, n in counts.items() if region.startswith(stem))
        assert country.get(f"/search.json?region={code}").json()["total"] == wanted, code
        assert country.get(f"/search.json?region={stem}").json()["total"] == wanted, stem
    assert country.get("/search.json?region=999999").json()["total"] == 0


def test_days_are_those_printed(country: Client) -> None:
    sql = "select count(*) as n from reports where published_on between '2024-02-01' and '2024-03-31'"
    wanted = country.sql(sql)[0]["n"]
    assert wanted
    found = hits(country, "from=2024-02-01&to=2024-03-31")
    assert len(found) == wanted
    assert all("2024-02-01" <= row["published_on"] <= "2024-03-31" for row in found)
    everything = len(hits(country, ""))
    for nonsense in ("from=2024-13-01", "from=yesterday", "to=２０２４-01-01"):
        assert len(hits(country, nonsense)) == everything


def test_the_page_leads_to_its_files(country: Client) -> None:
    text = country.text("/search?region=330000&q=%E5%85%AC%E5%BC%80&from=2020-01-01")
    for form in ("csv", "json", "atom"):
        assert f'href="/search.{form}?q=%E5%85%AC%E5%BC%80&amp;region=330000&amp;from=2020-01-01"' in text


def test_a_feed_holds_no_character_that_xml_does_not_know() -> None:
    row = {"id": "r", "title": "年报\x00\x0b\ufffe\uffff\ud800", "agency": "局", "year": 2024, "first_seen": "2025-01-01T00:00:00Z"}  # fmt: skip
    feed = ET.fromstring(
        search_feed([row], base="http://a", path="/search.atom", page="/search", title="x", updated="")
    )
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "年报"
