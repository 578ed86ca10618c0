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


def test_two_reports_in_one_row_are_two() -> None:
    title = ROWS[0][1].replace("2040", "2039")
    outcome, _ = read(f'<li><a href="{{u}}">{{t}}</a> <a href="/nb/t20400130_77{{n}}.html">{title}</a></li>', ROWS[:1])
    assert len(outcome.entries) == 2
