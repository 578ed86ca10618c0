"""Two versions beside each other: both originals opened at the changed cell, and the filters of the stream of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.archive.kept import copy_of
from tests.archive.site_archive import Client, build

REPORT = "ouhai-2020-5290cd"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(copy_of("site", build, tmp_path_factory.mktemp("diff") / "a", tmp_path_factory))
    yield client
    client.close()


def frames(html: str) -> list[str]:
    return [
        source.replace("&amp;", "&") for source in re.findall(r'<iframe class="doc" sandbox="" src="([^"]+)"', html)
    ]


def spots(html: str) -> list[str]:
    return re.findall(r'href="[^"]*[?&;]at=([^"&]+)', html.partition('class="spots"')[2].partition("</ol>")[0])


def test_both_originals_open_at_the_changed_cell(site: Client) -> None:
    html = site.text(f"/r/{REPORT}/diff/1..2")
    assert spots(html), "no changed place is offered"
    for at in spots(html):
        shown = site.text(f"/r/{REPORT}/diff/1..2?at={at}")
        values = []
        for source in frames(shown):
            marked = re.search(r'id="ogi-mark"[^>]*>(.*?)</t', site.text(source.partition("#")[0]), re.S)
            assert marked, f"{source} marks nothing"
            values.append(re.sub(r"<[^>]*>|\s|,", "", marked[1]))
        assert len(values) == 2
        assert values[0] != values[1]
        for value in values:
            assert f'<b class="num">{value}</b>' in shown
        assert len(re.findall(r"sha256:[0-9a-f]{64}", shown.partition('class="pair"')[2].partition("<h2")[0])) == 2


def test_without_a_word_the_first_changed_cell_is_open(site: Client) -> None:
    html = site.text(f"/r/{REPORT}/diff/1..2")
    assert frames(html) == frames(site.text(f"/r/{REPORT}/diff/1..2?at={spots(html)[0]}"))


@pytest.mark.parametrize("at", ["nothing", "disclosure.rules", "a.b.c", "'\"<x>", "²", "applications.none.total"])
def test_a_place_that_no_version_has_is_said(site: Client, at: str) -> None:
    html = site.text(f"/r/{REPORT}/diff/1..2?at={quote(at)}")
    assert html.count("这一版没有这个数字") == 2
    assert "<x>" not in html
    assert len(frames(html)) == 2


def test_the_proof_of_a_revision_is_a_click_away_and_of_nothing_else(site: Client) -> None:
    assert f"/proof/revised/{REPORT}@1..2" in site.text(f"/r/{REPORT}/diff/1..2")
    assert "/proof/revised/" not in site.text(f"/r/{REPORT}/diff/2..1")
    assert site.get(f"/r/{REPORT}/diff").headers["location"] == f"/r/{REPORT}/diff/1..2"


def test_a_revision_in_the_stream_leads_to_its_cell(site: Client) -> None:
    assert f"/r/{REPORT}/diff/1..2?at=" in site.text("/changes")
    assert "?at=" in site.text(f"/proof/revised/{REPORT}@1..2")


@pytest.mark.parametrize(
    ("query", "least", "most"),
    [
        ("", 4, 99),
        ("from=2021-02-20&to=2021-02-20&kind=revised", 1, 1),
        ("to=2021-01-31", 0, 0),
        ("from=2021-02-01", 4, 99),
        ("from=2030-01-01", 0, 0),
        ("table=challenges", 0, 0),
        ("from=9999-12-31&to=9999-12-31", 4, 99),
        ("from=0001-01-01", 4, 99),
        ("from=2021-02-30", 4, 99),
        ("from=２０２１-02-01&table=nothing", 4, 99),
    ],
)
def test_changes_by_day_and_table(site: Client, query: str, least: int, most: int) -> None:
    assert least <= site.text(f"/changes?{query}").count("<li><time") <= most
