"""Every page of the site, in both languages, as a reader, a program and an attacker ask for it."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from archive.errors import SiteError
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.site.i18n import messages
from tests.archive.kept import copy_of
from tests.archive.site_archive import BUREAU, GOVERNMENT, Client, build, links_of, serving

PAGES = ("/", "/search", "/changes", "/missing", "/findings", "/compare", "/data")
REPORT = "ouhai-2020-5290cd"
BUREAU_REPORT = "ouhai-2020-11beb0"
AGENCY = "08e98f2f71f3"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return copy_of("site", build, tmp_path_factory.mktemp("site") / "a", tmp_path_factory)


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[Client]:
    client = Client(archive)
    yield client
    client.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", [*PAGES, f"/r/{REPORT}", f"/r/{REPORT}/diff/1..2", f"/agency/{AGENCY}"])
def test_pages_in_both_languages(site: Client, path: str, language: str) -> None:
    answer = site.get(path, lang=language)
    assert answer.status_code == 200
    assert f'<html lang="{"zh-Hans" if language == "zh" else "en"}">' in answer.text
    assert answer.text.count("<h1") == 1
    assert "text/html" in answer.headers["content-type"]
    assert len(answer.content) < 200_000
    assert "set-cookie" not in answer.headers
    navigation = "检索" if language == "zh" else "Search"
    assert navigation in answer.text


def test_english_pages_speak_english(site: Client) -> None:
    """What the site itself says has no Chinese in English, names and printed words aside."""
    for path in PAGES:
        html = site.text(path, lang="en")
        for key, text in messages().items():
            if len(text["zh"]) > 3 and text["zh"] != text["en"] and "{" not in text["zh"]:
                assert text["zh"] not in html, (path, key)


def test_language_is_remembered(site: Client) -> None:
    """The address says the language; `?lang=` and what was chosen before only lead there, once."""
    answer = site.get("/changes?kind=revised", cookies={"ogi_lang": "en"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/en/changes?kind=revised")
    assert "cookie" in answer.headers["vary"].lower()
    assert '<html lang="en">' in site.text("/en/changes", cookies={"ogi_lang": "en"})
    assert '<html lang="en">' in site.text("/en/changes", cookies={"ogi_lang": "zh"}), (
        "who shares an English address shares English"
    )
    assert '<html lang="zh-Hans">' in site.text("/changes", cookies={"ogi_lang": "xx"})
    answer = site.get("/changes?lang=en&region=33")
    assert (answer.status_code, answer.headers["location"]) == (302, "/en/changes?region=33")
    assert "ogi_lang=en" in answer.headers["set-cookie"]
    assert site.get("/en/changes?lang=zh").headers["location"] == "/changes"
    for path in (
        "/feeds/changes.atom",
        "/ogi/reports.json",
        f"/r/{REPORT}.json",
        f"/r/{REPORT}.csv",
        "/static/site.css",
        "/sitemap.xml",
    ):
        assert site.get(path, cookies={"ogi_lang": "en"}).status_code == 200, path
    assert (
        site.get(f"/r/{REPORT}/diff/1..2", cookies={"ogi_lang": "en"}).headers["location"]
        == f"/en/r/{REPORT}/diff/1..2"
    )
    answer = site.get("/lang", params={"to": "en", "next": f"/r/{REPORT}?at=1"})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/en/r/{REPORT}?at=1")
    assert "ogi_lang=en" in answer.headers["set-cookie"]
    page = site.text(f"/en/r/{REPORT}?at=1")
    switch = re.search(r'<a href="([^"]+)" lang="zh-Hans"', page)
    assert switch is not None
    back = site.get(switch[1].replace("&amp;", "&"))
    assert (back.headers["location"], "ogi_lang=zh" in back.headers["set-cookie"]) == (f"/r/{REPORT}?at=1", True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/%0d%0aset-cookie: a=b\r\nx: y",
        "",
    ],
)
def test_language_switch_never_leads_away(site: Client, target: str) -> None:
    answer = site.get("/lang", params={"to": "en", "next": target})
    location = answer.headers["location"]
    assert location == "/en" or (location.startswith("/en/") and "evil" not in location.partition("?")[0])
    assert location[1:2] not in ("/", "\\")
    assert "x" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/r/nothing", f"/r/{REPORT}@9", f"/r/{REPORT}/diff/1..9", "/agency/nothing", "/raw/nothing", "/view/nothing",
        "/timemap/link/http://nowhere.example/", "/timegate/http://nowhere.example/", "/web/2021/http://nowhere.example/",
        "/feeds/agency/nothing.atom", "/feeds/region/999999.atom", "/releases/none/none.csv", "/ogi/nothing", "/nothing/here",
    ],
)  # fmt: skip
def test_what_is_not_there(site: Client, path: str) -> None:
    answer = site.get(path, lang="en")
    assert answer.status_code == 404
    if path.endswith(".csv"):
        assert answer.json() == {"ok": False, "error": "not found", "status": 404}
    else:
        assert "There is no such page" in answer.text
        assert 'href="/en/missing"' in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        *PAGES, f"/r/{REPORT}", "/nothing", "/ogi", "/ogi/reports", "/ogi/reports.json", "/ogi/reports.csv", "/static/site.css", "/robots.txt",
        "/feeds/changes.atom", "/calendar.ics", "/sitemap.xml", "/ogi?sql=select+1", "/ogi?sql=select+nothing", "/-/static/app.css", "/lang", "/en", "/changes?lang=en",
    ],
)  # fmt: skip
def test_security_headers_everywhere(site: Client, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "http:" not in policy
    assert re.search(r"script-src 'self'(;|$)", policy), "no inline script"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in ("same-origin", "no-referrer")


def test_no_page_loads_from_elsewhere_or_runs_inline_script(site: Client) -> None:
    for path in (*PAGES, f"/r/{REPORT}", "/ogi", "/ogi/reports", "/ogi?sql=select+1"):
        html = site.text(path)
        assert not re.search(
            r"<(?:script|link(?! rel=\"(?:alternate|canonical))|img|iframe)[^>]+(?:src|href)=\"?(?:https?:)?//", html
        ), path
        assert not re.search(r"\son\w+=", re.sub(r"<(?:pre|code|textarea).*?</", "", html, flags=re.S)), path


def test_every_link_leads_somewhere(site: Client) -> None:
    seen: set[str] = set()
    waiting = list(PAGES)
    while waiting and len(seen) < 260:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = site.get(path)
        # a proof file that the records don't give: the answer says why
        wanted = (200, 302, 409) if path.endswith(".wacz") else (200, 302)
        assert answer.status_code in wanted, (path, answer.status_code)
        if "text/html" in answer.headers.get("content-type", "") and len(path) < 80 and not path.startswith("/ogi"):
            waiting += sorted(links_of(answer.text) - seen)
    assert len(seen) > 60


def test_home(site: Client) -> None:
    html = site.text("/")
    assert "<b>4</b>份年报" in html
    assert GOVERNMENT in html
    assert 'action="/search"' in html
    assert "浙江" in html
    assert "逾期" in html


@pytest.mark.parametrize(
    ("words", "reports"),
    [
        ("复议", 4),
        ("依申请公开", 4),
        ("依申請公開", 4),
        ("宁波", 1),
        ("宁", 1),
        ("宁波 复议", 1),
        ("新增一句", 1),
        ("财政局", 1),
        ("-宁波 复议", 3),
        ("没有这样的词语", 0),
        ("宁波*", 1),
        ('"unbalanced (AND*', 0),
        ("***", 0),
    ],
)
def test_search_finds_what_substring_search_finds(site: Client, words: str, reports: int) -> None:
    """Our page and Datasette's own search box give the same number."""
    html = site.text("/search", params={"q": words})
    assert len(re.findall('<article class="hit"', html)) == reports
    assert site.count("/ogi/reports.json", _search=words) == reports


def test_search_marks_what_matched(site: Client) -> None:
    html = site.text("/search", params={"q": "复议"})
    assert "<mark>复议</mark>" in html
    html = site.text("/search", params={"q": '<script>alert("1")</script>'})
    assert "<script" not in html


def test_search_facets_narrow_down(site: Client) -> None:
    def found(**arguments: str) -> list[str]:
        return re.findall(r'<article class="hit"><h2><a href="/r/([^"]+)"', site.text("/search", params=arguments))

    assert found(year="2019") == ["ouhai-2019-5290cd"]
    assert found(kind="department") == [BUREAU_REPORT]
    assert len(found(form="2019")) == 4
    assert REPORT in found(findings="1")
    assert REPORT not in found(findings="0")
    assert len(found(region="330000")) == 4
    assert found(region="110000") == []
    assert found(year="nonsense") == []
    assert [name.split("-")[1] for name in found(sort="oldest")] == ["2018", "2019", "2020", "2020"]
    assert site.get("/search", params={"page": "99999999999999999999", "sort": "x", "q": "复议"}).status_code == 200


def test_report_shows_tables_doubts_and_its_original(site: Client) -> None:
    html = site.text(f"/r/{REPORT}")
    assert f"<h1>{GOVERNMENT}" in html
    assert "987,654" in html
    assert html.count('<table class="official') >= 3
    assert "收办平衡" in html
    assert "第 2 版" in html
    for form in ("GB/T 7714", "APA", "BibTeX"):
        assert form in html
    assert "sha256:" in html
    source = re.search(r'<iframe[^>]+src="(/view/[^"#]+)', html)
    assert source is not None
    assert 'sandbox=""' in html
    assert "宁波市试点" in html, "the lines in front of the first chapter are shown"
    cell = re.search(r'<td class="n[^"]*found[^"]*"><a class="cell" href="([^"]+)"[^>]*>987,654', html)
    assert cell is not None
    assert cell[1] == f"/r/{REPORT}@2?at=applications.received.total#original", (
        "pinned, and by the figure's own address"
    )
    marked = site.text(cell[1].partition("#")[0])
    assert "申请总计" in marked or "本年新收" in marked
    assert f"/r/{REPORT}@2?at=applications.received.total. sha256:" in marked, "the citation is of the figure"
    place = re.search(r'<iframe[^>]+src="(/view/[^"#]+)', marked)
    assert place is not None
    shown = site.text(place.group(1).replace("&amp;", "&"))
    assert re.search(r'id="ogi-mark"[^>]*>(?:<[^>]+>)*\s*987654', shown)


def test_old_version_says_so(site: Client) -> None:
    html = site.text(f"/r/{REPORT}@1")
    assert "这是第 1 版，不是最新的" in html
    assert "987,654" not in html.partition('id="changes"')[0]


def test_report_of_a_pdf_shows_its_pages(site: Client) -> None:
    html = site.text(f"/r/{BUREAU_REPORT}")
    assert "report.pdf" in html
    source = re.search(r'<iframe[^>]+src="(/view/[^"#]+)', html)
    assert source is not None
    pages = re.findall(r'src="(/view/[^"]+\.png[^"]*)"', site.text(source.group(1)))
    assert pages
    image = site.get(pages[0])
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert site.get(pages[0].replace("/1.png", "/999.png")).status_code == 404
    cell = re.search(r'<a class="cell" href="(/r/[^"#]+)#original" data-at="([^"]+)"', html)
    assert cell is not None
    assert quote(cell[2], safe="") in site.text(cell[1])
    marked = site.text(source.group(1) + "?at=" + quote(cell[2], safe=""))
    frame = re.search(r'id="ogi-mark" style="left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%"', marked)
    assert frame is not None
    assert all(0 < float(share) < 100 for share in frame.groups())


def test_report_of_many_forms_as_data(site: Client) -> None:
    data = site.get(f"/r/{REPORT}.json").json()
    assert (data["agency"], data["year"], data["version"]) == (GOVERNMENT, 2020, 2)
    received = next(
        f for f in data["figures"] if (f["table"], f["row"], f["column"]) == ("applications", "received", "total")
    )
    assert (received["value"], received["state"]) == (987654, "value")
    assert re.fullmatch("sha256:[0-9a-f]{64}", data["capture"]["digest"])
    assert (received["disputed"], received["unsure"]) == (True, False)
    assert "balance" in received["findings"]
    old = site.get(f"/r/{REPORT}@1.json").json()
    assert old["version"] == 1
    table = site.get(f"/r/{REPORT}.csv")
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.text.splitlines()
    assert (
        lines[0]
        == "\ufeffreport,version,table,row,column,value,raw,state,confidence,where,placed,unsure,disputed,findings"
    )
    assert len(lines) == len(data["figures"]) + 1
    assert f"{REPORT}-v2.csv" in table.headers["content-disposition"]
    assert site.get("/r/nothing.json").status_code == 404


def test_diff_shows_figures_then_sentences(site: Client) -> None:
    html = site.text(f"/r/{REPORT}/diff/1..2")
    assert "987,654" in html
    assert "新增一句关于复议的话" in html
    assert html.index("987,654") < html.index("新增一句")
    assert 'class="unified"' in site.text(f"/r/{REPORT}/diff/1..2?view=unified")
    same = site.text(f"/r/{REPORT}/diff/1..1")
    assert "数字没有变化" in same
    assert "文字没有变化" in same


def test_agency_and_its_years(site: Client) -> None:
    html = site.text(f"/agency/{AGENCY}")
    assert html.count("<svg class=") >= 3
    for year in (2018, 2019, 2020):
        assert f">{year}</a>" in html
    assert "瓯海区人民政府" in html


def test_compare_tells_definition_and_number(site: Client) -> None:
    html = site.text("/compare", params={"indicator": "granted_share", "agency": AGENCY})
    assert "<svg" in html
    assert "予以公开加部分公开" in html
    assert "共 " in html, "denominators"
    both = site.text(f"/compare?indicator=received&agency={AGENCY}&agency=3a19e915fa22", lang="en")
    assert BUREAU in both
    assert "league table" in both
    site.text("/compare", params={"indicator": "'; drop table reports", "agency": "' or 1=1 --", "find": "%' --"})


def test_missing_matrix(site: Client) -> None:
    html = site.text("/missing")
    assert GOVERNMENT in html
    assert "◐" in html
    assert "未收录不等于未发布" in html
    late = site.text("/missing", params={"year": "2020", "status": "late"})
    assert BUREAU in late
    assert f'/agency/{AGENCY}"' not in late
    assert "没有符合条件的机关" in site.text("/missing", params={"region": "110000"})


def test_changes_and_filters(site: Client) -> None:
    html = site.text("/changes")
    assert html.count("<time") == 6
    assert 'type="application/atom+xml"' in html
    assert site.text("/changes", params={"kind": "vanished"}).count("<time") == 1
    assert site.text("/changes", params={"region": "330304"}).count("<time") == 6
    assert site.text("/changes", params={"region": "440000"}).count("<time") == 0
    assert site.text("/changes", params={"agency": AGENCY}).count("<time") == 5


def test_findings_and_filters(site: Client) -> None:
    assert "finding error" in site.text("/findings")
    only = site.text("/findings", params={"check": "balance"})
    assert only.count('<div class="finding ') == 1
    assert "finding warning" not in site.text("/findings", params={"severity": "error"})


def test_feeds_are_valid_by_an_independent_reader(site: Client) -> None:
    import feedparser

    for path in ("/feeds/changes.atom", "/feeds/region/330000.atom", f"/feeds/agency/{AGENCY}.atom"):
        answer = site.get(path)
        feed = feedparser.parse(answer.content)
        assert not feed.bozo, feed.get("bozo_exception")
        assert feed.version == "atom10"
        assert feed.entries
        assert len({entry.id for entry in feed.entries}) == len(feed.entries)
        for entry in feed.entries:
            path = entry.link.partition("localhost")[2]
            assert site.get(path).status_code == 200, entry.link
    first = feedparser.parse(site.get("/feeds/changes.atom").content)
    again = feedparser.parse(site.get("/feeds/changes.atom", headers={"host": "localhost"}).content)
    assert [entry.id for entry in first.entries] == [entry.id for entry in again.entries]


def test_feed_goes_on_to_the_oldest_change(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    import feedparser

    from archive.site.pages import feeds

    whole = [entry.id for entry in feedparser.parse(site.get("/feeds/changes.atom").content).entries]
    monkeypatch.setattr(feeds, "LENGTH", 2)
    monkeypatch.setattr(feeds, "MOST", 2)
    path, read, pages = "/feeds/changes.atom", [], 0
    while path:
        feed = feedparser.parse(site.get(path).content)
        read += [entry.id for entry in feed.entries]
        path = next((link.href.partition("localhost")[2] for link in feed.feed.links if link.rel == "next"), "")
        pages += 1
    assert read == whole
    assert pages == -(-len(whole) // 2) > 1
    monkeypatch.setattr(feeds, "MOST", 100)
    monkeypatch.setattr(feeds, "RECENT_DAYS", 10_000)
    assert [entry.id for entry in feedparser.parse(site.get("/feeds/changes.atom").content).entries] == whole


def test_calendar_is_valid_by_an_independent_reader(site: Client) -> None:
    from icalendar import Calendar

    calendar = Calendar.from_ical(site.get("/calendar.ics").content)
    events = list(calendar.walk("VEVENT"))
    days = {str(event.decoded("DTSTART")) for event in events}
    assert days == {"2021-01-31", "2021-03-31", "2022-01-31", "2022-03-31"}  # the coming ones as well
    assert len({event["UID"] for event in events}) == len(events)


def test_report_that_vanished_was_seen_for_the_calendar(site: Client, archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(archive.root, tmp_path / "a")
    withdrawn = Archive.open(tmp_path / "a")
    db = open_index(withdrawn)
    db.execute("update obligations set status = 'vanished' where status in ('published', 'late')")
    assert db.execute("select count(*) from obligations where status = 'vanished'").fetchone()[0] > 0
    db.conn.commit()
    db.close()
    client = Client(withdrawn)
    try:
        told = [line for line in client.text("/calendar.ics").splitlines() if line.startswith("DESCRIPTION")]
    finally:
        client.close()
    assert told == [line for line in site.text("/calendar.ics").splitlines() if line.startswith("DESCRIPTION")]


def test_sitemap_and_robots(site: Client) -> None:
    root = ET.fromstring(site.get("/sitemap.xml").content)
    places = [element.text or "" for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert any(place.endswith(f"/r/{REPORT}") for place in places)
    for place in places:
        assert site.get("/" + place.split("/", 3)[3]).status_code == 200
    assert "Sitemap: " in site.text("/robots.txt")


def test_datasettes_pages_have_our_face_and_no_sql_that_writes(site: Client) -> None:
    for path in ("/ogi", "/ogi/reports", "/ogi/figures", f"/ogi/reports/{REPORT}", "/ogi?sql=select+1"):
        html = site.text(path, lang="en")
        assert 'class="brand"' in html, path
        assert "/static/site.css?v=" in html
        assert 'role="search"' in html
    for sql in (
        "delete from reports",
        "drop table reports",
        "attach 'x' as y",
        "pragma query_only=0",
        "create temp table x (y)",
        "begin",
        "vacuum",
        "explain",
        "",
    ):
        assert site.get("/ogi.json", params={"sql": sql}).status_code >= 400, sql


def test_slow_sql_ends_with_a_page_in_our_words(site: Client) -> None:
    sql = "with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c"
    answer = site.get("/ogi", lang="en", params={"sql": sql, "_timelimit": "50"})
    assert answer.status_code == 400
    assert "took too long" in answer.text
    assert 'class="brand"' in answer.text
    assert "/-/" not in answer.text.partition("<main")[2]


def test_canned_queries_stand_in_files_and_work(site: Client) -> None:
    folder = Path(__file__).parents[3] / "archive" / "site" / "queries"
    names = sorted(path.stem for path in folder.glob("*.sql"))
    assert len(names) >= 5
    for name in names:
        answer = site.get(
            f"/ogi/{name}.json",
            params={"_shape": "array", "q": "复议", "year": "2020", "agency": AGENCY, "row": "received"},
        )
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json(), list)
    found = site.get("/ogi/search.json", params={"q": "复议", "_shape": "array"}).json()
    assert len(found) == 4


def test_examples_of_the_api_guide_work(site: Client) -> None:
    html = site.text("/data").replace("&amp;", "&")
    examples = re.findall(r"http://localhost(/[^\s'\"<]+)", html)
    assert len(examples) >= 5
    for path in examples:
        answer = site.get(path)
        assert answer.status_code in (200, 302), path


def test_language_is_no_filter_of_a_table(site: Client) -> None:
    html = site.text("/ogi/reports", lang="en", params={"year": "2020"})
    assert '<html lang="en">' in html
    assert "2 rows" in html
    assert 'value="en"' not in html
    assert site.count("/ogi/reports.json", lang="zh") == 4


def test_columns_of_figures_by_datasette(site: Client) -> None:
    table = site.get("/ogi/figures.json", params={"report": REPORT, "_shape": "objects", "_size": "max"}).json()
    assert len(table["rows"]) == 198
    answer = site.get("/ogi/figures.csv", params={"_stream": "on", "_size": "max", "report": REPORT})
    assert answer.text.count("\n") == 199


def test_real_server_answers_and_a_port_in_use_is_one_line(archive: Archive) -> None:
    with serving(archive.root) as base, httpx.Client(base_url=base, timeout=60) as client:
        home = client.get("/")
        assert home.status_code == 200
        assert "default-src 'none'" in home.headers["content-security-policy"]
        assert "server" not in home.headers
        assert len(client.get("/ogi/reports.json?_search=宁波&_shape=array").json()) == 1
        feed = client.get("/feeds/changes.atom")
        assert base in feed.text
        from archive.site.serve import run_site

        with pytest.raises(SiteError, match="can't listen"):
            run_site(archive, "127.0.0.1", int(base.rpartition(":")[2]))


def test_archive_without_database_is_one_line(tmp_path: Path) -> None:
    from archive.site.serve import make_datasette

    with pytest.raises(SiteError, match="no database yet"):
        make_datasette(Archive.create(tmp_path / "empty"))


def test_empty_archive_has_every_page(tmp_path: Path) -> None:
    empty = Archive.create(tmp_path / "empty")
    open_index(empty).close()
    client = Client(empty)
    try:
        for path in (*PAGES, "/feeds/changes.atom", "/calendar.ics", "/sitemap.xml", "/ogi", "/ogi/reports"):
            assert client.get(path).status_code == 200, path
    finally:
        client.close()


def test_nobody_listens_after_the_server_ended(archive: Archive) -> None:
    with serving(archive.root) as base:
        port = int(base.rpartition(":")[2])
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_numbers_in_json_are_numbers(site: Client) -> None:
    rows = site.sql(f"select value from figures where report = '{REPORT}' and value is not null limit 5")
    assert all(isinstance(row["value"], int | float) for row in rows)
    assert json.dumps(rows)


def test_tables_are_laid_out_as_the_official_form(site: Client) -> None:
    """Every row and column of the form, nested as it prints them; challenges in one row of fifteen."""
    import lxml.html

    page = lxml.html.fromstring(site.text(f"/r/{REPORT}"))
    applications = page.xpath('//table[contains(@class, "applications")]')[0]
    head = [[cell.text_content().strip() for cell in row] for row in applications.xpath("./thead/tr")]
    assert head[0][1] == "申请人情况"
    assert head[1] == ["自然人", "法人或其他组织", "总计"]
    assert head[2] == ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
    assert {int(cell.get("rowspan")) for cell in applications.xpath('.//th[span="三、本年度办理结果"]')} == {20}
    widths = set()
    covered = [0, 0, 0]  # columns that a header above still covers
    for row in applications.xpath("./tbody/tr"):
        width = sum(1 for left in covered if left)
        covered = [max(0, left - 1) for left in covered]
        for cell in row:
            width += int(cell.get("colspan", 1))
            if int(cell.get("rowspan", 1)) > 1:
                covered[covered.index(0)] = int(cell.get("rowspan")) - 1
        widths.add(width)
    assert widths == {10}, "three columns of headers and seven of figures"
    challenges = page.xpath('//table[contains(@class, "challenges")]')[0]
    assert len(challenges.xpath("./tbody/tr")) == 1
    assert len(challenges.xpath("./tbody/tr/td")) == 15
    assert [cell.text_content().strip() for cell in challenges.xpath("./thead/tr[1]/th")] == ["行政复议", "行政诉讼"]


def test_any_two_versions_can_be_chosen(site: Client) -> None:
    answer = site.get(f"/r/{REPORT}/diff", params={"a": "2", "b": "1", "view": "unified"})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/r/{REPORT}/diff/2..1?view=unified")
    assert site.text(answer.headers["location"]).count('value="1" selected') == 1
    for wrong in ({"a": "1"}, {"a": "x", "b": "//evil.example"}):
        assert site.get(f"/r/{REPORT}/diff", params=wrong).status_code == 404
    assert site.get(f"/r/{REPORT}/diff/1..9").status_code == 404


def test_findings_by_check_severity_and_region(site: Client) -> None:
    everything = site.text("/findings")
    total = len(re.findall('<div class="finding ', everything))
    assert f"{total} 条" in everything
    parts = [
        len(re.findall('<div class="finding ', site.text("/findings", params={"severity": severity})))
        for severity in ("error", "warning", "info")
    ]
    assert sum(parts) == total
    assert site.text("/findings", params={"region": "330000"}).count('<div class="finding ') == total
    assert "没有符合条件的核对结果" in site.text("/findings", params={"region": "440000"})
    assert "没有符合条件的核对结果" in site.text("/findings", params={"check": "nonsense"})


def test_home_counts_the_findings_that_the_findings_page_shows(site: Client) -> None:
    found = re.search(r'<a href="/findings"><b>(\d+)</b>', site.text("/"))
    assert found is not None
    assert f"{found[1]} 条" in site.text("/findings")


def test_reference_pages_come_with_the_program(site: Client) -> None:
    dictionary = site.text("/data/dictionary")
    for table in ("reports", "figures", "obligations"):
        assert f'id="{table}"' in dictionary
        assert f"/data/dictionary#{table}" in site.text("/data")
    assert "denied_state_secret" in dictionary
    assert "silently wrong" in site.text("/data/accuracy", lang="en")
    assert "无声错误" in site.text("/data/accuracy")


def test_comparison_as_data(site: Client) -> None:
    answer = site.get("/compare.csv", params={"indicator": "granted_share", "agency": AGENCY})
    lines = answer.text.splitlines()
    assert lines[0] == "\ufeffindicator,agency,year,form,scope,value,denominator,unsure,disputed,findings,report"
    assert [line.split(",")[8] for line in lines[1:]] == [
        "0",
        "0",
        "1",
    ]  # `column_total` and `balance` name the total of 2020
    assert [line.split(",")[2] for line in lines[1:]] == ["2018", "2019", "2020"]
    assert answer.headers["content-type"].startswith("text/csv")


def test_a_comparison_flags_what_is_not_certain(tmp_path: Path) -> None:
    """A sum with a figure of low confidence, or without one that the form has, is marked and never passed off as sure."""
    from archive.index.database import open_index
    from tests.archive.site_archive import build

    archive = build(tmp_path / "a")
    db = open_index(archive)
    with db.atomic():
        db.execute(
            "update applications set cells = json_set(cells, '$[7]', json_array('x', '?', 'value', 0.5)) "
            "where report = 'ouhai-2019-5290cd' and \"row\" = 'granted'"
        )
        db.execute("delete from applications where report = 'ouhai-2018-5290cd' and \"row\" = 'partly_granted'")
    db.close()
    client = Client(archive)
    try:
        lines = client.text("/compare.csv", params={"indicator": "granted_share", "agency": AGENCY}).splitlines()[1:]
        assert {line.split(",")[2]: line.split(",")[7] for line in lines} == {"2018": "1", "2019": "1", "2020": "0"}
        assert client.text("/compare", params={"indicator": "granted_share", "agency": AGENCY}).count("n doubt") == 2
        assert "n doubt" in client.text(f"/agency/{AGENCY}")
        panel = client.get("/ogi/panel.json", params={"_shape": "array", "year": "2019"}).json()
        assert [row["least_confidence"] for row in panel] == [0.5]
    finally:
        client.close()


@pytest.mark.parametrize(
    "sql",
    [
        "select hex(zeroblob(400000000))",
        "select printf('%.*c', 500000000, 'x')",
        "select replace(hex(zeroblob(10000000)), '0', 'abcabcabcabcabcabcabcabcabcabc')",
        "with recursive c(n) as (select 1 union all select n + 1 from c limit 900) select hex(zeroblob(200000)) from c",
    ],
)
def test_sql_that_would_fill_the_memory_ends_with_words(site: Client, sql: str) -> None:
    answer = site.get("/ogi", lang="en", params={"sql": sql})
    assert answer.status_code == 400
    assert "The result is too large" in answer.text
    assert sql.partition("'")[0] in answer.text.replace("&#39;", "'"), "what was asked is there to be changed"
    assert site.get("/ogi.json", params={"sql": sql}).json()["ok"] is False
    assert site.get("/").status_code == 200


def test_what_datasette_shows_to_developers_is_closed(site: Client) -> None:
    for path in (
        "/_memory",
        "/_memory?sql=select+1",
        "/-/threads",
        "/-/messages",
        "/-/allow-debug",
        "/-/patterns",
        "/-/permissions",
    ):
        assert site.get(path).status_code == 404, path
    (database,) = site.get("/-/databases.json").json()
    assert (database["name"], database["path"]) == ("ogi", None)
    assert site.get("/ogi/reports", params={"_sort": "nothing"}).status_code == 400


def test_functions_of_search_are_bounded(site: Client) -> None:
    long = "x" * 5_000
    assert site.sql(f"select zh_snippet('复议', '{long}') as s, zh_match('{long}') as m")[0]["m"].count("x") == 500
    (row,) = site.sql("select zh_snippet(null, null) as s, zh_highlight(12, 12) as h")
    assert row == {"s": "", "h": "<mark>12</mark>"}


def test_every_facet_leads_to_as_many_reports_as_it_says(tmp_path: Path) -> None:
    """Also the facets of what is not known, and two of them together."""
    from html import unescape

    from archive.index.database import open_index
    from tests.archive.site_archive import build

    archive = build(tmp_path / "a")
    db = open_index(archive)
    with db.atomic():
        db.execute("update reports set form = null where year = 2018")
        db.execute("update agencies set region = null where kind = 'department'")
    db.close()
    client = Client(archive)
    try:
        for start in ("/search", "/search?q=复议"):
            facets = re.findall(
                r'<li><a href="(/search[^"]+)" rel="nofollow">([^<]*)</a> <span class="num quiet">(\d+)</span>',
                client.text(start),
            )
            assert {"地区不明", "无统一格式", "2018", "部门"} <= {label.strip() for _, label, _ in facets}
            for address, label, number in facets:
                page = client.text(unescape(address))
                assert page.count('<article class="hit"') == int(number), (address, label)
                deeper = re.search(
                    r'<li><a href="(/search[^"]+)" rel="nofollow">[^<]*</a> <span class="num quiet">(\d+)</span>', page
                )
                if deeper:
                    assert client.text(unescape(deeper[1])).count('<article class="hit"') == int(deeper[2])
        assert '<article class="hit"' in client.text("/search?page=400")
    finally:
        client.close()
