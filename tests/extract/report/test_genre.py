"""Papers about reports are no reports, whatever their column is called; reports under odd titles are."""

from __future__ import annotations

import pytest

from extract.document.detect import TEXT
from extract.lexicon.titles import Genre, genre_of
from extract.model import Cell, Document, Grid, Line, Link
from extract.report.identity import Identity, identify, own_lines

ABOUT = (
    "市政府办公室：",
    "按照《关于做好2023年政府信息公开工作年度报告有关事项的通知》，现将情况说明如下：",
    "今年，本区公布信息三千余条。收到申请9件，都已答复。",
    "一、总体情况",
    "拓宽渠道，信息公开有序。",
    "二、主动公开政府信息情况",
    "还有不足。",
)
REPORT = (*ABOUT[3:], "一、本年新收政府信息公开申请数量", "四、结转下年度继续办理")


def page(
    title: str, lines: tuple[str, ...], behind: str = "_政府信息公开年报_平原区人民政府", **metadata: str
) -> Identity:
    blocks = tuple(Line(line, "") for line in (title, *lines))
    document = Document("text/html", blocks, titles=(f"{title}{behind}", title), metadata=metadata)
    return identify(document, own_lines(document))


DECOYS = (
    "关于2023年政府信息公开工作要点落实情况的函",
    "关于2023年度政府信息公开工作考核结果的通报",
    "2023年政府信息公开工作年度报告解读",
    "2023年政府信息公开工作自查报告",
    "关于2023年政府信息公开工作自查情况的报告",
    "平原区2023年政府信息公开工作汇报",
    "2023年政府信息公开工作年度报告编制说明",
    "《平原区2023年政府信息公开工作年度报告》问答",
    "平原区政府信息公开指南（2023年版）",
    "平原区2023年政府信息公开工作要点",
    "关于报送2023年政府信息公开工作年度报告的函",
    "平原区2023年政务公开工作整改情况报告",
    "平原区召开2023年政府信息公开工作年度报告培训会议",
    "平原区农业农村局召开2023年政府信息公开年报编制会",
    "平原区举办2023年政府信息公开年度报告培训班",
    "平原区2023年政府信息公开年度报告第三方评估",
    "2023年政府信息公开年报（平原区水利局）（解读）",
    "2023年政府信息公开年报（模板）（平原区水利局）",
    "2023年政府信息公开年报（平原区水利局）-政府信息公开指南",
    "一图读懂2023年政府信息公开工作年度报告",
    "【图解】平原区2023年政府信息公开工作年度报告",
    "2023年上半年政府信息公开工作报告",
    "平原区2023年政府信息公开工作半年总结",
    "平原区2023年第四季度政府信息公开情况",
    "平原区教育局2023年政府信息公开工作先进事迹",
    "2023年政府信息公开工作培训材料",
    "2023年政府信息公开申请答复书",
    "政府信息公开工作年度报告撰写要求",
    "政府信息公开工作年度报告常见问题解答",
)


@pytest.mark.parametrize("title", DECOYS)
def test_a_paper_about_reports_is_none(title: str) -> None:
    for behind in ("_政府信息公开年报_平原区人民政府", "-2023年政府信息公开年报", " > 政府信息公开年报", ""):
        found = page(title, ABOUT, behind)
        assert (found.is_report, found.year) == (False, None), behind


@pytest.mark.parametrize("title", DECOYS)
def test_in_a_file_too(title: str) -> None:
    document = Document(TEXT, tuple(Line(line, "") for line in (title, *ABOUT)))
    assert not identify(document, own_lines(document)).is_report


@pytest.mark.parametrize(
    "title",
    [
        "平原区水利局2023年政府信息公开工作年度报告",
        "平原区水利局2023年政府信息公开工作年度报告（PDF版）",
        "平原区水利局2013年政府信息公开条例执行情况报告",
        "平原区水利局2012年政务公开工作总结",
        "政府信息公开工作年度报告（2023年度）",
        "2020年信息公开年报（财政局）",
        "关于平原区财政局2021年度政府信息公开工作的报告",
        "平原区水利局政府信息公开工作年度报告2023年",
        "平原区水利局2023年政府信息公开工作年度报告全文下载",
        "2023年政府信息公开年报 平原区水利局",
        "2023年政府信息公开年报（平原区水利局）（PDF版）",
        "2023年政府信息公开年报（平原区水利局）.docx",
        "附件：政府信息公开工作年度报告（2023年度）（平原区水利局）（全文）",
        "2023年政府信息公开年报——平原区水利局（扫描件）",
        "2023年政府信息公开年报【更正】【平原区水利局】",
    ],
)
def test_a_report_by_its_title(title: str) -> None:
    assert genre_of(title) is Genre.REPORT
    assert page(title, (*ABOUT[3:], "如期完成。")).is_report


@pytest.mark.parametrize(
    "title",
    ["关于公布平原区水利局2023年政府信息公开工作年度报告的公告", "平原区水利局2023年政府信息公开工作年度报告及解读"],
)
def test_a_paper_that_carries_the_report_is_known_by_its_tables(title: str) -> None:
    assert page(title, REPORT).is_report
    assert not page(title, ("见附件。", "已公布。", "特此公告，信息公开。")).is_report


def test_a_notice_with_the_report_attached() -> None:
    title = "关于公布平原区水利局2023年政府信息公开工作年度报告的公告"
    link = Link("http://x/a.pdf", "a", is_attachment=True)
    document = Document("text/html", (Line(title, ""), Line("见附件。", "")), titles=(title,), links=(link,))
    assert identify(document, own_lines(document)).is_report


@pytest.mark.parametrize(
    "column", ["政府信息公开年报", "政府信息公开年报_平原区水利局", "信息公开年报 - 平原区人民政府"]
)
def test_a_column_s_name_over_a_report_without_title(column: str) -> None:
    document = Document(
        "text/html", tuple(Line(line, "") for line in ("2023年，公开有序。", *REPORT)), titles=(column,)
    )
    found = identify(document, own_lines(document))
    assert (found.is_report, found.year) == (True, 2023)


@pytest.mark.parametrize(
    "title",
    [
        "政府信息公开工作年度报告（模板）",
        "关于政府信息公开工作年度报告的答复",
        "政府信息公开工作年度报告专栏",
    ],
)
def test_a_column_of_the_year_behind_a_title_of_its_own(title: str) -> None:
    """What a page prints as its title decides; the name of its column, with the year in it, makes no report of it."""
    assert not page(title, ABOUT, "_2023年政府信息公开工作年度报告_平原区人民政府").is_report


@pytest.mark.parametrize("title", ["平原区农业农村局", "政府信息公开年报", "平原区2023年政府信息公开工作年度报告"])
def test_the_same_column_behind_the_title_of_a_report(title: str) -> None:
    found = page(title, REPORT, "_2023年政府信息公开工作年度报告_平原区人民政府")
    assert (found.is_report, found.year) == (True, 2023)


@pytest.mark.parametrize(
    ("title", "figure", "is_disputed"),
    [
        ("平原区水利局关于2023年政府信息公开工作年度报告的说明", "7", True),
        ("平原区水利局关于报送2023年政府信息公开工作年度报告的函", "7", True),
        ("2023年政府信息公开工作年度报告编制说明", "", False),  # the form to be filled in
        ("2023年政府信息公开工作年度报告编制说明", "0", False),
        ("2023年政府信息公开工作年度报告（模板）", "7", False),
    ],
)
def test_a_paper_that_holds_a_whole_report_is_disputed(title: str, figure: str, is_disputed: bool) -> None:
    """The title says that it is another paper, what stands in it that it is the report: nobody knows from the words alone."""
    chapters = ("一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况",
                "五、存在的主要问题及改进情况", "六、其他需要报告的事项")  # fmt: skip
    rows = ("一、本年新收政府信息公开申请数量", "四、结转下年度继续办理", "5.属于三类内部事务", "第二十条第（一）项")
    grid = Grid(tuple((Cell(row, ""), *(Cell(figure, "") for _ in range(7))) for row in rows), "")
    document = Document("text/html", (Line(title, ""), *(Line(text, "") for text in chapters), grid), titles=(title,))
    found = identify(document, own_lines(document))
    assert (found.is_report, found.is_disputed, found.year) == (False, is_disputed, None)
