"""One way in: any bytes to what is in the report."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from extract import api
from extract.document.detect import PDF
from extract.errors import UnreadableDocument
from extract.model import RELIABLE, Cell, Document, Grid, Line
from tests.extract import portal_pages as pages
from tests.extract.portal_pages import Report, edit, page

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"
BASE = Report()


def reading(markup: str, name: str = "page") -> api.Reading:
    return api.read_report(markup.encode(), source=name)


def shell(title: str = BASE.title, file: str = "年报.pdf") -> str:
    return f'<h1>{title}</h1><div id="zoom"><p>附件：<a href="{file}">{file}</a></p></div>'


def test_the_contract_s_object_is_json() -> None:
    found = reading(page("trs", BASE)).extraction
    document = json.loads(json.dumps(found.to_json(), ensure_ascii=False))
    assert document["title"] == BASE.title
    assert document["year"] == 2023
    assert document["form"] == "2021"
    assert document["coverage"]["applications"] == [175, 175]
    assert [section["kind"] for section in document["sections"]] == [
        "overview", "disclosure", "applications", "challenges", "problems", "other",
    ]  # fmt: skip


def test_reading_twice_is_equal() -> None:
    data = page("jcms", BASE).encode()
    assert api.read_report(data, source="a") == api.read_report(data, source="a")


@pytest.mark.parametrize("hint", ["report.pdf", "application/pdf", "a.docx", None])
def test_neither_name_nor_header_decides(hint: str | None) -> None:
    assert api.extract_bytes(page("trs", BASE).encode(), source="x", hint=hint).media_type == "text/html"


def test_other_documents_have_no_figures_and_a_warning() -> None:
    markup = "<h1>示例市2023年法治政府建设年度报告</h1><div id=zoom><p>全市法治建设有序。</p><p>以上。</p></div>"
    found = reading(markup).extraction
    assert (found.year, found.figures, found.coverage) == (None, (), {})
    assert any("not an annual report" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("title", "body", "is_unread"),
    [
        ("示例市财政局关于2023年政府信息公开年报有关数据的勘误", "<p>“行政处罚”一项应为18，特此勘误。</p>", False),
        (
            "关于《示例市财政局2023年政府信息公开工作年度报告》的更正说明",
            "<p>附表第三栏数据有误，现予更正。</p>",
            False,
        ),
        (
            "示例市财政局2023年政府信息公开工作年度报告更正公告",
            "<div><span>第3页“6件”更正为“9件”。</span></div>",
            False,
        ),
        ("示例市财政局2023年政府信息公开工作年度报告（更正版）", "", True),
        ("示例市财政局2023年政府信息公开工作年度报告（修订版）", "<p>发布时间：2024-01-30</p>", True),
        ("示例市财政局2023年政府信息公开工作年度报告", "", True),
    ],
)
def test_a_short_notice_of_correction_is_no_page_that_a_script_fills(title: str, body: str, is_unread: bool) -> None:
    found = reading(f'<title>{title}</title><h1>{title}</h1><div id="zoom">{body}</div>').extraction
    assert any(part.kind == "unfilled" for part in found.unread) is is_unread, found.unread
    assert any("undecided" in warning for warning in found.warnings) is is_unread, found.warnings


@pytest.mark.parametrize("data", [b"", b"   \n", b"\x00" * 100])
def test_empty_files_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="empty"):
        api.extract_bytes(data, source="x")


def gridded(report: Report) -> Document:
    """A PDF's reading as another reader would give it."""
    document = reading(page("trs", report)).document
    return replace(document, media_type=PDF, titles=(report.title,))


def test_agreeing_readings_keep_their_confidence() -> None:
    document = gridded(BASE)
    alone = api.interpret(document, source="x").extraction
    both = api.interpret(replace(document, alternatives=(document,)), source="x").extraction
    assert [figure.value for figure in both.figures] == [figure.value for figure in alone.figures]
    assert all(ours.confidence >= before.confidence for ours, before in zip(both.figures, alone.figures, strict=True))
    assert not [warning for warning in both.warnings if "disagree" in warning]


def test_disagreeing_readings_are_never_relied_on() -> None:
    other = gridded(edit(BASE, numbers=(7, *BASE.numbers[1:])))
    found = api.interpret(replace(gridded(BASE), alternatives=(other,)), source="x").extraction
    figure = found.figure("disclosure", "rules", "made")
    assert figure is not None
    assert figure.value == Decimal(0)
    assert figure.confidence < RELIABLE
    assert any("disclosure.rules.made" in warning and "7" in warning for warning in found.warnings)
    untouched = found.figure("disclosure", "rules", "repealed")
    assert untouched is not None
    assert untouched.confidence >= RELIABLE


def test_table_that_only_the_other_reading_has_is_taken() -> None:
    document = gridded(BASE)
    without = replace(document, blocks=tuple(block for block in document.blocks if isinstance(block, Line)))
    found = api.interpret(replace(without, alternatives=(document,)), source="x").extraction
    assert found.coverage["applications"] == (175, 175)


def test_combine_takes_figures_from_the_file_and_the_rest_from_the_page() -> None:
    file = reading(page("plain", edit(BASE, published="2024-03-03")), "年报.pdf")
    combined = api.combine(reading(shell()), [("年报.pdf", file)])
    found = combined.extraction
    assert (found.title, found.agency, found.year) == (BASE.title, pages.ORGAN, 2023)
    assert found.coverage == file.extraction.coverage
    assert len(found.sections) == 6
    assert not [warning for warning in found.warnings if "not an annual report" in warning]


def test_combine_prefers_the_page_at_equal_counts_and_says_where_they_differ() -> None:
    file = reading(page("plain", edit(BASE, numbers=(5, *BASE.numbers[1:]))), "年报.docx")
    found = api.combine(reading(page("trs", BASE)), [("年报.docx", file)]).extraction
    figure = found.figure("disclosure", "rules", "made")
    assert figure is not None
    assert figure.value == Decimal(0)
    assert figure.confidence < RELIABLE
    assert any("年报.docx" in warning and "disagree" in warning for warning in found.warnings)


def test_file_of_another_year_gives_no_figures() -> None:
    other = reading(page("plain", edit(BASE, title=BASE.title.replace("2023", "2019"))), "旧.pdf")
    assert api.combine(reading(shell()), [("旧.pdf", other)]).extraction.figures == ()


def test_content_of_a_page_with_files_has_their_digests() -> None:
    file, other = (reading(page("plain", report)) for report in (BASE, edit(BASE, other="有。")))
    one = api.combine(reading(shell()), [("a.pdf", file)]).content
    two = api.combine(reading(shell()), [("a.pdf", other)]).content
    assert one is not None
    assert two is not None
    assert one.digest != two.digest
    assert one.attachments == (("a.pdf", file.digest),)


def test_same_figures_in_two_copies_are_equally_relied_on() -> None:
    found = api.combine(reading(page("trs", BASE)), [("a", reading(page("plain", BASE)))]).extraction
    assert all(figure.confidence >= RELIABLE for figure in found.figures)


def test_missing_grid_is_said_for_a_bare_table() -> None:
    table = Grid(((Cell("规章", "a"), Cell("1", "b")),), "t")
    found = api.interpret(Document(PDF, (table,)), source="x").extraction
    assert found.warnings


def test_page_with_nothing_but_files_is_compared_by_them() -> None:
    page_only = reading(f"<body><div class='h'>头</div><h1>{BASE.title}</h1><iframe src='/a.pdf'></iframe></body>")
    file = reading(page("plain", BASE))
    found = api.combine(page_only, [("a.pdf", file)]).content
    assert found is not None
    assert (found.title, found.lines, found.attachments) == (BASE.title, (), (("a.pdf", file.digest),))


def test_page_whose_report_is_attached_says_so() -> None:
    found = reading(shell()).extraction
    assert (found.year, found.figures, found.coverage) == (2023, (), {})
    assert any(warning.startswith("no official table was read; 1 parts") for warning in found.warnings)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("<div>[ 2023-01-28 ]</div>", "2023-01-28"),
        ("<p>2023-01-28 16:20 来源：水务局 浏览量：5</p>", "2023-01-28"),
        ("<div>更新时间：2023-05-01</div>", None),
        ("<ul><li><span>2023-03-01</span><a href='x'>别的年报</a></li></ul>", None),
    ],
)
def test_date_under_the_title(line: str, day: str | None) -> None:
    found = reading(f'<h1>{BASE.title}</h1>{line}<div id="zoom">{pages.body(BASE)}</div>').extraction
    assert (found.published.isoformat() if found.published else None) == day


def test_index_number_with_blanks_in_its_label() -> None:
    markup = f'<h1>{BASE.title}</h1><p>索 引 号：LJ0123-2023-00001</p><div id="zoom">{pages.body(BASE)}</div>'
    assert reading(markup).extraction.index_number == "LJ0123-2023-00001"


def test_table_that_may_be_in_a_picture_is_not_said_to_be_missing() -> None:
    markup = page("trs", BASE)
    start, end = markup.rindex("<table"), markup.rindex("</table>") + len("</table>")
    lacking = reading(markup[:start] + markup[end:]).extraction
    pictured = reading(markup[:start] + '<p><img src="a.png" width="700"></p>' + markup[end:]).extraction
    assert ("form", "challenges") in [(finding.check, finding.where) for finding in lacking.findings]
    assert "challenges: the document has no such table" in lacking.warnings
    assert "challenges" not in [finding.where for finding in pictured.findings]
    assert [warning for warning in pictured.warnings if "perhaps in one of 1 files or pictures attached" in warning]


def test_shell_of_an_attached_report_is_not_judged_by_its_form() -> None:
    assert [finding for finding in reading(shell()).extraction.findings if finding.check == "form"] == []


def test_figures_one_a_line_are_certain_although_a_label_heads_three_rows() -> None:
    """（六）其他处理 has no figures where the table divides it; that is no row which lost its cells."""
    rows = tuple((1, 0, 0, 0, 0, 0, 1) for _ in pages.ROWS_2021)
    markup = pages.body(edit(BASE, applications=rows, challenges=(0,) * 15))
    lines = [text.strip() for text in re.sub(r"<[^>]+>", "\n", markup).splitlines() if text.strip()]
    found = api.extract_bytes("\n".join([BASE.title, *lines]).encode(), source="lines")
    assert len(found.figures) == 200
    assert [figure for figure in found.figures if figure.confidence < 0.9] == []
    wrong = [finding.check for finding in found.findings]
    assert wrong.count("column_total") == 2  # what is printed wrong is said, for it was read for certain


def test_page_of_thousands_of_labels_ends_soon() -> None:
    markup = f"<h1>{BASE.title}</h1>" + "<p>索 引 号</p><p>发布日期</p>" * 4000
    begun = time.process_time()
    reading(markup)
    assert time.process_time() - begun < 5
