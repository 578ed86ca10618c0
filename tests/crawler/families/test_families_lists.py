"""Lists of every family, with each trap of the field guide as a recorded case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from crawler.families import open_walk
from crawler.families.detect import detect
from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.families.recorded import PAGES, cases, walk_case

if TYPE_CHECKING:
    from pathlib import Path

LISTS = cases("column")


@pytest.mark.parametrize("case", LISTS, ids=lambda case: str(case.relative_to(PAGES)))
def test_list_is_read_as_recorded(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    outcome = walk_case(case, expected)
    assert [entry.to_json() for entry in outcome.entries] == expected["entries"]
    assert outcome.last is not None
    assert outcome.last.finished
    assert outcome.last.complete is expected["complete"], outcome.last.reason
    assert expected.get("reason", "") in outcome.last.reason
    if not expected["complete"]:
        assert outcome.last.reason
    if "requests" in expected:
        assert [request.url.partition("#")[0] for request in outcome.requests] == expected["requests"]
    if "family" in expected:
        assert expected["family"] in outcome.families
    if "attachments" in expected:
        assert [list(pair) for pair in outcome.attachments] == expected["attachments"]


def test_every_family_has_cases() -> None:
    assert {case.parent.name for case in LISTS} >= {
        "trs", "jcms", "jpaas", "gkmlpt", "nfcms", "ucap", "lonsun", "vsb", "front-api", "jiangxi", "static",
    }  # fmt: skip


@pytest.mark.parametrize(
    "case", [case for case in LISTS if (case.parent.name != "static")], ids=lambda case: str(case.relative_to(PAGES))
)
def test_named_family_reads_what_detection_reads(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    expected["given"] = case.parent.name
    outcome = walk_case(case, expected)
    assert [entry.to_json() for entry in outcome.entries] == expected["entries"]


def test_column_rebuilt_with_another_system_is_read_by_detection() -> None:
    case = PAGES / "jpaas" / "three-units"
    expected = json.loads((case / "expected.json").read_text("utf-8")) | {"given": "jcms"}
    assert [entry.to_json() for entry in walk_case(case, expected).entries] == expected["entries"]


def _page(url: str, body: str, request: NextRequest | None = None, status: int = 200) -> PageBytes:
    return PageBytes(url, status, (), body.encode(), request or NextRequest(url))


def test_answer_nobody_asked_for_changes_nothing() -> None:
    walk = open_walk("auto", "http://a.gov.cn/nb/")
    walk.start()
    step = walk.feed(_page("http://a.gov.cn/other/", "<a href='/x/t20240101_1.html'>示例局2023年政府信息公开年报</a>"))
    assert not step.entries
    assert not step.finished


def test_failed_request_leaves_the_walk_incomplete_with_its_reason() -> None:
    walk = open_walk("auto", "http://a.gov.cn/nb/")
    step = walk.fail(walk.start(), "unreachable: timed out")
    assert step.finished
    assert not step.complete
    assert "timed out" in step.reason


def test_column_that_leads_home_has_moved() -> None:
    walk = open_walk("auto", "http://a.gov.cn/zfxxgk/zfxxgknb/")
    request = walk.start()
    step = walk.feed(_page("http://a.gov.cn/", "<html><title>示例市人民政府</title><body>" + "首页" * 400, request))
    assert not step.complete
    assert "moved" in step.reason


@pytest.mark.parametrize(
    ("family", "body", "url"),
    [
        ("gkmlpt", "<script>window._CONFIG = { SID: '758019', TREE: [] }</script>", "http://a.gov.cn/x"),
        ("gkmlpt", "", "http://a.gov.cn/slj/gkmlpt/index"),
        ("jpaas", "<script src='/script/0/AuthorizedRead/unitbuild.js' url='/u' querydata=\"{}\"></script>", "http://a.gov.cn/col/col1/index.html"),
        ("jcms", "<script type='text/xml'><datastore></datastore></script>", "http://a.gov.cn/col/col1/index.html"),
        ("lonsun", "", "http://a.gov.cn/zwgk/public/column/66?type=3"),
        ("ucap", "<script>var channelId = '0123456789abcdef0123456789abcdef'</script>", "http://a.gov.cn/c1/list.shtml"),
        ("ucap", "<UCAPTITLE>x</UCAPTITLE>", "http://a.gov.cn/c1/c01_1.shtml"),
        ("epoint", "<script>webBuilderCommon.x()</script>", "http://a.gov.cn/a"),
        ("vsb", "<div id='vsb_content_4'></div>", "http://a.gov.cn/info/1/2.htm"),
        ("trs", "<a href='./202401/t20240126_998877.html'>x</a><script>createPageHTML(1,0,'index','html')</script>", "http://a.gov.cn/a/"),
        ("static", "<a href='/sec/pnidpv1.html'>x</a>", "http://a.gov.cn/a/"),
    ],
)  # fmt: skip
def test_family_is_recognised_by_its_marks(family: str, body: str, url: str) -> None:
    detection = detect(body.encode(), url)
    assert detection.family == family
    assert detection.evidence
