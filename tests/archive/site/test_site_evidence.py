"""Archived bytes on the site: Memento by RFC 7089, downloads that are harmless, views without anything that acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

import pytest

from archive.files.folder import Archive
from archive.warc.records import iter_records
from tests.archive.kept import copy_of
from tests.archive.season import BASE
from tests.archive.site_archive import DAYS, HOSTILE_URL, OLD_URL, URL, Client, build

PDF_URL = f"{BASE}/files/report.pdf"
LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[a-z]+="[^"]*")+)')


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("site", build, tmp_path_factory.mktemp("evidence") / "a", tmp_path_factory)


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


def links(text: str) -> list[tuple[str, dict[str, str]]]:
    """Links of a `Link` header or a link-format document (RFC 8288, RFC 6690)."""
    return [(target, dict(re.findall(r'([a-z]+)="([^"]*)"', rest))) for target, rest in LINK.findall(text)]


def by_relation(text: str) -> dict[str, list[tuple[str, dict[str, str]]]]:
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for target, attributes in links(text):
        for relation in attributes["rel"].split():
            found.setdefault(relation, []).append((target, attributes))
    return found


def path_of(address: str) -> str:
    return address.replace("http://localhost", "", 1)


def test_timemap_lists_every_capture_in_link_format(site: Client) -> None:
    answer = site.get(f"/timemap/link/{URL}")
    assert answer.headers["content-type"].startswith("application/link-format")
    relations = by_relation(answer.text)
    assert [target for target, _ in relations["original"]] == [URL]
    assert relations["self"][0][1]["type"] == "application/link-format"
    assert relations["timegate"][0][0].endswith(f"/timegate/{URL}")
    mementos = relations["memento"]
    assert len(mementos) == 2
    assert relations["first"][0] == mementos[0]
    assert relations["last"][0] == mementos[-1]
    for target, attributes in mementos:
        moment = parsedate_to_datetime(attributes["datetime"])
        assert attributes["datetime"] == format_datetime(moment.astimezone(UTC), usegmt=True)
        shown = site.get(path_of(target))
        assert shown.status_code == 200
        assert shown.headers["memento-datetime"] == attributes["datetime"]
    data = site.get(f"/timemap/json/{URL}").json()
    assert [item["uri"] for item in data["mementos"]["list"]] == [target for target, _ in mementos]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (datetime(1999, 1, 1, tzinfo=UTC), 0),
        (DAYS[0], 0),
        (datetime(2021, 2, 10, tzinfo=UTC), 0),
        (datetime(2021, 2, 11, tzinfo=UTC), 1),
        (datetime(2030, 1, 1, tzinfo=UTC), 1),
        (None, 1),
    ],
)
def test_timegate_leads_to_the_nearest_capture(site: Client, wanted: datetime | None, expected: int) -> None:
    mementos = by_relation(site.text(f"/timemap/link/{URL}"))["memento"]
    headers = {"accept-datetime": format_datetime(wanted, usegmt=True)} if wanted else {}
    answer = site.get(f"/timegate/{URL}", headers=headers)
    assert answer.status_code == 302
    assert "accept-datetime" in answer.headers["vary"].lower()
    assert "memento-datetime" not in answer.headers
    assert answer.headers["location"] == mementos[expected][0]
    relations = by_relation(answer.headers["link"])
    assert relations["original"][0][0] == URL
    assert "timemap" in relations


def test_timegate_refuses_what_is_no_date(site: Client) -> None:
    assert site.get(f"/timegate/{URL}", headers={"accept-datetime": "yesterday"}).status_code == 400


def test_memento_says_what_it_is(site: Client) -> None:
    first, last = by_relation(site.text(f"/timemap/link/{URL}"))["memento"]
    answer = site.get(path_of(last[0]))
    relations = by_relation(answer.headers["link"])
    assert relations["original"][0][0] == URL
    assert relations["timegate"][0][0].endswith(f"/timegate/{URL}")
    assert relations["timemap"]
    assert relations["prev"][0][0] == first[0]
    assert last[0] in [target for target, _ in relations["last"]]
    assert "这是 2021-02-20" in answer.text
    assert 'sandbox=""' in answer.text
    other = site.get(f"/web/20210101/{URL}")
    assert (other.status_code, other.headers["location"]) == (302, first[0])
    assert "memento-datetime" not in other.headers
    assert site.get(f"/web/99/{URL}").status_code == 404
    assert site.get(f"/web/20219999/{URL}").status_code == 404


def test_errors_are_mementos_too(site: Client) -> None:
    data = site.get(f"/timemap/json/{OLD_URL}").json()
    assert len(data["mementos"]["list"]) >= 2


def test_raw_bytes_are_those_of_the_archive(site: Client, archive: Archive) -> None:
    stored = {}
    for path in sorted(archive.warc_dir.glob("*.warc.gz")):
        for record in iter_records(path):
            if record.type == "response":
                stored[record.id.strip("<>")] = record.content
    captures = site.sql("select id, url, at, kind from captures where kind = 'response'")
    assert len(captures) >= 5
    for capture in captures:
        answer = site.get(f"/raw/{quote(capture['id'], safe='')}")
        assert answer.content == stored[capture["id"]], capture["url"]
        stamp = re.sub(r"\D", "", capture["at"])
        answer = site.get(f"/web/{stamp}id_/{capture['url']}")
        assert answer.content == stored[capture["id"]]
        assert answer.headers["memento-datetime"]


def test_downloads_never_open_in_place(site: Client) -> None:
    for capture in site.sql("select id, url, at from captures"):
        stamp = re.sub(r"\D", "", capture["at"])
        for path in (f"/raw/{quote(capture['id'], safe='')}", f"/web/{stamp}id_/{capture['url']}"):
            headers = site.get(path).headers
            assert headers["content-disposition"].startswith("attachment; filename=")
            assert headers["content-security-policy"].startswith("sandbox;")
            assert headers["x-content-type-options"] == "nosniff"
            assert "script" not in headers["content-type"]


@pytest.mark.parametrize(
    "where", ["", "//td[1]", "//script", "//*", "count(//p)", "//p[", "id('x')", "/html/body/@onload"]
)
def test_view_holds_nothing_that_acts(site: Client, where: str) -> None:
    capture = site.sql(f"select id from captures where url = '{HOSTILE_URL}'")[0]["id"]
    answer = site.get(f"/view/{quote(capture, safe='')}", params={"at": where} if where else None)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "allow-" not in policy
    html = answer.text.lower()
    assert "主动公开" in html
    for bad in (
        "<script", "onload", "onerror", "onfocus", "javascript:", "http-equiv=\"refresh", "<iframe", "<object", "<embed", "<form", "<base", "<svg",
        "<link", "srcset", "127.0.0.1", "url(", "@import", "<video", "<audio", "<template", "<noscript", "position:fixed", "u\\72l",
    ):  # fmt: skip
        assert bad not in html, bad


def test_pages_of_a_pdf_are_images_only(site: Client) -> None:
    capture = site.sql(f"select id from captures where url = '{PDF_URL}'")[0]["id"]
    html = site.text(f"/view/{quote(capture, safe='')}")
    assert "<embed" not in html
    assert re.findall(r"<img src=\"/view/[^\"]+/page/1.png\"", html)
    assert site.get(f"/view/{quote(capture, safe='')}", params={"at": "page 1: 9e999 nonsense"}).status_code == 200


def test_a_place_that_costs_without_end_costs_one_look(site: Client) -> None:
    """What stands in `at` is anybody's: a search over all nodes for each node of each node."""
    capture = site.sql(f"select id from captures where url = '{URL}'")[0]["id"]
    path = f"/view/{quote(capture, safe='')}"
    place = "//*[count(//*[count(//*[count(//*[count(//*) > 0]) > 0]) > 0]) > 0]"
    answer = site.get(path, params={"at": place})
    assert answer.status_code == 503
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert "下载" in answer.text
    assert site.get(path).status_code == 200


def test_links_alone_lead_through(site: Client) -> None:
    """An aggregator's way: from the original by `Accept-Datetime` through the TimeGate, following `Link` alone."""
    gate = site.get(f"/timegate/{URL}", headers={"accept-datetime": "Thu, 04 Mar 2021 00:00:00 GMT"})
    memento = site.get(path_of(gate.headers["location"]))
    listed = by_relation(site.text(path_of(by_relation(memento.headers["link"])["timemap"][0][0])))
    assert gate.headers["location"] in [target for target, _ in listed["memento"]]
