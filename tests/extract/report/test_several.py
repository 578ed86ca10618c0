"""More than one report in one document: each is read on its own, and the first says that there are others."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest

from crawler.replica.documents.html import page_html
from crawler.replica.documents.invent import invent
from extract import api
from extract.model import Document, Extraction, Line, Link
from extract.report.several import split_reports

ONE, OTHER = invent("白泉市民政局", 2022, 3), invent("白泉市民政局", 2023, 4)
THIRD = invent("白泉市水利局", 2022, 5)


def read(data: bytes, name: str = "a.json") -> Extraction:
    return api.extract_bytes(data, source=name)


def figures(extraction: Extraction) -> dict[str, object]:
    return {figure.address: figure.value for figure in extraction.figures}


def entry(what: object, key: str = "docContent", title: str = "docTitle") -> dict[str, str]:
    return {title: what.title, key: page_html(what, title=False)}  # type: ignore[attr-defined]


ALONE = [figures(read(json.dumps(entry(what)).encode())) for what in (ONE, OTHER, THIRD)]


@pytest.mark.parametrize(
    "answer",
    [
        {"result": {"data": [entry(ONE), entry(OTHER)]}},
        [entry(ONE, "content", "title"), entry(OTHER, "content", "title")],
        {"rows": [{"meta": {}, "article": entry(ONE)}, {"meta": {}, "article": entry(OTHER)}]},
        {"a": json.dumps(entry(ONE)), "b": json.dumps(entry(OTHER))},
        {"list": [entry(ONE, "newsHtml"), entry(OTHER, "newsHtml")]},
    ],
)
def test_two_reports_in_one_answer(answer: object) -> None:
    found = read(json.dumps(answer).encode())
    assert (found.year, [one.year for one in found.reports]) == (2022, [2023])
    assert [figures(found), *map(figures, found.reports)] == ALONE[:2]
    assert any(OTHER.title in warning and "more than one report" in warning for warning in found.warnings)
    assert [one["title"] for one in found.to_json()["reports"]] == [OTHER.title]


def test_one_report_in_two_fields_or_objects_is_one() -> None:
    whole = entry(ONE)
    both = read(json.dumps({**whole, "content": whole["docContent"], "mobile": dict(whole)}).encode())
    assert (both.reports, figures(both)) == ((), ALONE[0])


@pytest.mark.parametrize(
    "hidden", [html.escape, lambda text: html.escape(html.escape(text)), quote, lambda text: quote(quote(text))]
)
def test_markup_that_is_escaped(hidden: object) -> None:
    content = hidden(page_html(ONE, title=False))  # type: ignore[operator]
    found = read(json.dumps({"data": {"title": ONE.title, "content": content}}).encode())
    assert (found.year, figures(found)) == (2022, ALONE[0])


def test_two_reports_one_behind_the_other() -> None:
    page = f"<html><body>{page_html(ONE)}{page_html(THIRD)}{page_html(OTHER)}</body></html>".encode()
    found = read(page, "a.html")
    assert [(one.year, one.agency) for one in (found, *found.reports)] == [
        (2022, "白泉市民政局"),
        (2022, "白泉市水利局"),
        (2023, "白泉市民政局"),
    ]
    assert [figures(one) for one in (found, *found.reports)] == [ALONE[0], ALONE[2], ALONE[1]]


def test_a_title_printed_again_or_named_in_passing_is_no_second_report() -> None:
    lines = (ONE.title, ONE.title, "一、总体情况", "见2021年政府信息公开工作年度报告", "二、主动公开政府信息情况")
    document = Document("text/plain", tuple(Line(line, "") for line in (*lines, "三、收到和处理政府信息公开申请情况")))
    assert split_reports(document) == (document,)


def test_a_list_of_titles_is_no_set_of_reports() -> None:
    titles = [f"白泉市民政局{year}年政府信息公开工作年度报告" for year in range(2012, 2024)]
    document = Document("text/plain", tuple(Line(line, "") for line in titles))
    assert split_reports(document) == (document,)


def test_the_file_s_report_of_the_page_s_year_counts() -> None:
    link = Link("http://x.example/a.pdf", "a", is_attachment=True)
    shell = Document("text/html", (Line(OTHER.title, ""),), titles=(OTHER.title,), links=(link,))
    page = api.interpret(shell, source="page")
    file = api.read_report(json.dumps([entry(ONE), entry(OTHER)]).encode(), source="a.json")
    assert figures(api.combine(page, [("a.json", file)]).extraction) == ALONE[1]
