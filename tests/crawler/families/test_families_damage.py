"""Damaged and hostile pages are normal input: they end a walk or a search with a reason, never with a traceback."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from crawler.discovery.search import Discovery, SearchLimits
from crawler.families import open_walk, registry
from crawler.families.article import read_article
from crawler.families.detect import detect
from crawler.pages.classify import classify
from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.families.recorded import PAGES, answer, cases

if TYPE_CHECKING:
    from pathlib import Path

BAD_ADDRESSES = (
    "http://[x",
    "//[",
    "http://a:99999/",
    "http://a:b/",
    "http:///x",
    "\\\\a\\b",
    "javascript:void(0)",
    "http://\u2100.gov.cn/",
    "?",
    "#",
    "%zz",
    "http://user:pw@10.0.0.1/nb/",
)
MARKS = (
    b"<datastore>",
    b"unitbuild.js",
    b"window._CONFIG = { SID: '1', TREE: [",
    b"site/label/8888",
    b"createPageHTML(",
    b'"results":',
    b"queryList websiteId channelId='x'",
    b"front/api/data/a channelList:[1]",
)


def damaged(body: bytes, dice: random.Random) -> bytes:
    """One of the things that happen to pages: cut, spliced, bytes lost, addresses that are none."""
    match dice.randrange(5):
        case 0:
            return body[: dice.randrange(len(body) + 1)]
        case 1:
            cut = dice.randrange(len(body) + 1)
            return body[:cut] + dice.randbytes(40) + body[cut:]
        case 2:
            return body.replace(b'href="', f'href="{dice.choice(BAD_ADDRESSES)}'.encode())
        case 3:
            return body.replace(b"/", f"/{dice.choice(BAD_ADDRESSES)}".encode(), dice.randrange(1, 9))
        case _:
            return dice.choice(MARKS) + body + dice.choice(MARKS)


def walk_damaged(case: Path, expected: dict[str, object], family: str, dice: random.Random) -> None:
    walk = open_walk(family, str(expected["column"]))
    queue = [walk.start()]
    asked = 0
    step = None
    while queue:
        request = queue.pop(0)
        asked += 1
        assert asked < 200, "the walk runs in a circle"
        page = answer(case, expected, request)
        step = walk.feed(PageBytes(page.url, page.status, page.headers, damaged(page.body, dice), request))
        queue += step.next
    assert step is not None
    assert step.finished
    assert step.complete or step.reason


@pytest.mark.parametrize("case", cases("column"), ids=lambda case: str(case.relative_to(PAGES)))
def test_damaged_lists_end_with_a_reason(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    dice = random.Random(str(case.relative_to(PAGES)))
    for family in ("auto", "auto", "auto", dice.choice(list(registry().families))):
        walk_damaged(case, expected, family, dice)


@pytest.mark.parametrize("case", cases("article"), ids=lambda case: str(case.relative_to(PAGES)))
def test_damaged_articles_are_read_as_far_as_they_go(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    dice = random.Random(str(case.relative_to(PAGES)))
    body = (case / expected["file"]).read_bytes()
    for _ in range(8):
        broken = damaged(body, dice)
        links = read_article(broken, expected["article"])
        assert all(link.url.startswith(("http://", "https://")) for link in (*links.attachments, *links.images))
        assert detect(broken, expected["article"]).family
        assert classify(200, (), broken, expected["article"], expected["article"]).verdict


@pytest.mark.parametrize("family", list(registry().families))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 3000,
        b"[" * 5000,
        b"<div>" * 5000,
        b'{"data":{"results":[null,1,"x"],"list":[[]]},"articles":[{}]}',
        b"\xff\xfe<html>",
    ],
)
def test_nonsense_is_no_complete_list(family: str, body: bytes) -> None:
    walk = open_walk(family, "http://a.gov.cn/zfxxgk/zfxxgknb/")
    queue = [walk.start()]
    step = None
    while queue:
        request = queue.pop(0)
        step = walk.feed(PageBytes(request.url, 200, (), body, request))
        queue += step.next
    assert step is not None
    assert step.finished
    assert not step.entries
    assert not step.complete


def test_search_over_hostile_menus_ends() -> None:
    links = "".join(
        f'<a href="{url}">政府信息公开年报</a><a href="{url}/gkmlpt/index#1">民政局</a>' for url in BAD_ADDRESSES
    )
    search = Discovery.for_url("http://a.gov.cn/", SearchLimits(requests=30))
    queue = list(search.start())
    while queue:
        request: NextRequest = queue.pop(0)
        assert request.url.startswith("http://a.gov.cn")
        page = PageBytes(
            request.url,
            200,
            (),
            f"<html><body>{links}<a href='/x{request.url[-1]}/'>信息公开</a></body></html>".encode(),
            request,
        )
        queue += search.feed(page).next
    assert all(column.is_guess for column in search.found)


def test_endless_pages_end() -> None:
    """A calendar-like list that always has one more page with new rows ends at the walk's bound, incomplete."""
    walk = open_walk("auto", "http://a.gov.cn/nb/")
    queue = [walk.start()]
    number = 0
    step = None
    while queue:
        request = queue.pop(0)
        number += 1
        body = f"<a href='/x/202401/t20240101_{number}.html'>示例{number}局2023年政府信息公开年报</a><a href='/nb/p{number}.html'>下一页</a>"
        step = walk.feed(
            PageBytes(request.url, 200, (), f"<html><body><div>{body}</div></body></html>".encode(), request)
        )
        queue += step.next
    assert step is not None
    assert not step.complete
    assert "more than" in step.reason
