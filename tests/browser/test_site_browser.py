"""The site in Debian's Chromium: main tasks in both languages and two widths, accessibility, hostile pages, print.

`OGI_SCREENSHOTS` names a folder that keeps a picture of every page.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.rows import row
from tests.archive.site_archive import HOSTILE_URL, build, serving

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip
WIDTHS = {"desktop": (1300, 900), "phone": (390, 844)}
REPORT = "ouhai-2020-5290cd"
HOSTILE = "ouhai-2018-5290cd"
BUREAU_REPORT = "ouhai-2020-11beb0"
AGENCY = "08e98f2f71f3"
PAGES = {
    "home": "/",
    "search": "/search?q=复议",
    "search-none": "/search?q=没有这样的词语",
    "report": f"/r/{REPORT}",
    "report-pdf": f"/r/{BUREAU_REPORT}",
    "report-old": f"/r/{REPORT}@1",
    "diff": f"/r/{REPORT}/diff/1..2",
    "diff-unified": f"/r/{REPORT}/diff/1..2?view=unified",
    "agency": f"/agency/{AGENCY}",
    "compare": f"/compare?indicator=granted_share&agency={AGENCY}&agency=3a19e915fa22",
    "compare-empty": "/compare",
    "missing": "/missing",
    "stats": "/stats",
    "stats-of-a-place": "/stats?region=330304",
    "indicator": "/stats/granted_share",
    "rows": "/stats/granted_share/rows",
    "embed": "/embed/outcomes/trend",
    "region": "/region/330304",
    "portals": "/portals",
    "portal": "/portals/ouhai",
    "glossary": "/glossary",
    "proof-revised": f"/proof/revised/{REPORT}@1..2",
    "proof-not-so": f"/proof/missing/{AGENCY}/2020",
    "changes": "/changes",
    "findings": "/findings",
    "data": "/data",
    "dictionary": "/data/dictionary",
    "accuracy": "/data/accuracy",
    "findings-few": "/findings?severity=error&region=330000",
    "changes-few": f"/changes?kind=revised&agency={AGENCY}",
    "not-found": "/nothing",
    "database": "/ogi",
    "table": "/ogi/reports",
    "row": f"/ogi/reports/{REPORT}",
    "query": "/ogi?sql=select+id,year+from+reports",
    "query-wrong": "/ogi?sql=select+nothing",
    "canned": "/ogi/late?year=2020",
}


@dataclass
class Trap:
    """Somebody who listens on this machine, and counts who comes."""

    socket: socket.socket
    seen: list[bytes] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    self.seen.append(connection.recv(200))
                except OSError:
                    self.seen.append(b"?")


@dataclass
class World:
    base: str
    archive: Archive
    trap: Trap


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trap = Trap(listener)
        thread = threading.Thread(target=trap.listen, daemon=True)
        thread.start()
        archive = build(tmp_path_factory.mktemp("browser") / "a", trap.port)
        with serving(archive.root) as base:
            yield World(base, archive, trap)
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        yield started
        started.close()


@pytest.fixture
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    width, height = WIDTHS[getattr(request, "param", "desktop")]
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def axe() -> str:
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [(language, width, "light") for width in WIDTHS for language in ("zh", "en")] + [("zh", "desktop", "dark")],
)
def test_accessibility_and_no_overflow(world: World, browser: Any, language: str, width: str, scheme: str) -> None:
    """axe finds nothing serious; nothing sticks out of a phone; every page has one heading and one main part."""
    context = browser.new_context(
        viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True)), bypass_csp=True, color_scheme=scheme
    )
    tab = context.new_page()
    problems: list[str] = []
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    folder = os.environ.get("OGI_SCREENSHOTS")
    for name, path in PAGES.items():
        tab.goto(world.base + ("/en" if language == "en" else "") + path)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            tab.screenshot(path=Path(folder) / f"{name}-{language}-{width}-{scheme}.png", full_page=True)
        tab.evaluate(axe())
        found = tab.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
        problems += [
            f"{name}: {issue['id']} ({issue['impact']}) {node['html'][:160]}"
            for issue in found["violations"]
            if issue["impact"] in ("serious", "critical")
            for node in issue["nodes"][:3]
        ]
        excess = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if excess > 0:
            problems.append(f"{name}: {excess} px wider than the screen")
        if tab.locator("h1").count() != 1 or tab.locator("main").count() != 1:
            problems.append(f"{name}: {tab.locator('h1').count()} h1, {tab.locator('main').count()} main")
    context.close()
    assert not problems, "\n".join(problems)
    assert not errors


@pytest.mark.parametrize("tab", list(WIDTHS), indirect=True)
@pytest.mark.parametrize(
    ("language", "published", "vanished"), [("zh", "发布", "消失"), ("en", "published", "vanished")]
)
def test_a_reader_searches_opens_a_report_and_goes_to_a_cell(
    world: World, tab: Any, language: str, published: str, vanished: str
) -> None:
    root = world.base + ("/en" if language == "en" else "")
    tab.goto(f"{root}/")
    tab.get_by_role("searchbox").fill("依申請公開")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search?q=*")
    assert tab.locator("article.hit").count() == 4
    assert tab.locator("mark").first.inner_text() == "依申请公开"
    tab.goto(f"{root}/search?q=987654")
    tab.goto(f"{root}/r/{REPORT}")
    assert tab.locator("html").get_attribute("lang") == ("zh-Hans" if language == "zh" else "en")
    tab.locator("td.found a.cell", has_text="987,654").first.click()
    tab.wait_for_url("**#original")
    frame = tab.frame_locator("iframe.doc")
    marked = frame.locator("#ogi-mark")
    marked.wait_for(state="attached")
    assert marked.inner_text().strip() == "987654"
    tab.goto(f"{root}/changes")
    assert vanished in tab.locator("ul.stream").inner_text()
    assert published in tab.locator("ul.stream").inner_text()


def test_a_place_is_marked_without_loading_the_page(world: World, tab: Any) -> None:
    """On a desktop the table stays where it is; the address can be passed on, and going back leaves the page."""
    tab.goto(f"{world.base}/r/{REPORT}")
    cell = tab.locator("td.found a.cell", has_text="987,654").first
    cell.scroll_into_view_if_needed()
    before = tab.evaluate("[window.scrollY, window.ogi = 1]")
    cell.click()
    tab.frame_locator("iframe.doc").locator("#ogi-mark").wait_for(state="attached")
    assert tab.evaluate("[window.scrollY, window.ogi]") == before
    assert cell.get_attribute("aria-current") == "true"
    assert "本年新收" in tab.locator("[data-named]").inner_text()
    assert "#original" in tab.url
    tab.reload()
    assert tab.locator("a.cell#chosen").inner_text() == "987,654"


@pytest.mark.parametrize("tab", ["phone"], indirect=True)
def test_on_a_phone_the_original_comes_as_a_sheet(world: World, tab: Any) -> None:
    tab.goto(f"{world.base}/r/{REPORT}")
    cell = tab.locator("td.found a.cell", has_text="987,654").first
    cell.click()
    sheet = tab.locator(".pane.sheet")
    sheet.wait_for()
    assert sheet.bounding_box()["y"] > 300
    tab.frame_locator("iframe.doc").locator("#ogi-mark").wait_for(state="attached")
    tab.get_by_role("button", name="收起").click()
    assert tab.locator(".pane.sheet").count() == 0
    assert tab.evaluate("document.activeElement.className") == "cell"


def test_language_switch_is_remembered(world: World, tab: Any) -> None:
    tab.goto(f"{world.base}/missing")
    tab.get_by_role("link", name="English").click()
    tab.wait_for_load_state()
    assert tab.url == f"{world.base}/en/missing"
    assert tab.locator("html").get_attribute("lang") == "en"
    tab.goto(f"{world.base}/en/ogi/reports")
    assert tab.locator("html").get_attribute("lang") == "en"
    tab.get_by_role("link", name="中文").click()
    tab.wait_for_load_state()
    assert tab.url == f"{world.base}/ogi/reports"
    assert tab.locator("html").get_attribute("lang") == "zh-Hans"


def test_keyboard_reaches_search_and_content_first(world: World, tab: Any) -> None:
    tab.goto(world.base + "/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    assert tab.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    tab.keyboard.press("Enter")
    tab.wait_for_url("**#main")
    tab.keyboard.press("Tab")  # behind the menu, the first thing is the search
    assert tab.evaluate("document.activeElement.name") == "q"
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_datasettes_search_box_works_by_hand(world: World, tab: Any) -> None:
    for word, count in (("复议", 4), ("宁波", 1), ("没有这样的词语", 0)):
        tab.goto(f"{world.base}/en/ogi/reports")
        box = tab.locator("#_search")
        box.fill(word)
        box.press("Enter")
        tab.wait_for_url("**_search=*")
        assert f"{count} row" in tab.locator("main").inner_text()
        assert tab.locator("main tbody tr").count() == count


def test_pages_work_without_javascript(world: World, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{world.base}/compare?indicator=received&agency={AGENCY}")
    assert tab.locator("svg.chart").count() == 1
    assert tab.locator("table").count() >= 1
    tab.goto(f"{world.base}/missing")
    tab.select_option("select[name=status]", "late")
    tab.locator("main form button").click()
    assert tab.locator("table.matrix tbody tr:not(.region)").count() == 1
    context.close()


def test_report_prints(world: World, tab: Any, tmp_path: Path) -> None:
    import pdfplumber

    tab.goto(f"{world.base}/r/{REPORT}")
    tab.emulate_media(media="print")
    assert not tab.locator("header nav").is_visible()
    tab.pdf(path=tmp_path / "report.pdf", format="A4")
    with pdfplumber.open(tmp_path / "report.pdf") as paper:
        text = "".join(page.extract_text() for page in paper.pages)
    assert "987,654" in text
    assert "GB/T 7714" in text


def hostile_addresses(archive: Archive) -> list[str]:
    db = open_index(archive)
    capture = row(db, "select id, at from captures where url = ?", (HOSTILE_URL,))
    db.close()
    assert capture is not None
    stamp = "".join(character for character in capture["at"] if character.isdigit())
    return [
        f"/view/{capture['id']}",
        f"/web/{stamp}/{HOSTILE_URL}",
        f"/web/{stamp}id_/{HOSTILE_URL}",
        f"/r/{HOSTILE}",
        f"/r/{HOSTILE}?at=//td[1]",
        f"/r/{HOSTILE}?at=//script",
    ]


def test_hostile_pages_do_nothing(world: World, browser: Any) -> None:
    """No request leaves, no dialog opens, no title changes, nothing navigates."""
    from playwright.sync_api import Error as PlaywrightError

    for path in hostile_addresses(world.archive):
        context = browser.new_context()
        tab = context.new_page()
        dialogs: list[str] = []
        requests: list[str] = []
        popups: list[str] = []
        tab.on("dialog", lambda dialog, seen=dialogs: (seen.append(dialog.message), dialog.dismiss()))
        tab.on("request", lambda request, seen=requests: seen.append(request.url))
        context.on("page", lambda page, seen=popups: seen.append(page.url))
        if "id_/" in path:  # never opened in place
            with tab.expect_download(), contextlib.suppress(PlaywrightError):
                tab.goto(world.base + path)
        else:
            tab.goto(world.base + path)
            assert tab.url == world.base + path
        for frame in tab.frames:
            with contextlib.suppress(PlaywrightError):  # a frame that the policy emptied
                for link in frame.locator("a#bad, button#go").all():
                    link.dispatch_event("click")
        tab.wait_for_timeout(300)
        assert "owned" not in tab.title(), path
        assert tab.url in (world.base + path, "about:blank"), path
        assert dialogs == [], path
        assert popups == [], path
        sent = [url for url in requests if f":{world.trap.port}/" in url]
        blocked = [url for url in requests if not url.startswith((world.base, "data:", "about:"))]
        assert not [url for url in sent if url not in blocked]
        for frame in tab.frames[1:]:
            assert frame.evaluate("window.origin") == "null", path
        context.close()
        assert world.trap.seen == [], path


def test_the_trap_would_see_a_request(world: World, tab: Any) -> None:
    """The test above can fail: a page that isn't sandboxed does reach the trap."""
    before = len(world.trap.seen)
    tab.set_content(f'<img src="http://127.0.0.1:{world.trap.port}/proof.png">')
    tab.wait_for_timeout(500)
    assert len(world.trap.seen) > before
    world.trap.seen.clear()
