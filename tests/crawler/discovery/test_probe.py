"""`ogi probe` against portals on loopback: what it finds, what it refuses, and what a saved probe is worth."""

from __future__ import annotations

import json
import pickle
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from archive.clock import SimulatedClock
from archive.work.children import ChildLimits
from archive.work.helper import Helper
from crawler.cli import run
from crawler.discovery.asking import FetchManners, NotFetched, PoliteFetcher
from crawler.discovery.leads import MOST_LEADS
from crawler.discovery.probe import BadReport, ProbeResult, portal_id, probe, replay, save_report
from crawler.discovery.search import Discovery, SearchLimits
from crawler.discovery.trying import try_lists
from crawler.families import open_walk
from crawler.pages.exchange import NextRequest
from crawler.portals.definitions import load_portals, parse_definition
from crawler.replica.families import FAMILIES
from crawler.replica.generator import Plan, make_world
from crawler.replica.server import ReplicaServer, serve
from tests.crawler.sites import Page, Site, listing, report, serve_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def replica() -> Iterator[ReplicaServer]:
    plan = Plan(
        agencies=3 * len(FAMILIES),
        families=tuple(FAMILIES),
        years=(2018, 2019),
        season=2020,
        blocks=0,
        has_redesign=False,
    )
    with serve(make_world(3, plan), SimulatedClock(datetime(2021, 4, 20, tzinfo=UTC))) as server:
        yield server


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as server:
        yield server


def run_probe(url: str, limits: SearchLimits | None = None) -> ProbeResult:
    definition = parse_definition(f'[portal]\nid = "x"\nname = "x"\nurl = "{url}"')
    fetch = PoliteFetcher(url, FetchManners("ogi-test/1 (+mailto:a@example.org)"), definition.allows)
    return probe(url, fetch, limits=limits, apart=as_sent)


def as_sent(function: Callable[..., Any], *arguments: Any) -> Any:
    """A call as a helper makes it: what is given, and what comes back, are copies."""
    return pickle.loads(pickle.dumps(function(*pickle.loads(pickle.dumps(arguments)))))


@pytest.mark.parametrize("family", list(FAMILIES))
def test_columns_of_every_family_are_found_from_the_home_page(family: str, replica: ReplicaServer) -> None:
    served = replica.portal(family)
    result = run_probe(served.base + "/")
    assert not result.problems
    assert {column.family for column in result.columns} == {family}
    fetch = PoliteFetcher(served.base, FetchManners("ogi-test/1"), result.portal.allows)
    titles = set()
    for start in result.portal.start:
        walk = open_walk(result.portal.platform, start)
        queue = [walk.start()]
        while queue:
            step = walk.feed(fetch(queue.pop(0)))
            queue += step.next
            titles |= {entry.title for entry in step.entries}
    state = replica.hosts[family].view().state
    assert titles == {shown.publication.title for shown in state.listed() if shown.publication.report is not None}
    assert not [asked for asked in replica.requests.violations if asked.portal == family]


def menu(*links: tuple[str, str]) -> str:
    anchors = "".join(f'<li><a href="{url}">{label}</a></li>' for url, label in links)
    return f'<html><head><title>示例市人民政府门户网站</title><meta name="SiteName" content="示例市人民政府门户网站"></head><body><ul>{anchors}</ul></body></html>'


def rows(count: int, unit: str = "示例市人民政府", folder: str = "/zfxxgk/nb") -> str:
    return listing(
        [
            (f"{folder}/202{n}01/t202{n}0120_{n}.html", f"{unit}201{n}年政府信息公开工作年度报告", f"202{n}-01-20")
            for n in range(count)
        ]
    )


def test_a_page_made_to_cost_costs_itself(site: Site) -> None:
    costly = Page(menu(("/nb/", "政府信息公开年报")) + "<p>a</p>" * 1_000_000)
    begin_at = Page(menu(("/costly/", "政府信息公开"), ("/nb/", "政府信息公开年报")))
    site.pages = {"/costly/": costly, "/bm/": begin_at, "/nb/": Page(rows(2, folder="/nb"))}
    with closing(Helper(ChildLimits(seconds=20.0, memory_bytes=2 << 30), resident_bytes=40 << 20)) as apart:
        fetch = PoliteFetcher(site.base, FetchManners("ogi-test/1"), lambda url: True)
        result = probe(f"{site.base}/bm/", fetch, apart=apart)
        tried = try_lists(
            parse_definition(
                f'[portal]\nid = "x"\nname = "x"\nurl = "{site.base}"\nstart = ["{site.base}/costly/", "{site.base}/nb/"]'
            ),
            fetch,
            apart,
        )
    assert [column.url for column in result.columns] == [f"{site.base}/nb/"]
    assert any("more than 40 MiB of memory" in problem for problem in result.problems), result.problems
    assert [column.whole for column in tried] == [False, True]
    assert "more than 40 MiB of memory" in tried[0].reason


def test_a_page_of_leads_without_end_is_cut_and_said(site: Site) -> None:
    links = menu(("/nb/", "政府信息公开年报"), *((f"/{n}/", "信息公开年报") for n in range(MOST_LEADS + 100)))
    site.pages = {"/": Page(links), "/nb/": Page(rows(2, folder="/nb"))}
    result = run_probe(site.base + "/", SearchLimits(requests=5))
    assert f"{site.base}/nb/" in {column.url for column in result.columns}
    assert any(f"more than {MOST_LEADS} links" in problem for problem in result.problems)


def test_definition_is_accepted_by_the_loader(site: Site, tmp_path: Path) -> None:
    site.pages = {
        "/": Page(menu(("/zfxxgk/", "政府信息公开"))),
        "/zfxxgk/": Page(menu(("/zfxxgk/nb/", "政府信息公开年报"))),
        "/zfxxgk/nb/": Page(rows(3)),
    }
    result = run_probe(site.base + "/")
    (tmp_path / "found.toml").write_text(result.definition, encoding="utf-8")
    (definition,) = load_portals([tmp_path])
    assert definition.start == (f"{site.base}/zfxxgk/nb/",)
    assert definition.name == "示例市人民政府"
    assert "guess" in result.definition
    assert all(line.count("#") for line in result.definition.splitlines() if "示例市" in line)


def test_false_friends_in_the_menu_are_not_columns(site: Site) -> None:
    site.pages = {
        "/": Page(
            menu(
                ("/zfwzndbb/", "政府网站工作年度报表"),
                ("/fz/", "法治政府建设年度报告"),
                ("/nb/", "政府信息公开年报"),
                ("/zfgzbg/", "政府工作报告"),
            )
        ),
        "/nb/": Page(rows(2, folder="/nb")),
        "/zfwzndbb/": Page(rows(2)),
    }
    result = run_probe(site.base + "/")
    assert [column.url for column in result.columns] == [f"{site.base}/nb/"]
    assert "/zfwzndbb/" not in site.paths()
    assert "/fz/" not in site.paths()


def test_units_are_walked_one_level(site: Site) -> None:
    site.pages = {
        "/": Page(menu(("/nb/", "政府信息公开年报"), ("/bm/", "部门信息公开"))),
        "/nb/": Page(rows(2, folder="/nb")),
        "/bm/": Page(menu(("/mzj/", "民政局"), ("/jyj/", "教育局"), ("/gz/", "古镇镇"))),
        "/mzj/": Page(menu(("/mzj/xxgknb_44/", "信息公开年报"))),
        "/jyj/": Page(menu(("/jyj/jj/", "教育局简介"))),
        "/gz/": Page(menu(("/gz/a7/", "政府信息公开工作年度报告"))),
        "/mzj/xxgknb_44/": Page(rows(2, "示例市民政局", "/mzj/xxgknb_44")),
        "/gz/a7/": Page(rows(1, "古镇镇", "/gz/a7")),
    }
    result = run_probe(site.base + "/")
    assert {(column.url.removeprefix(site.base), column.unit) for column in result.columns} == {
        ("/nb/", ""),
        ("/mzj/xxgknb_44/", "民政局"),
        ("/gz/a7/", "古镇镇"),
    }
    assert {agency.name: agency.kind for agency in result.portal.agencies} == {
        "示例市人民政府": "government",
        "民政局": "department",
        "古镇镇": "township",
    }


def test_search_can_begin_on_any_page(site: Site) -> None:
    site.pages = {"/nb/": Page(rows(2, folder="/nb")), "/": Page(menu())}
    assert [column.url for column in run_probe(site.base + "/nb/").columns] == [f"{site.base}/nb/"]
    article = Page(report("示例市2019年政府信息公开工作年度报告", 1, links="<a href='/nb/'>政府信息公开年报</a>"))
    site.pages["/nb/202001/t20200120_1.html"] = article
    found = run_probe(site.base + "/nb/202001/t20200120_1.html")
    assert f"{site.base}/nb/" in [column.url for column in found.columns]


def test_column_without_a_title_of_a_report_is_dropped_with_a_note(site: Site) -> None:
    site.pages = {
        "/": Page(menu(("/nb/", "年度报告"), ("/zw/", "政务公开"))),
        "/zw/": Page(menu(("/nb/", "年报"))),
        "/nb/": Page(listing([("/nb/1234567/index.html", "2022年度企业年报公示", "2022-01-01")])),
    }
    result = run_probe(site.base + "/")
    assert result.columns == ()
    assert "no column of annual reports was found" in result.problems


def test_blocked_portal_is_blocked_and_left_alone(site: Site) -> None:
    challenge = "<script>document.cookie=('_')+('_')+('j')+('s')+('l');location.href=location.pathname</script>"
    site.pages = {"/": Page(challenge)}
    result = run_probe(site.base + "/")
    assert any("blocked:js-challenge" in problem for problem in result.problems)
    assert site.paths() == ["/robots.txt", "/"]


def test_robots_are_obeyed(site: Site) -> None:
    site.pages = {
        "/robots.txt": Page("User-agent: *\nDisallow: /nb/", headers={"Content-Type": "text/plain"}),
        "/": Page(menu(("/nb/", "政府信息公开年报"))),
        "/nb/": Page(rows(2)),
    }
    result = run_probe(site.base + "/")
    assert "/nb/" not in site.paths()
    assert any(problem.startswith(f"{site.base}/nb/: robots") for problem in result.problems)


def test_search_ends_at_its_limit_and_says_so(site: Site) -> None:
    site.pages = {
        "/": Page(menu(*((f"/zfxxgk{n}/", "信息公开") for n in range(30)))),
        **{f"/zfxxgk{n}/": Page(menu()) for n in range(30)},
    }
    result = run_probe(site.base + "/", SearchLimits(requests=5))
    assert any("after 5 requests" in problem for problem in result.problems)
    assert len(site.paths()) == 6


def test_counters_and_other_hosts_are_never_asked(site: Site) -> None:
    with serve_site() as other:
        other.pages = {"/nb/": Page(rows(2))}
        site.pages = {
            "/": Page(
                menu(
                    (f"{other.base}/nb/", "政府信息公开年报"),
                    ("/module/visitcount/visit.jsp?type=1", "政府信息公开年报"),
                    ("/go/", "信息公开年报"),
                )
            ),
            "/go/": Page("", 302, {"Location": f"{other.base}/nb/"}),
        }
        result = run_probe(site.base + "/")
        assert other.paths() == []
    assert not [path for path in site.paths() if "visitcount" in path]
    assert any("not on this portal" in problem for problem in result.problems)


def test_private_addresses_are_refused() -> None:
    fetch = PoliteFetcher("http://www.shili.gov.cn/", FetchManners("x"), lambda url: True)
    for url in (
        "http://127.0.0.1:1/",
        "http://10.1.2.3/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://localhost/",
    ):
        with pytest.raises(NotFetched, match="not asked"):
            fetch(NextRequest(url))


def test_a_cookie_test_is_passed_by_keeping_the_cookie(site: Site) -> None:
    def door(_: Site, asked: object) -> Page:
        cookie = getattr(asked, "headers", {}).get("cookie", "")
        return Page(menu()) if "CT6T=1" in cookie else Page("", 302, {"Location": "/", "Set-Cookie": "CT6T=1; path=/"})

    site.pages = {"/": door}
    page = PoliteFetcher(site.base, FetchManners("x"), lambda url: True)(NextRequest(site.base + "/"))
    assert page.status == 200


def test_saved_probe_replays_without_the_portal(site: Site, tmp_path: Path) -> None:
    site.pages = {
        "/": Page(menu(("/nb/", "政府信息公开年报"), ("/x/", "信息公开目录")), headers={"Set-Cookie": "secret=1"}),
        "/nb/": Page(rows(2, folder="/nb")),
    }
    first = run_probe(site.base + "/")
    file = tmp_path / "probe.json"
    save_report(first, file)
    asked = len(site.paths())
    again = replay(file)
    assert again.definition == first.definition
    assert again.columns == first.columns
    assert len(site.paths()) == asked
    saved = json.loads(file.read_text("utf-8"))
    assert {item["verdict"] for item in saved["exchanges"]} == {"ok", "gone?"}
    assert {item["family"] for item in saved["exchanges"]} >= {"trs"}
    assert "secret" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"format": "ogi-probe/9"}', '{"format": "ogi-probe/1", "exchanges": [{}]}']
)
def test_files_that_are_no_saved_probe(content: str, tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadReport, match=r"x\.json"):
        replay(file)


def test_command_prints_a_definition_and_saves_its_report(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.pages = {"/": Page(menu(("/nb/", "政府信息公开年报"))), "/nb/": Page(rows(2, folder="/nb"))}
    file = tmp_path / "report.json"
    assert run(["probe", site.base + "/", "--archive", str(tmp_path / "none"), "--report", str(file)]) == 0
    assert parse_definition(capsys.readouterr().out).start == (f"{site.base}/nb/",)
    assert run(["probe", str(file), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["platform"] == "trs"
    assert [column["url"] for column in document["columns"]] == [f"{site.base}/nb/"]


@pytest.mark.parametrize("url", ["www.shili.gov.cn", "ftp://a/", "http://", "http://a.gov.cn:99999/"])
def test_command_refuses_what_is_no_address(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["probe", url]) == 2
    assert capsys.readouterr().out == ""


def test_command_ends_with_1_when_nothing_is_found(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.pages = {"/": Page(menu())}
    assert run(["probe", site.base + "/"]) == 1
    captured = capsys.readouterr()
    assert parse_definition(captured.out).start == ()
    assert "no column" in captured.err


def test_discovery_takes_note_of_failures() -> None:
    search = Discovery.for_url("http://a.gov.cn/")
    (request,) = search.start()
    assert search.fail(request, "unreachable: timed out").finished
    assert search.problems == ["http://a.gov.cn/: unreachable: timed out"]


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("http://www.ouhai.gov.cn/", "ouhai"),
        ("http://zwgk.shili.gov.cn/x", "zwgk-shili"),
        ("http://127.0.0.1:8001/", "portal-127-0-0-1-8001"),
    ],
)
def test_ids_from_hosts(url: str, identifier: str) -> None:
    assert portal_id(url) == identifier


def test_search_from_a_report_finds_the_column_and_not_the_report(site: Site) -> None:
    title = "示例区民政局2020年政府信息公开工作年度报告"
    path = "/zwgk/zfxxgknb/202101/t20210120_1000.html"
    pager = "<a href='index_1.html'>1</a><a href='index_2.html'>2</a><a href='index_2.html'>下一页</a>"
    menu = "<a href='/zwgk/zfxxgknb/'>政府信息公开年报</a>"
    site.pages["/"] = Page(f"<html><title>示例区人民政府</title><body>{menu}</body></html>")
    site.pages["/zwgk/zfxxgknb/"] = Page(listing([(path, title, "2021-01-20")]).replace("</body>", f"{pager}</body>"))
    site.pages[path] = Page(report(title, 1).replace("<body>", f"<body>{menu}"))
    result = run_probe(site.base + path)
    assert result.portal.start == (f"{site.base}/zwgk/zfxxgknb/",)
    assert [agency.name for agency in result.portal.agencies]


def test_only_report_of_a_site_is_its_own_column(site: Site) -> None:
    site.pages["/gk/report.html"] = Page(report("示例区民政局2020年政府信息公开工作年度报告", 1))
    result = run_probe(f"{site.base}/gk/report.html")
    assert result.portal.start == (f"{site.base}/gk/report.html",)


@pytest.mark.parametrize(
    ("article", "column"),
    [
        ("/art/2021/1/20/art_1229179101_3100456.html", "/col/col1229179101/index.html"),
        ("/col/col1487002/art/2021/art_0a1b2c3d4e5f60718293a4b5c6d7e8f9.html", "/col/col1487002/index.html"),
        ("/zwgk/public/6600001/8811223.html", "/zwgk/public/column/6600001?type=3&action=list"),
        ("/slmzj/gkmlpt/content/4/4455/post_4455667.html", "/slmzj/gkmlpt/annualreport"),
    ],
)
def test_address_of_a_report_names_its_column(site: Site, article: str, column: str) -> None:
    site.pages[article] = Page(report("示例区民政局2020年政府信息公开工作年度报告", 1))
    run_probe(site.base + article, SearchLimits(requests=4))
    assert column in site.paths()
