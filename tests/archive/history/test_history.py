"""Attachments, several addresses of one report, moves of whole sites, unreadable pages, names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.index.database import open_index
from archive.index.rows import rows, value
from archive.warc.context import Entry, Role
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.model import Report
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, page, report

DAY = datetime(2021, 2, 1, 2, 0, 0, tzinfo=UTC)
URL = f"{BASE}/art/1.html"
FILE = f"{BASE}/art/report.docx"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LINK = '<p><a href="/art/report.docx">报告全文.docx</a></p>'
COVER = "<p>温州市瓯海区人民政府2020年政府信息公开工作年度报告见附件。本报告由温州市瓯海区人民政府编制，公众可以下载附件阅读全文，欢迎监督。</p>"


@pytest.fixture
def season(tmp_path: Path) -> Season:
    return Season(tmp_path / "archive")


def entry(url: str, what: Report) -> Entry:
    return Entry(url, what.title, "2021-01-20")


def list_figures(season: Season) -> list[str]:
    db = open_index(season.archive)
    found = [row["raw"] for row in rows(db, "SELECT raw FROM figures")]
    db.close()
    return found


def attachment(what: Report | None) -> Shown:
    return Shown(FILE, write_docx(what) if what else None, role=Role.ATTACHMENT, parent=URL, media_type=DOCX)


def test_figures_of_an_attachment_are_the_reports(season: Season) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what, body=COVER, links=LINK)), attachment(what)], [entry(URL, what)])
    found = season.reports()
    assert [one["agency"] for one in found] == [GOVERNMENT]
    db = open_index(season.archive)
    capture = value(db, "SELECT DISTINCT capture FROM figures")
    url = value(db, "SELECT url FROM captures WHERE id = ?", (capture,))
    count = value(db, "SELECT count(*) FROM figures")
    db.close()
    assert count == len(what.raws)
    assert url == FILE, "the evidence of a figure is the file that it was read from"


def test_attachment_replaced_under_its_address_is_revised(season: Season) -> None:
    what = report()
    address = ("applications", "received", "research")
    other = what.with_figure(address, "31")
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what, body=COVER, links=LINK)), attachment(what)], listed)
    season.run(DAY + timedelta(days=1), [Shown(URL), attachment(other)], listed)
    change = season.changes()[-1]
    assert change["kind"] == "revised"
    assert [(figure["table"], figure["row"], figure["column"]) for figure in change["figures"]] == [address]
    assert change["attachments"] == {"replaced": ["report.docx"]}


def test_file_that_was_first_fetched_later_is_no_revision(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]
    failed = Shown(FILE, None, "unreachable", 503, role=Role.ATTACHMENT, parent=URL)
    season.run(DAY, [Shown(URL, page(what, body=COVER, links=LINK)), failed], listed)
    assert not list_figures(season)
    season.run(DAY + timedelta(days=1), [Shown(URL), attachment(what)], listed)
    assert season.kinds() == [("published", 2020)]
    assert len(list_figures(season)) == len(what.raws)
    other = what.with_figure(("applications", "received", "research"), "31")
    season.run(DAY + timedelta(days=2), [Shown(URL), attachment(other)], listed)
    assert season.kinds() == [("published", 2020), ("revised", 2020)]
    assert len(season.changes()[-1]["figures"]) == 1


def test_file_with_another_session_in_its_address_at_every_visit_is_one_file(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]

    def shown(query: str, file: Report) -> list[Shown]:
        link = f'<p><a href="/art/report.docx{query}">report.docx</a></p>'
        address = Shown(f"{FILE}{query}", write_docx(file), role=Role.ATTACHMENT, parent=URL, media_type=DOCX)
        return [Shown(URL, page(what, body=COVER, links=link)), address]

    other = what.with_figure(("applications", "received", "research"), "31")
    for day, (query, file) in enumerate(
        [("", what), (";jsessionid=A1", what), ("?v=2", other), ("?_=0.31", other), (";jsessionid=B2", other)]
    ):
        season.run(DAY + timedelta(days=day), shown(query, file), listed)
    plain = '<p><a href="/art/report.docx">report.docx</a></p>'
    season.run(DAY + timedelta(days=9), [Shown(URL, page(what, body=COVER, links=plain))], listed)
    assert season.kinds() == [("published", 2020), ("revised", 2020)]
    assert season.changes()[-1]["attachments"] == {"replaced": ["report.docx"]}


def test_attachment_not_fetched_again_stays(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what, body=COVER, links=LINK)), attachment(what)], listed)
    season.run(DAY + timedelta(days=1), [Shown(URL, page(what, body=COVER, links=LINK, noise="二"))], listed)
    assert season.kinds() == [("published", 2020)]


def test_attachment_taken_from_the_page_is_revised(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what, links=LINK)), attachment(what)], listed)
    season.run(DAY + timedelta(days=1), [Shown(URL, page(what))], listed)
    change = season.changes()[-1]
    assert (change["kind"], change["figures"]) == ("revised", [])
    assert change["attachments"] == {"removed": ["report.docx"]}


def test_another_day_of_publication_on_the_page_is_revised_with_both_days(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what, published="2021-04-12"))], listed)
    season.run(DAY + timedelta(days=1), [Shown(URL, page(what, published="2021-03-30"))], listed)
    season.run(DAY + timedelta(days=2), [Shown(URL, page(what, published="2021-03-30", noise="三"))], listed)
    [published, change] = season.changes()
    assert (published["kind"], change["kind"]) == ("published", "revised")
    assert (change["figures"], change["text"]) == ([], {"added": 0, "removed": 0})
    assert change["published_on"] == {"before": "2021-04-12", "after": "2021-03-30"}
    assert season.reports()[0]["published_on"] == "2021-03-30"


def test_a_clock_and_a_day_printed_elsewhere_revise_nothing(season: Season) -> None:
    what = report()
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what, published="2021-01-20"))], listed)
    for day in (1, 2):
        clock = f"{DAY + timedelta(days=day):%Y-%m-%d}"
        season.run(DAY + timedelta(days=day), [Shown(URL, page(what, published=clock))], listed)
    other_place = page(what, published="2021-01-28").replace(b'name="PubDate"', b'name="Date"')
    season.run(DAY + timedelta(days=3), [Shown(URL, other_place)], listed)
    assert season.kinds() == [("published", 2020)]


def test_two_addresses_in_one_pass_are_one_report(season: Season) -> None:
    what = report()
    entries = [entry(URL, what), Entry(FILE, what.title)]
    season.run(DAY, [Shown(URL, page(what)), Shown(FILE, write_docx(what), media_type=DOCX)], entries)
    assert season.kinds() == [("published", 2020)]
    assert len(season.reports()) == 1


def test_sibling_takes_over_after_the_second_look(season: Season) -> None:
    what = report()
    entries = [entry(URL, what), Entry(FILE, what.title)]
    season.run(DAY, [Shown(URL, page(what)), Shown(FILE, write_docx(what), media_type=DOCX)], entries)
    primary = season.reports()[0]["url"]
    sibling = FILE if primary == URL else URL
    gone = Shown(primary, GONE_PAGE, "gone?", 404)
    season.run(DAY + timedelta(days=1), [gone, Shown(sibling)], entries)
    assert season.kinds() == [("published", 2020)]
    season.run(DAY + timedelta(days=2), [gone, Shown(sibling)], entries)
    assert season.kinds() == [("published", 2020), ("moved", 2020)]
    assert season.reports()[0]["url"] == sibling


def test_correction_beside_the_report_is_a_revision(season: Season) -> None:
    what = report()
    fixed = what.with_figure(("applications", "received", "research"), "31")
    second = f"{BASE}/art/2.html"
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    season.run(
        DAY + timedelta(days=1),
        [Shown(second, page(fixed, title=f"{what.title}（更正）"))],
        [entry(URL, what), Entry(second, f"{what.title}（更正）")],
    )
    assert season.kinds() == [("published", 2020), ("revised", 2020)]
    assert season.reports()[0]["url"] == second


def test_move_of_a_whole_site_moves_every_report(season: Season) -> None:
    years = [(2019, 3), (2020, 4)]
    reports = [report(GOVERNMENT, year, seed) for year, seed in years] + [report(BUREAU, 2020, 5)]
    old = [f"{BASE}/old/{number}.html" for number in range(3)]
    new = [f"{BASE}/new/c100/{number}.html" for number in range(3)]
    season.run(
        DAY,
        [Shown(url, page(what)) for url, what in zip(old, reports, strict=True)],
        [entry(url, what) for url, what in zip(old, reports, strict=True)],
    )
    listed = [entry(url, what) for url, what in zip(new, reports, strict=True)]
    season.run(
        DAY + timedelta(days=1),
        [Shown(url, page(what, noise="新版")) for url, what in zip(new, reports, strict=True)]
        + [Shown(url, GONE_PAGE, "moved", 302) for url in old],
        None,
        columns={f"{BASE}/new/list.html": listed},
    )
    season.run(DAY + timedelta(days=2), [Shown(url, GONE_PAGE, "moved", 302) for url in old], None)
    kinds = [kind for kind, _ in season.kinds()]
    assert kinds == ["published"] * 3 + ["moved"] * 3
    assert {one["url"] for one in season.reports()} == set(new)


def test_list_that_names_another_address_moves_although_the_old_one_answers(season: Season) -> None:
    what = report()
    second = f"{BASE}/art/2.html"
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL), Shown(second, page(what, noise="二"))], [entry(second, what)])
    assert season.kinds() == [("published", 2020), ("moved", 2020)]


def test_page_without_its_report_is_said_and_changes_nothing(season: Season) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    other = "<html><body><div class='nav'>首页</div><p>系统升级</p></body></html>".encode()
    season.run(DAY + timedelta(days=1), [Shown(URL, other)], [entry(URL, what)])
    assert season.kinds() == [("published", 2020)]
    db = open_index(season.archive)
    codes = [notice["code"] for notice in rows(db, "SELECT code FROM notices WHERE url = ?", (URL,))]
    last_seen = value(db, "SELECT last_seen FROM reports")
    db.close()
    assert codes == ["withdrawn"], "the page is quoted, and nothing follows from one look"
    assert last_seen.startswith("2021-02-01"), "a page without the report is no sight of it"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<script>alert('该信息已下架');history.go(-1)</script>", "text/html"),
        ('{"code":404,"msg":"资源不存在","data":null}', "application/json"),
        ("该文档已被撤回", "text/plain; charset=utf-8"),
    ],
)
def test_what_has_no_page_around_it_is_a_look_that_the_report_is_gone(season: Season, body: str, kind: str) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    for day in (1, 2):
        season.run(DAY + timedelta(days=day), [Shown(URL, body.encode(), media_type=kind)], [])
        seen = season.reports()[0]["status"]
        assert seen == ("suspect" if day == 1 else "vanished")
    season.run(DAY + timedelta(days=4), [Shown(URL, page(what))], [entry(URL, what)])
    assert season.reports()[0]["status"] == "present"
    assert [kind for kind, _ in season.kinds()] == ["published", "vanished", "restored"]


def test_half_a_page_without_its_end_says_nothing(season: Season) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL, b"<html><body><div class='nav'>")], [])
    assert season.reports()[0]["status"] == "present"


def test_decoy_is_no_report_but_a_notice(season: Season) -> None:
    decoy = "<html><head><meta name='ArticleTitle' content='政府网站工作年度报表'></head><body><div class='article'><p>本年度网站访问量 300</p></div></body></html>"
    season.run(DAY, [Shown(URL, decoy.encode())], [Entry(URL, "2020年政府网站工作年度报表")])
    assert season.reports() == []
    db = open_index(season.archive)
    assert value(db, "SELECT code FROM notices") == "not-a-report"
    db.close()


def test_alias_and_longer_name_are_one_agency(season: Season) -> None:
    first, second = report("瓯海区人民政府", 2019, 3), report("浙江省温州市瓯海区人民政府", 2020, 4)
    urls = [f"{BASE}/a.html", f"{BASE}/b.html"]
    season.run(
        DAY,
        [Shown(urls[0], page(first)), Shown(urls[1], page(second))],
        [entry(urls[0], first), entry(urls[1], second)],
    )
    assert {(one["agency"], one["year"]) for one in season.reports()} == {(GOVERNMENT, 2019), (GOVERNMENT, 2020)}


def test_agency_found_on_the_portal_is_proposed(season: Season) -> None:
    what = report("温州市瓯海区民政局", 2020, 5)
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    db = open_index(season.archive)
    found = rows(db, "SELECT kind, source, since, region FROM agencies WHERE name = '温州市瓯海区民政局'")
    db.close()
    assert found == [{"kind": "department", "source": "found", "since": 2020, "region": "330304"}]


def test_list_title_alone_changes_nothing(season: Season) -> None:
    what = report()
    season.run(DAY, [Shown(URL, page(what))], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL)], [Entry(URL, "2020年年报（新标题）", "2021-01-21")])
    assert season.kinds() == [("published", 2020)]


def test_copy_of_a_known_payload_is_read_through_its_original(season: Season) -> None:
    what = report()
    body = page(what)
    copy = f"{BASE}/mobile/1.html"
    season.run(DAY, [Shown(URL, body)], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL), Shown(copy, body)], [entry(URL, what), entry(copy, what)])
    db = open_index(season.archive)
    kinds = rows(db, "SELECT kind FROM captures WHERE url = ?", (copy,))
    documents = rows(db, "SELECT url FROM documents ORDER BY url")
    db.close()
    assert kinds == [{"kind": "revisit"}]
    assert [document["url"] for document in documents] == [URL, copy]
    assert season.kinds() == [("published", 2020)]


def test_answer_that_fills_a_shell_is_the_page_not_a_file(season: Season) -> None:
    what = report()
    shell = "<html><head><title>政府信息公开年报</title></head><body><div id='app'></div></body></html>".encode()
    detail = f"{BASE}/api/detail?id=1"

    def answer(hits: str) -> Shown:
        return Shown(detail, page(what, noise=hits), role=Role.ATTACHMENT, parent=URL)

    season.run(DAY, [Shown(URL, shell), answer("一")], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL), answer("二三四")], [entry(URL, what)])
    assert season.kinds() == [("published", 2020)]
    edited = what.with_figure(("applications", "received", "research"), "31")
    season.run(
        DAY + timedelta(days=2),
        [Shown(URL), Shown(detail, page(edited), role=Role.ATTACHMENT, parent=URL)],
        [entry(URL, what)],
    )
    change = season.changes()[-1]
    assert (change["kind"], len(change["figures"])) == ("revised", 1)
    assert "attachments" not in change


def test_unreadable_file_replaced_is_revised(season: Season) -> None:
    what = report()
    rar = f"{BASE}/art/more.rar"
    link = f'<p><a href="{rar}">附件.rar</a></p>'

    def file(body: bytes) -> Shown:
        return Shown(rar, body, role=Role.ATTACHMENT, parent=URL, media_type="application/octet-stream")

    season.run(DAY, [Shown(URL, page(what, links=link)), file(b"Rar!\x1a\x07\x01" + b"a" * 400)], [entry(URL, what)])
    season.run(DAY + timedelta(days=1), [Shown(URL), file(b"Rar!\x1a\x07\x01" + b"b" * 400)], [entry(URL, what)])
    change = season.changes()[-1]
    assert (change["kind"], change["figures"], change["attachments"]) == ("revised", [], {"replaced": ["more.rar"]})


def test_address_that_leads_to_another_is_moved_and_not_counted_any_more(season: Season) -> None:
    what = report()
    second = f"{BASE}/new/1.html"
    listed = [entry(URL, what)]
    season.run(DAY, [Shown(URL, page(what))], listed)
    there = Shown(second, page(what, noise="新"), entry=listed[0])
    hop = Shown(URL, b"<html>moved</html>", verdict="redirect", status=301)
    season.run(DAY + timedelta(days=1), [hop, there, Shown(URL, None, answer=there.body)], listed)
    season.run(DAY + timedelta(days=2), [Shown(URL, None, answer=there.body), Shown(second)], listed)
    assert season.kinds() == [("published", 2020), ("moved", 2020)]
    assert season.reports()[0]["url"] == second
    for day in (3, 4):
        gone = [Shown(URL, None, "gone?", 404), Shown(second, GONE_PAGE, "gone?", 404)]
        season.run(DAY + timedelta(days=day), gone, [])
    assert [kind for kind, _ in season.kinds()] == ["published", "moved", "vanished"]
