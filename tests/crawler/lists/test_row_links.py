"""What stands beside a title in its row is no row of its own, and no file is lost by that."""

from __future__ import annotations

import pytest

from crawler.pages.exchange import NextRequest, PageBytes
from tests.crawler.lists.sites import BASE, COLUMN, HTML, TITLE, Outcome, rows, walk

ROWS = rows(4)
BESIDE = {
    "pdf": '<li><a href="{u}">{t}</a> <a href="/f/{n}.pdf">[PDF]</a><span>{d}</span></li>',
    "print": '<li><a href="{u}">{t}</a> <a href="/print.jsp?id={n}">打印</a><span>{d}</span></li>',
    "two-files": '<li><a href="{u}">{t}</a> <a href="/f/{n}.pdf">PDF版</a> <a href="/f/{n}.doc">WORD版</a><span>{d}</span></li>',
    "view": '<li><a href="{u}">{t}</a><a href="{u}?view=1">[查看]</a><span>{d}</span></li>',
    "icon": '<li><a href="{u}">{t}</a><a href="/f/{n}.pdf" title="{t}"><img src="/i/pdf.gif"></a><span>{d}</span></li>',
    "download": '<li><a href="{u}">{t}</a><a href="/f/{n}.pdf" title="下载{t}">下载</a><span>{d}</span></li>',
    "cells": '<tr><td><a href="{u}">{t}</a></td><td>{d}</td><td><a href="/f/{n}.pdf">下载</a></td></tr>',
    "picture": '<li><a href="{u}">{t}</a> <a href="/jd/{n}.html">图解</a><span>{d}</span></li>',
    "paragraph": '<p><a href="{u}">{t}</a> <a href="/f/{n}.pdf">附件</a> {d}</p>',
}


def read(form: str, shown: list[tuple[str, str, str]] = ROWS) -> tuple[Outcome, dict[str, list[str]]]:
    items = "".join(form.format(u=url, t=title, d=on, n=n) for n, (url, title, on) in enumerate(shown))
    kind = "table" if form.startswith("<tr") else "ul" if form.startswith("<li") else "div"
    body = f"<html><head><meta charset=utf-8><title>{TITLE}</title></head><body><{kind}>{items}</{kind}></body></html>"
    files: dict[str, list[str]] = {}

    def answer(request: NextRequest) -> PageBytes:
        text = body if request.url == COLUMN else "<title>404</title>"
        return PageBytes(request.url, 200 if request.url == COLUMN else 404, HTML, text.encode(), request)

    outcome = walk(answer)
    for row, link in outcome.attachments:
        files.setdefault(row, []).append(link.url)
    return outcome, files


@pytest.mark.parametrize("name", BESIDE)
def test_a_row_has_one_report_and_keeps_its_files(name: str) -> None:
    outcome, files = read(BESIDE[name])
    assert [(row.url, row.title, row.date) for row in outcome.entries] == [(BASE + u, t, d) for u, t, d in ROWS]
    for number, (url, _, _) in enumerate(ROWS):
        wanted = [f"{BASE}/f/{number}.{kind}" for kind in ("pdf", "doc") if f".{kind}" in BESIDE[name]]
        assert files.get(BASE + url, []) == wanted


#: One report whose title is no link, or stands in the name of each of its files.
ONE = {
    "item": '<li>{t} <a href="/f/{n}.pdf">[PDF]</a> <a href="/f/{n}.doc">[Word]</a><span>{d}</span></li>',
    "cells": '<tr><td>{t}</td><td><a href="/f/{n}.pdf">下载PDF版</a></td><td><a href="/f/{n}.doc">下载Word版</a></td><td>{d}</td></tr>',
    "card": '<div><h4>{t}</h4><p><a href="/f/{n}.pdf">PDF</a> | <a href="/f/{n}.doc">Word</a></p><i>{d}</i></div>',
    "parts": '<li>{t}：<a href="/f/{n}.pdf">正文</a>、<a href="/f/{n}.doc">附表</a>（{d}）</li>',
    "names": '<li><a href="/f/{n}.pdf">{t}.pdf</a> <a href="/f/{n}.doc">{t}.doc</a> {d}</li>',
    "brackets": '<p>{t}（<a href="/f/{n}.pdf">下载1</a> <a href="/f/{n}.doc">下载2</a>） {d}</p>',
    "term": '<dt>{t}</dt><dd><a href="/f/{n}.pdf">pdf</a></dd><dd><a href="/f/{n}.doc">doc</a></dd><dd>{d}</dd>',
}


@pytest.mark.parametrize("name", ONE)
def test_two_files_of_one_title_are_one_report(name: str) -> None:
    outcome, files = read(ONE[name])
    assert [row.url for row in outcome.entries] == [f"{BASE}/f/{n}.pdf" for n in range(4)]
    assert [row.title.removesuffix(".pdf") for row in outcome.entries] == [title for _, title, _ in ROWS]
    assert list(files.values()) == [[f"{BASE}/f/{n}.doc"] for n in range(4)]
    assert outcome.is_whole, outcome.reason


def test_files_of_a_unit_and_a_year_are_one_report() -> None:
    form = '<tr><td>县教育局</td><td>{d}</td><td><a href="/f/{n}.pdf">pdf</a> <a href="/f/{n}.doc">word</a></td></tr>'
    outcome, _ = read(form, [("", "", f"{2020 + n}年") for n in range(3)])
    assert [row.title for row in outcome.entries] == [f"县教育局 {2020 + n}年" for n in range(3)]


def test_a_link_beside_that_opens_no_report_is_none_of_its_files() -> None:
    outcome, files = read('<li>{t} <a href="/share?id={n}">分享</a> <a href="/f/{n}.pdf">下载</a><span>{d}</span></li>')
    assert [row.url for row in outcome.entries] == [f"{BASE}/f/{n}.pdf" for n in range(4)]
    assert files == {}


def test_two_reports_in_one_row_are_two() -> None:
    title = ROWS[0][1].replace("2040", "2039")
    outcome, _ = read(f'<li><a href="{{u}}">{{t}}</a> <a href="/nb/t20400130_77{{n}}.html">{title}</a></li>', ROWS[:1])
    assert len(outcome.entries) == 2
