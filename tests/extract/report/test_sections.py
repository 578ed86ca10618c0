from __future__ import annotations

import pytest

from extract.document.detect import TEXT
from extract.model import Cell, Document, Grid, Line, Section
from extract.report.sections import read_sections, running_text


def sections(*lines: str) -> tuple[Section, ...]:
    return read_sections(Document(TEXT, tuple(Line(line, "") for line in lines)))


def headings(*lines: str) -> list[tuple[str, str]]:
    return [(section.kind, section.heading) for section in sections(*lines)]


SIX = (
    ("overview", "一、总体情况"),
    ("disclosure", "二、主动公开政府信息情况"),
    ("applications", "三、收到和处理政府信息公开申请情况"),
    ("challenges", "四、政府信息公开行政复议、行政诉讼情况"),
    ("problems", "五、存在的主要问题及改进情况"),
    ("other", "六、其他需要报告的事项"),
)


def test_kinds_of_the_official_chapters() -> None:
    assert headings("题目", *(heading for _, heading in SIX)) == list(SIX)


@pytest.mark.parametrize(
    "form",
    ["{}. {}", "{}．{}", "{}、 {}", "{} {}", "第{}部分 {}", "# {}、{}", "**{}、{}**", "  {}、{}", "{}、{}。"],
    ids=str,
)
def test_drifting_numbers(form: str) -> None:
    lines = [form.format(heading[0], heading[2:]) for _, heading in SIX]
    assert [kind for kind, _ in headings(*lines)] == [kind for kind, _ in SIX]


def test_drifting_words() -> None:
    lines = [
        "一、概述",
        "二、行政机关主动公开政府信息情况",
        "三、行政机关收到和处理政府信息公开申请情况",
        "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
        "五、政府信息公开工作存在的主要问题及改进情况",
        "六、其他需报告的事项",
    ]
    assert headings(*lines) == [(kind, line) for (kind, _), line in zip(SIX, lines, strict=True)]


def test_headings_without_numbers() -> None:
    lines = [heading[2:] for _, heading in SIX]
    assert [kind for kind, _ in headings(*lines)] == [kind for kind, _ in SIX]


def test_seven_chapters() -> None:
    lines = ["一、总体情况", "二、主动公开政府信息情况", "三、公开平台建设和信息发布情况", "四、收到和处理政府信息公开申请情况",
             "五、政府信息公开行政复议、行政诉讼情况", "六、存在的主要问题及改进情况", "七、其他需要报告的事项"]  # fmt: skip
    assert [heading for _, heading in headings(*lines)] == lines


def test_stray_number_inside_a_chapter_does_not_break_it() -> None:
    found = sections(
        "一、总体情况", "（一）建章立制。", "[bookmark: _GoBack]四、加强监督", "开展检查。", "二、主动公开政府信息情况", "见表。",
        "三、收到和处理政府信息公开申请情况", "无。", "四、政府信息公开行政复议、行政诉讼情况",
    )  # fmt: skip
    assert [section.heading[0] for section in found] == ["一", "二", "三", "四"]
    assert "四、加强监督\n开展检查。" in found[0].text


def test_rows_of_the_application_table_are_no_chapters() -> None:
    lines = (
        "三、收到和处理政府信息公开申请情况",
        "一、本年新收政府信息公开申请数量",
        "1",
        "2",
        "二、上年结转政府信息公开申请数量",
        "三、本年度办理结果",
        "四、结转下年度继续办理",
    )
    assert headings("一、总体情况", *lines) == [("overview", "一、总体情况"), ("applications", lines[0])]


def test_heading_with_its_text_on_the_same_line() -> None:
    found = sections("一、总体情况。2020年，我局公开信息。", "二、主动公开政府信息情况")
    assert found[0] == Section("overview", "一、总体情况", "2020年，我局公开信息。")


@pytest.mark.parametrize(
    "rows",
    [
        ["\t规章", "\t", "\t0", "\t3"],
        ["信息内容\t本年制发件数\t本年废止件数\t现行有效件数", "规章\t1\t0\t3"],
        ["| 规章 | 1 | 0 | 3 |", "|", "| 行政规范性文件 | 1 | 0 | 3 |"],
        ["第二十条第（一）项", "信息内容", "本年新制作数量", "规章", "0", "0", "-4"],
        [
            "一、本年新收政府信息公开申请数量 1 0 0 0 0 0 1",
            "二、上年结转政府信息公开申请数量 0 0 0 0 0 0 0",
            "（七）总计 1 0 0 0 0 0 1",
        ],
    ],
)
def test_cells_of_tables_are_no_text(rows: list[str]) -> None:
    found = sections("一、总体情况", "全年公开。", "二、主动公开政府信息情况", "共公开3件。", *rows, "以上。")
    assert found[1].text == "共公开3件。\n以上。"


def test_captions_and_page_furniture() -> None:
    found = sections(
        "发布日期:2021-02-20 21:11 访问次数: 来源:瓯海区",
        "一、总体情况",
        "召开会议(部分截图)",
        "- 3 -",
        "浏览次数：123",
        "全年公开。",
    )
    assert found[0].text == "召开会议(部分截图)\n全年公开。"


def test_grids_are_no_text() -> None:
    grid = Grid(((Cell("规章", ""), Cell("1", "")),), "")
    document = Document(TEXT, (Line("一、总体情况", ""), Line("前。", ""), grid, Line("后。", "")))
    assert read_sections(document)[0].text == "前。\n后。"
    assert running_text(document) == ("一、总体情况", "前。", "后。")


def test_free_form_has_its_own_chapters() -> None:
    lines = ["一、组织机构建设", "成立了领导小组。", "二、制度建设", "制定了办法。", "三、复议诉讼情况", "无。"]
    assert headings(*lines) == [("other", lines[0]), ("other", lines[2]), ("challenges", lines[4])]


def test_text_without_headings_has_no_sections() -> None:
    assert sections("全年公开。", "以上。") == ()


def test_heading_broken_by_the_width_of_the_page() -> None:
    lines = ["一、总体情况", "公开。", "四、政府信息公开行政复议、行政诉", "讼情况", "无。", "六、其他需要报告的事项"]
    found = sections(*lines)
    assert [(section.heading, section.text) for section in found][1] == (
        "四、政府信息公开行政复议、行政诉讼情况",
        "无。",
    )
