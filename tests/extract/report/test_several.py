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


def test_the_same_report_twice_with_different_figures_is_in_doubt() -> None:
    whole = page_html(ONE, title=False)
    number = next(figure for figure in read(whole.encode(), "a.html").figures if figure.value and figure.raw.isdigit())
    changed = whole.replace(f">{number.raw}<", f">{int(number.raw) + 7}<", 1)
    assert changed != whole
    head = f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{ONE.title}</title></head><body><h1>{ONE.title}</h1>"
    for markup in (
        f"{head}<div class=TRS_Editor>{whole}</div><div class=TRS_Editor>{changed}</div></body></html>",
        f"{head}<div class=TRS_Editor>{whole}</div></body></html>{head}<div class=tab>{changed}</div></body></html>",
        json.dumps([entry(ONE), {**entry(ONE), "docContent": changed}]),
    ):
        found = read(markup.encode(), "a.html" if markup.startswith("<") else "a.json")
        same = [figure for figure in found.figures if figure.address == number.address]
        assert [figure.is_reliable for figure in same] == [False]
        assert any("a second time" in warning for warning in found.warnings)
        hidden = markup.replace("<div class=TRS_Editor>", "<div class=TRS_Editor hidden>").replace("hidden", "", 1)
        if hidden.count("<div") > 1 and "class=tab" not in hidden and hidden.startswith("<"):
            assert figures(read(hidden.encode(), "a.html")) == ALONE[0]


def test_a_second_report_in_its_own_container_is_told() -> None:
    parts = "".join(
        f"<div class=TRS_Editor><h2>{one.title}</h2>{page_html(one, title=False)}</div>" for one in (ONE, THIRD)
    )
    found = read(f"<html><body><p>年报</p>{parts}</body></html>".encode(), "a.html")
    assert [one.title for one in found.reports] == [THIRD.title]
    assert [figures(found), *map(figures, found.reports)] == [ALONE[0], ALONE[2]]


def test_reports_in_fields_of_unknown_names_are_told_by_their_titles() -> None:
    found = read(json.dumps([entry(one, "nr", "bt") for one in (ONE, OTHER, THIRD)]).encode())
    assert (found.title, [one.title for one in found.reports]) == (ONE.title, [OTHER.title, THIRD.title])
