"""What people come for, by links and clicks from the home page in a real browser: the tasks of researchers and watchdogs, within so many clicks.

On a small invented country (`ogi demo --country`) and, for what happened to single reports, on the archive of the other browser tests.
"""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.publish.check_proof import check
from archive.site.pages.missing import MARKS
from crawler.demo_country import make_country
from tests.archive.site_archive import URL, build, serving
from tests.browser.test_site_browser import CHROMIUM, FLAGS, axe

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]
PROVINCES = ("330000", "110000", "440000", "370000", "540000")
REPORT = "ouhai-2020-5290cd"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive, _ = make_country(tmp_path_factory.mktemp("country") / "a", size=0.5, only=PROVINCES)
    with serving(archive.root) as base:
        yield base


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive = build(tmp_path_factory.mktemp("season") / "a")
    with serving(archive.root) as base:
        yield base


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        yield started
        started.close()


class Visitor:
    """Somebody who starts at the home page, and whose clicks are counted."""

    def __init__(self, tab: Any, base: str) -> None:
        self.tab, self.base, self.clicks = tab, base, 0
        tab.goto(base + "/")

    def click(self, words: str, *, within: str = "body", role: str = "link", exact: bool = False) -> None:
        """Follow the first link (or press the first button) with the words."""
        self.clicks += 1
        self.tab.locator(within).first.get_by_role(role, name=words, exact=exact).first.click()
        self.tab.wait_for_load_state()

    def follow(self, selector: str) -> None:
        """Follow the first link that a selector finds."""
        self.clicks += 1
        self.tab.locator(selector).first.click()
        self.tab.wait_for_load_state()

    def search(self, words: str) -> None:
        """Type into the box and send it: one step."""
        self.clicks += 1
        box = self.tab.get_by_role("searchbox").first
        box.fill(words)
        box.press("Enter")
        self.tab.wait_for_load_state()

    def text(self) -> str:
        return str(self.tab.locator("main").inner_text())

    def fetch(self, selector: str) -> str:
        """What a link on the page gives, as a program fetches it: one step."""
        self.clicks += 1
        address = self.tab.locator(selector).first.get_attribute("href")
        answer = self.tab.request.get(self.base + address if address.startswith("/") else address)
        assert answer.ok, (address, answer.status)
        return str(answer.body().decode("utf-8-sig"))


def visit(chromium: Any, base: str) -> Any:
    context = chromium.new_context(viewport={"width": 1300, "height": 900}, reduced_motion="reduce")
    return Visitor(context.new_page(), base)


@pytest.fixture
def reader(chromium: Any, country: str) -> Iterator[Visitor]:
    visitor = visit(chromium, country)
    yield visitor
    visitor.tab.context.close()


@pytest.fixture
def checker(chromium: Any, season: str) -> Iterator[Visitor]:
    visitor = visit(chromium, season)
    yield visitor
    visitor.tab.context.close()


def test_01_all_reports_of_a_city_over_years(reader: Visitor) -> None:
    reader.search("Beijing")
    reader.follow("main a[href*='region=110000'], main a[href*='/region/110000']")
    assert reader.clicks <= 2
    assert "2025" in reader.text()
    assert "2018" in reader.text()


def test_02_national_trend_with_n(reader: Visitor) -> None:
    reader.click("统计", within="header")
    assert reader.clicks <= 1
    assert re.search(r"N [0-9]+ / [0-9]+", reader.text())


def test_03_agencies_compared_in_table_and_chart(reader: Visitor) -> None:
    reader.click("比较", within="header")
    for _ in range(2):
        reader.follow("main a[href*='agency=']:not([aria-current])")
    assert reader.clicks <= 3
    assert reader.tab.locator("main svg").count() >= 1
    assert reader.tab.locator("main table").count() >= 1


def test_04_departments_without_a_year(reader: Visitor) -> None:
    reader.click("缺报", within="header")
    reader.click("部门", within="main .pick")
    reader.tab.wait_for_url("**kind=department*")
    sums = "main tfoot a:not([href*='status=published'])"  # which kinds of gaps there are, chance decides
    asked = re.search(r"year=([0-9]{4})&status=([a-z]+)", str(reader.tab.locator(sums).first.get_attribute("href")))
    assert asked is not None
    reader.follow(sums)
    reader.tab.wait_for_url("**status=*")
    assert reader.clicks <= 3
    assert {"kind=department", f"year={asked[1]}"} <= set(reader.tab.url.partition("?")[2].split("&"))
    rows = reader.tab.locator("table.matrix tbody tr:not(.region)")
    column = reader.tab.locator("table.matrix thead th").all_inner_texts().index(asked[1])
    assert rows.count() >= 1
    for row in rows.all():
        assert MARKS[asked[2]][0] in str(row.locator("th, td").nth(column).get_attribute("class")).split()


def test_05_what_was_revised_with_both_originals(checker: Visitor) -> None:
    checker.click("变动", within="header")
    checker.click("修改", within="main .pick")
    checker.follow("main ul.stream ul a[href*='/diff/']")
    assert checker.clicks <= 3  # or one: the newest stand on the home page
    frames = checker.tab.locator(".pair iframe")
    assert frames.count() == 2
    marked = [checker.tab.frame_locator(".pair iframe").nth(number).locator("#ogi-mark") for number in range(2)]
    for one in marked:
        one.wait_for(state="visible", timeout=20_000)
    assert marked[0].inner_text() != marked[1].inner_text()


def test_06_verified_to_the_bytes(checker: Visitor, tmp_path: Path) -> None:
    checker.click("对照", within="main ul.stream")
    checker.follow("main a[href*='/proof/revised/']")
    assert checker.clicks <= 2
    commands = [line for line in checker.tab.locator("pre.cite").first.inner_text().splitlines() if line]
    assert len(commands) == 2
    for command in commands:
        assert subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False).returncode == 0
    with checker.tab.expect_download() as download:
        checker.tab.locator("a[href$='.wacz']").click()
    download.value.save_as(tmp_path / "proof.wacz")
    assert not [said for outcome, said in check(str(tmp_path / "proof.wacz"), None) if outcome == "damaged"]


def test_07_one_figure_cited_and_pinned(checker: Visitor) -> None:
    checker.follow("main ul.stream ul a[href*='/diff/']")
    checker.tab.locator(".pane.after [data-cite]").click()
    checker.clicks += 1
    assert checker.clicks <= 2
    checker.tab.wait_for_url(f"**/r/{REPORT}@2?at=*#cite")
    assert re.search(rf"/r/{REPORT}@2\?at=", checker.tab.locator("#cite").inner_text())


def test_07_any_figure_is_two_clicks_from_its_report(checker: Visitor) -> None:
    """With the script the address names the figure before the page does: the citation must be that of the figure all the same."""
    from playwright.sync_api import expect

    checker.click("2020", within="main ul.stream")
    before = checker.clicks
    checker.tab.locator("main td a.cell").nth(1).click()
    checker.tab.locator("[data-cite]").click()
    checker.clicks += 2
    checker.tab.locator("#cite pre").filter(has_text="?at=").first.wait_for()
    assert checker.clicks - before <= 2
    assert checker.tab.evaluate(
        "document.querySelector('#cite').innerText.includes(location.pathname + location.search)"
    )
    assert "?at=" in checker.tab.url
    expect(checker.tab.locator("#cite h2")).to_be_in_viewport()


def test_08_all_data(reader: Visitor) -> None:
    reader.click("数据", within="header")
    rows = list(csv.DictReader(io.StringIO(reader.fetch("main a[href$='/data/reports.csv']"))))
    assert reader.clicks <= 2
    assert len(rows) > 100
    assert {row["year"] for row in rows} >= {"2018", "2025"}


def test_09_the_panel_of_an_agency(reader: Visitor) -> None:
    reader.search("杭州市")
    reader.follow("main a[href*='/agency/']")
    panel = list(csv.DictReader(io.StringIO(reader.fetch("a[href$='panel.csv']"))))
    assert reader.clicks <= 3
    assert {"value", "unsure", "disputed", "findings"} <= set(panel[0])


def test_10_grounds_of_denial_over_years(reader: Visitor) -> None:
    reader.click("统计", within="header")
    assert reader.clicks <= 2
    assert "国家秘密" in reader.tab.locator("#grounds").inner_text()
    assert reader.tab.locator("#grounds svg").count() == 8


def test_11_where_an_agency_stands(reader: Visitor) -> None:
    sql = "select a.name from agencies a join reports r on r.agency = a.id where r.scope = 'region' and r.year = 2025 and a.region like '33%' limit 1"
    name = reader.tab.request.get(f"{reader.base}/ogi/sql.json", params={"sql": sql, "_shape": "arrayfirst"}).json()[0]
    reader.search(name)
    reader.follow("main .named a[href*='/agency/']")
    reader.follow("#standing ~ .scroll a[href*='#distribution']")
    assert reader.clicks <= 3
    assert reader.tab.locator("#distribution svg").first.is_visible()


def test_12_an_indicator_of_a_province(reader: Visitor) -> None:
    reader.click("统计", within="header")
    reader.click("复议纠正率", within="main")
    assert reader.clicks <= 2
    assert reader.tab.locator("tbody a[href*='region=330000']").count() >= 1


def test_13_findings_by_check_and_report(reader: Visitor) -> None:
    reader.click("核对", within="header")
    assert reader.clicks <= 2
    assert reader.tab.locator("main a[href*='check=']").count() >= 1
    assert reader.tab.locator("main a[href*='/r/']").count() >= 1


def test_14_the_feed_of_an_agency(reader: Visitor) -> None:
    reader.search("杭州市")
    reader.follow("main a[href*='/agency/']")
    assert reader.clicks <= 2
    feed = reader.tab.locator("a[href^='/feeds/agency/']").first.get_attribute("href")
    assert "<feed" in reader.tab.request.get(reader.base + feed).text()


def test_15_the_tree_of_regions_to_a_county(reader: Visitor) -> None:
    reader.follow("main ul.tiles a[href$='/region/330000']")
    reader.follow("main a[href^='/region/33']:not([href$='330000'])")  # its cities
    reader.follow("main a[href^='/region/33']:not([href$='00'])")  # their counties
    assert reader.clicks <= 3
    assert re.search("/region/33[0-9]{4}$", reader.tab.url)
    assert reader.tab.locator("h1").inner_text()


def test_16_any_page_in_english(reader: Visitor) -> None:
    reader.click("统计", within="header")
    before = reader.clicks
    reader.click("English", within="header")
    assert reader.clicks - before == 1
    assert "/en/stats" in reader.tab.url
    assert reader.tab.locator("html").get_attribute("lang") == "en"


def test_17_by_keyboard_from_a_report_to_a_cell(checker: Visitor) -> None:
    """Past the header, to the table by the page's contents, to its first cell: at most 25 stops."""
    checker.tab.goto(checker.base + f"/r/{REPORT}")
    stops = 0

    def press_until(script: str) -> None:
        nonlocal stops
        while stops <= 25:
            checker.tab.keyboard.press("Tab")
            stops += 1
            if checker.tab.evaluate(script):
                return
        raise AssertionError(f"not within {stops} stops: {script}")

    press_until("document.activeElement.classList.contains('skip')")
    checker.tab.keyboard.press("Enter")
    press_until("document.activeElement.getAttribute('href') === '#applications'")
    checker.tab.keyboard.press("Enter")
    press_until("document.activeElement.classList.contains('cell')")
    assert "applications." in checker.tab.evaluate("document.activeElement.href")
    assert stops <= 25


def test_18_a_proof_card_is_one_printed_page(checker: Visitor, tmp_path: Path) -> None:
    import pypdfium2

    checker.click("对照", within="main ul.stream")
    checker.follow("main a[href*='/proof/revised/']")
    checker.tab.emulate_media(media="print")
    document = pypdfium2.PdfDocument(checker.tab.pdf(format="A4"))
    assert len(document) == 1
    document.close()


def test_19_a_memento_by_date(checker: Visitor) -> None:
    answer = checker.tab.request.get(
        f"{checker.base}/timegate/{URL}", headers={"accept-datetime": "Thu, 04 Feb 2021 00:00:00 GMT"}, max_redirects=0
    )
    assert answer.status == 302
    assert "/web/20210201" in answer.headers["location"]


def test_20_what_cannot_be_known_and_why(reader: Visitor) -> None:
    reader.click("网站状态", within="footer")
    assert reader.clicks <= 1
    assert "西藏" in reader.text()


def test_21_all_rows_from_a_notebook(reader: Visitor) -> None:
    code = """async (base) => {
      const text = await (await fetch(base + "/data/reports.ndjson")).text();
      const lines = text.trim().split("\\n").map(JSON.parse);
      return [lines.length - 1, lines.at(-1).rows, lines.at(-1).end];
    }"""
    rows, said, is_end = reader.tab.evaluate(code, reader.base)
    assert is_end is True
    assert rows == said > 100


def test_22_own_sql(reader: Visitor) -> None:
    reader.click("数据", within="header")
    reader.click("写 SQL 查询", within="main")
    reader.tab.locator("textarea").fill("select year, count(*) as n from reports group by year")
    reader.tab.locator("main form button").first.click()
    reader.tab.wait_for_load_state()
    assert reader.clicks <= 2
    assert "2025" in reader.text()


def test_23_a_chart_on_another_page(reader: Visitor) -> None:
    reader.click("统计", within="header")
    reader.follow("#outcomes a[href*='/embed/']")
    assert reader.clicks <= 2
    assert reader.tab.locator("svg").count() >= 1
    assert reader.tab.locator("script").count() == 0


def test_24_by_the_original_address(checker: Visitor) -> None:
    checker.search(URL)
    assert checker.clicks <= 1
    assert checker.tab.locator(f"main a[href*='/r/{REPORT}']").count() >= 1


def test_25_what_a_term_means(reader: Visitor) -> None:
    reader.click("名词", within="footer")
    assert reader.clicks <= 1
    assert "结转" in reader.text()


@pytest.mark.parametrize(
    ("scheme", "width", "lang"), [("light", 1440, ""), ("dark", 390, ""), ("light", 390, "/en"), ("dark", 1440, "/en")]
)
def test_pages_of_a_country_are_accessible(chromium: Any, country: str, scheme: str, width: int, lang: str) -> None:
    """No violation on the page types that the other archive has little for; no sideways scrolling at 320."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    tab = context.new_page()
    try:
        for path in (
            "/", "/stats", "/stats/publication_day", "/stats/missing_share", "/stats/missing_share/rows", "/stats/received?region=330000", "/region/330000",
            "/portals", "/missing", "/findings", "/releases/", "/changes?from=2026-05-01&table=applications",
        ):  # fmt: skip
            tab.goto(country + lang + path)
            tab.evaluate(axe())
            result = tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
            found = [(one["id"], [node["html"][:120] for node in one["nodes"]][:3]) for one in result["violations"]]
            assert not found, (path, found)
        tab.set_viewport_size({"width": 320, "height": 800})
        for path in ("/stats", "/stats/publication_day", "/region/330000"):
            tab.goto(country + lang + path)
            assert tab.evaluate("document.documentElement.scrollWidth") <= 320, path
    finally:
        context.close()
