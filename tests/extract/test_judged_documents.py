"""Documents of other making than the generators': what an outside judge found wrong, each with the smallest document that shows it."""

from __future__ import annotations

import re
from decimal import Decimal
from html import escape

import pytest

from extract.api import extract_bytes
from extract.document import text
from extract.document.where import Box
from extract.layout.flow import TextLine, page_number_lines
from extract.layout.geometry import Turn
from extract.layout.page import PageInk
from extract.lexicon.numbers import parse_cell
from extract.model import Extraction, Limits, Line, State
from extract.tables.labels import meaning_of
from tests.extract import portal_pages as pages

REPORT = pages.Report()
BODY = pages.body(REPORT)
YEAR = re.findall(r"20\d\d", REPORT.title)[0]


def read(body: str) -> Extraction:
    page = f'<html><head><meta charset="utf-8"></head><body><h1>{escape(REPORT.title)}</h1><div id="zoom">{body}</div></body></html>'
    return extract_bytes(page.encode(), source="page.html")


def rows_of(body: str) -> list[str | list[str]]:
    """Lines and rows of cells of the report's own page, for writing them down in other dialects."""
    found: list[str | list[str]] = []
    for piece in re.findall(r"<tr\b.*?</tr>|<p\b.*?</p>", body, re.DOTALL):
        if piece.startswith("<tr"):
            cells = re.findall(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", piece, re.DOTALL)
            found.append([re.sub(r"<[^>]+>|&nbsp;|\s", "", cell) for cell in cells])
        elif "<td" not in piece:
            found.append(re.sub(r"<[^>]+>", "", piece).strip())
    return found


def figures(extraction: Extraction) -> dict[str, Decimal]:
    """What may be relied on, with blanks as 0."""
    return {figure.address: figure.value or Decimal(0) for figure in extraction.figures if figure.confidence >= 0.9}


PLAIN = figures(read(BODY))


def test_the_page_itself_is_read_whole() -> None:
    extraction = read(BODY)
    assert len(PLAIN) == len(extraction.figures) > 190


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("其他", "其它"),
        ("本年制发件数", "本年制定件数"),
        ("本年废止件数", "本年废止或失效件数"),
        ("现行有效件数", "现行有效文件数"),
    ],
)
def test_wordings_of_other_provinces(printed: str, meant: str) -> None:
    body = BODY.replace(printed, meant)
    assert body != BODY
    assert figures(read(body)) == PLAIN


def test_wordings_of_the_form_of_2019() -> None:
    assert meaning_of("本年新制定数量").columns == {"disclosure": "made"}
    assert meaning_of("法人或其它组织").is_group


@pytest.mark.parametrize(("printed", "value"), [("增3", 3), ("增加12项", 12), ("减5", -5), ("减少2", -2)])
def test_sign_in_words(printed: str, value: int) -> None:
    assert parse_cell(printed) == (Decimal(value), State.VALUE)


@pytest.mark.parametrize("border", [",", "│", '","'])
def test_tables_in_text_whatever_parts_the_cells(border: str) -> None:
    lines = [REPORT.title]
    for row in rows_of(BODY):
        if isinstance(row, str):
            lines.append(row)
        elif border == "│":
            lines.append("│" + "│".join(row) + "│")
        else:
            # rows of a CSV file are of equal length
            quoted = border.join(row + [""] * (20 - len(row)))
            lines.append(f'"{quoted}"' if border == '","' else quoted)
    extraction = extract_bytes("\n".join(lines).encode(), source="dump.txt")
    read_right = figures(extraction)
    assert len(read_right) >= 180
    assert all(PLAIN[address] == value for address, value in read_right.items())
    assert set(extraction.coverage) == {"disclosure", "applications", "challenges"}
    assert not any(finding.message.startswith("缺少表格") for finding in extraction.findings)


def test_commas_of_sentences_part_nothing() -> None:
    lines = ["今年,我局,公开信息。"] * 6
    blocks = text.read("\n".join(lines).encode(), Limits()).blocks
    assert [block.text for block in blocks if isinstance(block, Line)] == lines


def test_table_whose_rows_are_lost_is_said_to_be_there() -> None:
    challenges = "行政复议 行政诉讼 结果维持 结果纠正 其他结果 尚未审结 总计 未经复议直接起诉 复议后起诉"
    lines = [
        REPORT.title,
        "一、总体情况",
        "政府信息公开工作有序推进。" * 3,
        "四、政府信息公开行政复议、行政诉讼情况",
        challenges,
        "五、存在的主要问题及改进情况",
        "力度不够。",
    ]
    extraction = extract_bytes("\n".join(lines).encode(), source="dump.txt")
    assert extraction.coverage["challenges"] == (0, 15)
    assert "challenges: the document has this table, but it could not be read" in extraction.warnings
    assert not any("行政复议" in finding.message and "缺少表格" in finding.message for finding in extraction.findings)


def test_chapters_numbered_in_brackets() -> None:
    body = BODY
    for name in "一二三四五六":
        body = re.sub(rf"(?<=>){name}、(?=总体|主动|收到|政府信息公开行政|存在|其他需)", f"（{name}）", body)
    kinds = [section.kind for section in read(body).sections]
    assert kinds == ["overview", "disclosure", "applications", "challenges", "problems", "other"]


def test_part_of_a_chapter_in_brackets_is_no_chapter() -> None:
    body = BODY.replace("<p>", "<p>（一）主动公开政府信息情况</p><p>", 1)
    assert [section.kind for section in read(body).sections] == [section.kind for section in read(BODY).sections]


@pytest.mark.parametrize(
    "sentence", ["收到自然人申请3件，法人或其他组织申请0件。", "本年废止件数较多，共3件，均已公开。"]
)
def test_sentence_that_names_a_label_takes_no_part_in_a_table(sentence: str) -> None:
    body = re.sub(r"(<p[^>]*>一、总体情况.*?</p>)", rf"\1<p>{sentence}</p>", BODY, count=1, flags=re.DOTALL)
    assert sentence in body
    assert figures(read(body)) == PLAIN


@pytest.mark.parametrize(
    "sentence",
    [
        "办理行政复议案件52件，其中受理48件；行政应诉案件30件，败诉2件，败诉率6.7%。",
        f"{YEAR}年1月至6月收到政府信息公开申请901件。",
        "县司法局直接办理依申请公开9028件。",
        "12345热线受理群众诉求10235件，办结率99.8%。",
        "收到网络申请912件、信函申请98件、当面申请93件。",
    ],
)
def test_sentence_about_something_else_is_no_claim(sentence: str) -> None:
    body = re.sub(r"(<p[^>]*>一、总体情况.*?</p>)", rf"\1<p>{sentence}</p>", BODY, count=1, flags=re.DOTALL)
    known = {finding.message for finding in read(BODY).findings}
    assert [finding.message for finding in read(body).findings if finding.message not in known] == []


def test_number_of_requests_said_as_a_quantity_is_a_claim() -> None:
    body = re.sub(
        r"(<p[^>]*>一、总体情况.*?</p>)", r"\1<p>依申请公开数量为90210件。</p>", BODY, count=1, flags=re.DOTALL
    )
    assert any(finding.check == "narrative" and finding.actual == 90210 for finding in read(body).findings)


def test_note_below_a_table_that_names_a_label_is_no_row() -> None:
    body = re.sub(r"(</table>\s*<p>四、)", '<tr><td colspan="9">注：其中3件为重复申请。</td></tr>\\1', BODY, count=1)
    assert "重复申请。" in body
    assert figures(read(body)) == PLAIN


def test_empty_form_is_no_report() -> None:
    form = re.sub(r"(?<=>)\d+(?=<)", "", BODY)
    page = f"<html><head><title>政府信息公开工作年度报告格式</title></head><body><h1>政府信息公开工作年度报告格式</h1><div id=zoom>{form}</div></body></html>"
    extraction = extract_bytes(page.encode(), source="form.html")
    assert extraction.year is None
    assert extraction.figures == ()
    assert extraction.warnings


def _line(words: str, top: float) -> TextLine:
    return TextLine(words, Box(30, top, 500, top + 10), (), 10)


def test_heads_and_feet_that_browsers_print_are_no_text() -> None:
    turn = Turn(0, 0, 0, 595, 842)
    printed = []
    for number in (1, 2, 3):
        ink = PageInk(number, 595, 842, (), (), (), 0, 0, turn, turn)
        lines = [
            _line("3/1/21, 4:04 PM 某县2020年政府信息公开工作年度报告", 16),
            _line(f"正文第{number}段", 30 + number),
            _line("行政复议", 120),
            _line(f"file:///report.html {number}/3", 815),
        ]
        printed.append((ink, lines))
    assert page_number_lines(printed) == {(number, at) for number in (1, 2, 3) for at in (0, 3)}
    assert page_number_lines(printed[:1]) == set()
