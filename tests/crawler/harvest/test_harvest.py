"""Whole harvests against a portal on loopback, through the coordinator and its job processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import SystemClock, clock_at
from archive.errors import ArchiveBusy, BadSettings
from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.known import known_captures
from archive.verify.run import VerifyOptions, verify
from archive.warc.records import Record, iter_records
from crawler.harvest.run import HarvestSummary, harvest, plan_jobs
from crawler.passes.schedule_of_visits import SPOT_CHECKS
from crawler.portals.definitions import load_portals, parse_definition
from tests.crawler.sites import Page, Site, listing, report, serve_site


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as served:
        yield served


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.create(tmp_path / "archive")


def run(
    archive: Archive, site: Site, *, full: bool = False, at: str | None = None, delay: float = 0.0, more: str = ""
) -> HarvestSummary:
    portal = parse_definition(site.definition(delay=delay, more=more))
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None
    return harvest(archive, [portal], clock=clock_at(moment), full=full)


def records(archive: Archive) -> list[Record]:
    return [record for path in sorted(archive.warc_dir.glob("*.warc.gz")) for record in iter_records(path)]


def size(archive: Archive) -> int:
    """Bytes of what was captured; what each pass says of the archive's state (proof segments) is as large whatever was captured."""
    return sum(path.stat().st_size for path in archive.warc_dir.iterdir() if "-proof." not in path.name)


def rows(archive: Archive, sql: str) -> list[dict[str, object]]:
    db = open_index(archive)
    try:
        return list(db.query(sql))
    finally:
        db.close()


def visits(archive: Archive) -> list[dict[str, object]]:
    logs = [record for record in records(archive) if record.uri.endswith(":visits")]
    return [json.loads(line) for log in logs for line in log.block.splitlines()]


def command(archive: Archive, definitions: Path, *more: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "crawler",
        "harvest",
        "--archive",
        str(archive.root),
        "--portals",
        str(definitions),
        *more,
    ]


def until(condition: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about"
        time.sleep(0.02)


def test_second_pass_over_an_unchanged_portal_asks_for_the_list_only_and_adds_next_to_nothing(
    archive: Archive, site: Site
) -> None:
    site.list_reports(60)
    first = run(archive, site)
    before = size(archive)
    assert first.is_ok
    assert first.portals[0].reports == {"new": 60}
    assert site.max_busy == 1
    site.forget()

    second = run(archive, site)

    assert second.is_ok
    assert second.portals[0].reports == {"not due": 60 - SPOT_CHECKS, "same": SPOT_CHECKS}
    assert site.paths()[:2] == ["/robots.txt", "/nb/"]
    assert len([path for path in site.paths() if path.startswith("/nb/2")]) == SPOT_CHECKS
    assert (size(archive) - before) / before < 0.02
    assert rows(archive, "SELECT count(*) AS n FROM changes WHERE kind <> 'published'") == [{"n": 0}]
    assert verify(archive).is_whole


def test_full_pass_notices_an_edit_and_stores_nothing_for_what_is_the_same(archive: Archive, site: Site) -> None:
    site.list_reports(5)
    run(archive, site)
    path = "/nb/202101/t20210120_1003.html"
    page = site.pages[path]
    assert isinstance(page, Page)
    assert isinstance(page.body, str)
    site.pages[path] = Page(page.body.replace("回应群众关切", "回应企业关切", 1))

    summary = run(archive, site, full=True)

    assert summary.portals[0].reports == {"same": 4, "stored": 1}
    stored = Counter(record.uri for record in records(archive) if record.type == "response")
    assert stored[site.base + path] == 2
    assert stored[site.base + "/nb/202101/t20210120_1001.html"] == 1
    assert [line["c"] for line in visits(archive) if line.get("u") == site.base + "/nb/202101/t20210120_1001.html"] == [
        "new",
        "same",
    ]
    assert [row["kind"] for row in rows(archive, "SELECT kind FROM changes WHERE kind <> 'published'")] == ["revised"]


def test_validators_are_used_and_a_list_that_answers_304_is_read_from_the_archive(archive: Archive, site: Site) -> None:
    site.list_reports(4)

    def with_etag(page: Page) -> Callable[[Site, object], Page]:
        def answer(_: Site, asked: object) -> Page:
            if asked.headers.get("if-none-match") == '"1"':  # type: ignore[attr-defined]
                return Page(b"", 304, {"ETag": '"1"'})
            return Page(page.body, 200, {"ETag": '"1"'})

        return answer

    for path, page in list(site.pages.items()):
        assert isinstance(page, Page)
        site.pages[path] = with_etag(page)
    run(archive, site)
    summary = run(archive, site, full=True)

    assert summary.is_ok
    assert summary.portals[0].listed == 4
    assert summary.portals[0].reports == {"same": 4}
    assert Counter(line["c"] for line in visits(archive) if line["k"] == "v" and line["s"] == 304)["304"] == 5
    assert not [record for record in records(archive) if record.http_status == 304]


def test_reports_that_a_complete_list_no_longer_names_are_looked_at_at_once(archive: Archive, site: Site) -> None:
    site.list_reports(3)
    run(archive, site)
    gone, kept = "/nb/202101/t20210120_1000.html", "/nb/202101/t20210120_1001.html"
    del site.pages[gone]
    site.pages["/nb/"] = Page(
        listing([("/nb/202101/t20210120_1002.html", "示例区第2局2006年政府信息公开工作年度报告", "2021-01-20")])
    )
    site.forget()

    run(archive, site)
    assert {gone, kept} <= set(site.paths())
    run(archive, site, at=(datetime.now(UTC) + timedelta(days=1)).isoformat())  # the second look

    kinds = Counter(row["kind"] for row in rows(archive, "SELECT kind FROM changes"))
    assert kinds == {"published": 3, "delisted": 1, "vanished": 1}


def test_attachments_are_fetched_with_their_page_and_again_when_it_is_due(archive: Archive, site: Site) -> None:
    title = "示例区2020年政府信息公开工作年度报告"
    site.pages["/nb/"] = Page(listing([("/nb/202101/t20210120_1.html", title, "2021-01-20")]))
    site.pages["/nb/202101/t20210120_1.html"] = Page(
        report(title, 1, links='<p><a href="./P020210120.pdf">附件.pdf</a></p>')
    )
    site.pages["/nb/202101/P020210120.pdf"] = Page(
        b"%PDF-1.4\n" + b"1" * 2000, headers={"Content-Type": "application/pdf"}
    )
    first = run(archive, site, at="2021-01-21T02:00:00")
    site.pages["/nb/202101/P020210120.pdf"] = Page(
        b"%PDF-1.4\n" + b"2" * 2000, headers={"Content-Type": "application/pdf"}
    )
    second = run(archive, site, at="2021-01-22T02:00:00")

    assert first.portals[0].attachments == {"new": 1}
    assert second.portals[0].attachments == {"stored": 1}
    captures = [record for record in records(archive) if record.type == "response" and record.uri.endswith(".pdf")]
    assert len(captures) == 2
    assert captures[0].context is not None
    assert captures[0].context.parent == site.base + "/nb/202101/t20210120_1.html"
    asked = site.requests("/nb/202101/P020210120.pdf")[0]
    assert asked.headers["referer"] == site.base + "/nb/202101/t20210120_1.html"


@pytest.mark.slow
def test_kill_at_any_moment_then_the_same_command_loses_nothing(archive: Archive, site: Site, tmp_path: Path) -> None:
    site.list_reports(40)
    for number in range(0, 40, 4):  # every fourth has a file
        path = f"/nb/202101/t20210120_{1000 + number}.html"
        page = site.pages[path]
        assert isinstance(page, Page)
        assert isinstance(page.body, str)
        link = f'<p><a href="./P{number}.pdf">附件.pdf</a></p>'
        site.pages[path] = Page(page.body.replace("</div>", f"{link}</div>"))
        site.pages[f"/nb/202101/P{number}.pdf"] = Page(f"%PDF-1.4\n{number}".encode() + b"0" * 3000)
    definitions = tmp_path / "site.toml"
    definitions.write_text(site.definition(delay=0.01), "utf-8")
    for stop_at in (9, 15, 24):
        site.forget()
        process = subprocess.Popen(command(archive, definitions), start_new_session=True, stderr=subprocess.DEVNULL)
        until(lambda goal=stop_at: len(site.requests()) >= goal, f"{stop_at} requests")  # type: ignore[misc]
        job = _children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        for pid in job[: stop_at % 2]:  # sometimes the job dies too, sometimes it is orphaned
            os.kill(pid, signal.SIGKILL)
        process.wait()
    finished = subprocess.run(command(archive, definitions, "--json"), capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    stored = Counter(
        record.uri for record in records(archive) if record.type == "response" and record.http_status == 200
    )
    for number in range(40):
        assert stored[f"{site.base}/nb/202101/t20210120_{1000 + number}.html"] >= 1
    for number in range(0, 40, 4):
        assert stored[f"{site.base}/nb/202101/P{number}.pdf"] >= 1
    twice = [uri for uri, count in stored.items() if count > 1 and "/t2021" in uri]
    assert len(twice) <= 6
    assert verify(archive).is_whole
    assert rows(archive, "SELECT count(*) AS n FROM changes") == [{"n": 40}]


def test_job_whose_harvest_died_before_it_began_leaves_at_once(archive: Archive, site: Site) -> None:
    """Also in the moment between the spider's opening and the engine's start, when Scrapy can't be stopped."""
    site.list_reports(40)
    portal = parse_definition(site.definition(delay=0.5))
    with archive.lock():
        planned = plan_jobs(archive, [portal], "20210120T020000Z-0000", SystemClock())
    ((folder, _),) = planned.values()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    job = [sys.executable, "-m", "crawler.harvest.job", str(folder / "job.json"), str(gone.pid)]
    done = subprocess.run(job, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert "is gone" in done.stderr
    assert len(site.requests()) <= 2


def _children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it ended meanwhile
            if int(fields[1]) == parent:
                found.append(int(entry.name))
    return found


@pytest.mark.slow
def test_sigterm_ends_a_harvest_in_good_order(archive: Archive, site: Site, tmp_path: Path) -> None:
    site.list_reports(50)
    definitions = tmp_path / "site.toml"
    definitions.write_text(site.definition(delay=0.05), "utf-8")
    process = subprocess.Popen(command(archive, definitions), stderr=subprocess.PIPE, text=True)
    until(lambda: len(site.requests()) >= 15, "15 requests")
    process.terminate()
    _, said = process.communicate(timeout=40)

    assert process.returncode == 130, said
    assert not list(archive.warc_dir.glob("*.open"))
    assert not (archive.root / ".work").exists()
    captured = rows(archive, "SELECT count(*) AS n FROM reports")[0]["n"]
    assert isinstance(captured, int)
    assert 5 <= captured < 50
    assert rows(archive, "SELECT is_ok, reason FROM portal_passes") == [{"is_ok": 0, "reason": "interrupted"}]


def test_a_second_harvest_of_the_same_archive_leaves(archive: Archive, site: Site, tmp_path: Path) -> None:
    site.list_reports(1)
    definitions = tmp_path / "site.toml"
    definitions.write_text(site.definition(), "utf-8")
    with archive.lock():
        other = subprocess.run(command(archive, definitions), capture_output=True, text=True, check=False)
        with pytest.raises(ArchiveBusy):
            harvest(Archive.open(archive.root), load_portals([definitions]), clock=SystemClock())
    assert other.returncode == 2
    assert "in use" in other.stderr
    assert len(other.stderr.strip().splitlines()) == 1
    assert not site.requests()


def test_a_real_portal_is_not_asked_without_a_contact_or_by_a_simulated_clock(archive: Archive) -> None:
    portal = parse_definition('[portal]\nid = "real"\nname = "某"\nurl = "http://www.example.gov.cn/"\n')
    with pytest.raises(BadSettings, match=r"operator\.contact"):
        harvest(archive, [portal], clock=SystemClock())
    with pytest.raises(BadSettings, match="simulated"):
        harvest(archive, [portal], clock=clock_at(datetime(2021, 3, 1, tzinfo=UTC)))


def test_robots_txt_that_answers_503_keeps_us_out_and_fails_the_pass(archive: Archive, site: Site) -> None:
    site.list_reports(2)
    site.pages["/robots.txt"] = Page("<html>503</html>", 503)
    summary = run(archive, site)

    assert not summary.is_ok
    assert set(site.paths()) == {"/robots.txt"}
    assert "robots" in summary.portals[0].reason
    assert {line["v"] for line in visits(archive) if line.get("r") == "list"} == {"robots"}


def test_challenge_in_place_of_robots_txt_keeps_us_out_by_its_own_name(archive: Archive, site: Site) -> None:
    site.list_reports(2)
    challenge = "<script>document.cookie=('_')+('_')+('j')+('sl');location.href=location.pathname</script>"
    site.pages["/robots.txt"] = Page(challenge, 521)
    summary = run(archive, site)

    assert set(site.paths()) == {"/robots.txt"}
    assert {line["v"] for line in visits(archive) if line.get("r") == "list"} == {"blocked:js-challenge"}
    assert "blocked:js-challenge" in summary.portals[0].reason


def test_robots_rules_and_crawl_delay_are_kept(archive: Archive, site: Site) -> None:
    site.list_reports(3)
    forbidden = "/nb/202101/t20210120_1001.html"
    site.pages["/robots.txt"] = Page(f"User-agent: *\nDisallow: {forbidden}\nCrawl-delay: 0.4\n".encode())
    summary = run(archive, site)

    assert forbidden not in site.paths()
    assert "robots" in summary.portals[0].reason
    assert min(site.gaps()) >= 0.4  # that of robots.txt itself counts
    robots = [record for record in records(archive) if record.type == "response" and record.uri.endswith("robots.txt")]
    assert [record.context.role.value for record in robots if record.context] == ["robots"]


def test_counters_and_other_hosts_are_never_asked_for_redirects_included(archive: Archive, site: Site) -> None:
    with serve_site() as stranger:
        stranger.pages["/steal"] = Page("no")
        title = "示例区2020年政府信息公开工作年度报告"
        rows_ = [
            ("/nb/202101/t20210120_1.html", title, "2021-01-20"),
            (f"{stranger.base}/steal", "示例区2019年政府信息公开工作年度报告", "2020-01-20"),
            ("/nb/202101/t20210120_2.html", "示例区2018年政府信息公开工作年度报告", "2019-01-20"),
            ("/nb/202101/t20210120_3.html", "示例区2017年政府信息公开工作年度报告", "2018-01-20"),
        ]
        links = (
            f'<iframe src="/module/visitcount/visit.jsp?type=3"></iframe><script src="/module/visitcount/articlehits.jsp?id=1"></script>'
            f'<a href="{stranger.base}/steal/P1.pdf">附件.pdf</a><a href="http://localhost.:9/P2.pdf">附件2.pdf</a>'
        )
        site.pages["/nb/"] = Page(listing(rows_))
        site.pages["/nb/202101/t20210120_1.html"] = Page(report(title, 1, links=links))
        site.pages["/nb/202101/t20210120_2.html"] = Page("", 302, {"Location": f"{stranger.base}/steal"})
        site.pages["/nb/202101/t20210120_3.html"] = Page("", 302, {"Location": "/module/visitcount/visit.jsp?type=3"})
        run(archive, site)

        assert not stranger.requests()
        assert not [path for path in site.paths() if "visitcount" in path]


def test_a_plain_cookie_check_is_passed_and_endless_redirects_end(archive: Archive, site: Site) -> None:
    site.list_reports(2)
    page = site.pages["/nb/202101/t20210120_1000.html"]

    def gate(_: Site, asked: object) -> Page:
        if "CT6T=1" in asked.headers.get("cookie", ""):  # type: ignore[attr-defined]
            assert isinstance(page, Page)
            return page
        return Page("", 302, {"Location": "/nb/202101/t20210120_1000.html", "Set-Cookie": "CT6T=1; Path=/"})

    site.pages["/nb/202101/t20210120_1000.html"] = gate
    loop = "/nb/202101/t20210120_1001.html"
    site.pages[loop] = Page("", 302, {"Location": loop, "Set-Cookie": "C3VK=abc; Path=/"})
    summary = run(archive, site)

    assert summary.portals[0].reports == {"new": 1, "failed": 1}
    assert "blocked:js-challenge" in summary.portals[0].reason
    assert len(site.requests(loop)) <= 3


def test_unmet_expectations_make_a_failed_pass_and_no_news_of_vanished_reports(archive: Archive, site: Site) -> None:
    site.list_reports(4)
    assert run(archive, site, more="\n[expect]\nmin_reports = 4\n").is_ok
    site.pages["/nb/"] = Page(
        listing([("/nb/202101/t20210120_1002.html", "示例区第2局2006年政府信息公开工作年度报告", "2021-01-20")])
    )
    summary = run(archive, site, more="\n[expect]\nmin_reports = 4\nnewest_year = 2030\n")

    assert not summary.is_ok
    assert "at least 4 expected" in summary.portals[0].reason
    assert "2030" in summary.portals[0].reason
    assert rows(archive, "SELECT DISTINCT kind FROM changes") == [{"kind": "published"}]
    assert [row["is_complete"] for row in rows(archive, "SELECT is_complete FROM lists ORDER BY at, run")] in (
        [1, 0],
        [0, 1],
    )


def test_a_blocking_host_is_left_alone_after_a_few_requests(archive: Archive, site: Site) -> None:
    site.list_reports(12)
    for path in list(site.pages):
        if path.startswith("/nb/2"):
            site.pages[path] = Page(
                "<html><head><title>访问被拦截</title></head><body>CloudWAF 事件ID 123</body></html>", 403
            )
    summary = run(archive, site)

    assert not summary.is_ok
    assert "blocked:waf" in summary.portals[0].reason
    assert len([path for path in site.paths() if path.startswith("/nb/2")]) == 3
    assert summary.portals[0].reports == {"failed": 3, "left": 9}


def test_same_payload_under_another_address_becomes_a_revisit_record(archive: Archive, site: Site) -> None:
    site.list_reports(2)
    site.pages["/nb/202101/t20210120_1001.html"] = site.pages["/nb/202101/t20210120_1000.html"]
    run(archive, site)

    (revisit,) = [record for record in records(archive) if record.type == "revisit"]
    assert revisit.uri.endswith("_1001.html")
    assert revisit.refers_to is not None
    assert revisit.refers_to.url.endswith("_1000.html")
    db = open_index(archive)
    try:
        assert {item.url for item in known_captures(db, ["site"])} >= {revisit.uri}
    finally:
        db.close()


def test_passes_of_the_same_second_are_folded_in_their_order_again(archive: Archive, site: Site) -> None:
    for count in (0, 1, 2, 3):
        site.list_reports(count)
        run(archive, site, full=True, at="2021-03-02T02:00:00")
    assert verify(archive, VerifyOptions(deep=True)).is_whole
