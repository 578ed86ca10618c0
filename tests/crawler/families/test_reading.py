"""Walks go to another process and come back as they were: every family's readers, and described lists."""

from __future__ import annotations

import pickle

import pytest

from crawler.families import open_walk, registry
from crawler.families.reading import BeginWalk, feed
from crawler.pages.exchange import NextRequest, PageBytes

COLUMN = "http://www.a.gov.cn/zfxxgknb/"
ROWS = "".join(
    f"<li><a href='/a/t20230101_{n}.html'>示例市第{n}局2022年政府信息公开工作年度报告</a><span>2023-01-0{n}</span></li>"
    for n in range(1, 5)
)


def page(url: str = COLUMN, tail: str = "<a href='index_2.html'>下一页</a>") -> PageBytes:
    body = f"<html><head><title>年报</title></head><body><ul>{ROWS}</ul>{tail}</body></html>".encode()
    return PageBytes(url, 200, (("Content-Type", "text/html; charset=utf-8"),), body, NextRequest(url))


@pytest.mark.parametrize("family", ["auto", *sorted(registry().families)])
def test_a_walk_comes_back_as_it_was(family: str) -> None:
    begin = BeginWalk(family, COLUMN, (), "", None, str.isascii)
    walk, step = begin(page())
    sent, said = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(begin))(page())))
    assert said == step
    second = page(f"{COLUMN}index_2.html", "")
    for request in step.next[:1]:
        answer = PageBytes(request.url, 200, second.headers, second.body, request)
        assert feed(pickle.loads(pickle.dumps(sent)), answer)[1] == walk.feed(answer)


def test_the_pages_that_are_sent_are_those_that_are_read_here() -> None:
    walk = open_walk("auto", COLUMN, page())
    walk.start()
    assert BeginWalk("auto", COLUMN, (), "", None, str.isascii)(page())[1].entries == walk.feed(page()).entries
