"""The 统计表 of reports before 2019: with the year and with all years, and where they end."""

from __future__ import annotations

import pytest

from extract.model import Limits
from extract.tables import TablesResult, read_tables
from extract.web import html
from tests.extract.table_documents import by_address, grid_document, read_lines

Rows = list[list[str | None]]
FOUR: Rows = [
    ["主动公开文件数", "条", "555", "5067"],
    ["其中：1、政府网站公开数", "条", "1049", "6863"],
    ["行政复议数", "件", "2003", "3928"],
]
OFFICIAL: Rows = [
    ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况", *[None] * 6],
    [None, "自然人", "法人或其他组织", None, None, None, None, "总计"],
    [None, None, "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", None],
    ["一、本年新收政府信息公开申请数量", "3", "1", "0", "0", "0", "0", "4"],
    ["二、上年结转政府信息公开申请数量", "0", "0", "0", "0", "0", "0", "0"],
    ["（一）予以公开", "3", "1", "0", "0", "0", "0", "4"],
]


def values(result: TablesResult, column: str) -> list[object]:
    figures = by_address(result)
    rows = dict.fromkeys(row for table, row, _ in figures if table == "indicators")
    found = [figures.get(("indicators", row, column)) for row in rows]
    assert all(figure is None or figure.confidence >= 0.9 for figure in found), result.warnings
    return [figure.value if figure is not None else None for figure in found]


@pytest.mark.parametrize(
    ("year", "cumulative"),
    [
        ("2016年度", "历年累计"),
        ("2016年", "累计数"),
        ("本年度", "累计"),
        ("统计数", "历年累计数"),
        ("2016年度数据", "历年总数"),
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_year_and_all_years(year: str, cumulative: str, as_text: bool) -> None:
    rows: Rows = [["指标名称", "计量单位", year, cumulative], *FOUR]
    lines = "\n".join("\t".join(cell or "" for cell in row) for row in rows)
    result = read_lines(lines) if as_text else read_tables(grid_document(rows))
    assert values(result, "value") == [555, 1049, 2003]
    assert values(result, "cumulative") == [5067, 6863, 3928]


def test_all_years_before_the_year() -> None:
    rows: Rows = [["指标", "单位", "历年累计", "2016年度"], *([row[0], row[1], row[3], row[2]] for row in FOUR)]
    assert values(read_tables(grid_document(rows)), "value") == [555, 1049, 2003]


def test_of_two_years_the_last_one_counts() -> None:
    rows: Rows = [["指标名称", "单位", "2015年", "2016年"], *([row[0], row[1], "7", row[2]] for row in FOUR)]
    result = read_tables(grid_document(rows))
    assert values(result, "value") == [555, 1049, 2003]
    assert not any(figure.value == 7 for figure in result.figures)


def test_without_a_column_of_units() -> None:
    rows: Rows = [["指标名称", "2016年度", "历年累计"], *([row[0], row[2], row[3]] for row in FOUR)]
    assert values(read_tables(grid_document(rows)), "cumulative") == [5067, 6863, 3928]


def test_remark_beside_the_figures_is_no_figure() -> None:
    rows: Rows = [["统计指标", "单位", "统计数", "备注"], *([*row[:3], "3"] for row in FOUR)]
    assert values(read_tables(grid_document(rows)), "value") == [555, 1049, 2003]


def test_amounts_are_in_yuan() -> None:
    rows: Rows = [["统计指标", "单位", "统计数"], ["政府信息公开专项经费", "万元", "12.5"], ["发生费用", "元", "80"]]
    assert values(read_tables(grid_document(rows)), "value") == [125000, 80]


def test_row_that_lost_one_of_two_figures_is_flagged() -> None:
    rows: Rows = [["指标名称", "计量单位", "2016年度", "历年累计"], FOUR[0], ["举报数", "件", "9"]]
    figures = by_address(read_tables(grid_document(rows)))
    assert figures["indicators", "举报数", "value"].confidence < 0.9
    assert figures["indicators", "举报数", "cumulative"].confidence < 0.9


def test_group_spans_its_rows() -> None:
    rows: Rows = [
        ["统计指标", None, "单位", "统计数"],
        ["主动公开", "文件数", "条", "12"],
        [None, "公报数", "条", "3"],
    ]
    figures = by_address(read_tables(grid_document(rows)))
    assert figures["indicators", "主动公开文件数", "value"].value == 12
    assert figures["indicators", "公报数", "value"].value == 3


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_official_table_right_behind_it(as_text: bool, together: bool) -> None:
    statistics: Rows = [
        ["统计指标", "单位", "统计数"],
        ["主动公开规范性文件数", "件", "887"],
        ["行政复议数", "件", "3"],
    ]
    official = OFFICIAL
    if as_text:
        lines = ["\t".join(cell for cell in row if cell is not None) for row in (*statistics, *official)]
        result = read_lines("\n".join(lines))
    elif together:
        wide: Rows = [[*row, *[None] * 5] for row in statistics]
        result = read_tables(grid_document([*wide, *official]))
    else:
        result = read_tables(grid_document(statistics, official))
    figures = by_address(result)
    assert figures["indicators", "主动公开规范性文件数", "value"].value == 887
    assert figures["indicators", "行政复议数", "value"].value == 3
    assert {row for table, row, _ in figures if table == "indicators"} == {"主动公开规范性文件数", "行政复议数"}
    assert figures["applications", "received", "total"].value == 4
    assert figures["applications", "received", "total"].confidence >= 0.9


def test_table_goes_on_in_the_next_grid() -> None:
    first: Rows = [["统计指标", "单位", "统计数"], ["主动公开规范性文件数", "件", "887"]]
    second: Rows = [["接受培训人员数", "人次", "488"], ["举办培训班次数", "次", "4"]]
    assert values(read_tables(grid_document(first, second)), "value") == [887, 488, 4]


@pytest.mark.parametrize("first", [0, 1])
def test_another_table_with_the_same_rows(first: int) -> None:
    """The table of last year, or of the organ alone, beside that of the report: neither is taken at its word."""
    labels = ["主动公开政府信息数", "政府网站公开政府信息数", "收到申请数", "申请办结数", "按时办结数"]
    tables: list[list[list[str | None]]] = [
        [["统计指标", "单位", "统计数"], *([label, "条", str(start + n)] for n, label in enumerate(labels))]
        for start in (10, 70)
    ]
    result = read_tables(grid_document(*(tables if first == 0 else tables[::-1])))
    assert len(result.figures) == len(labels)
    assert not any(figure.is_reliable for figure in result.figures)
    assert any("printed twice" in warning for warning in result.warnings)


def test_labels_that_stand_twice_in_one_table() -> None:
    rows = [
        ("行政复议数量", "9"),
        ("被依法纠正数", "1"),
        ("其他情形数", "2"),
        ("行政诉讼数量", "4"),
        ("被依法纠正数", "3"),
        ("其他情形数", "0"),
    ]
    table: list[list[str | None]] = [["统计指标", "单位", "统计数"], *([label, "件", number] for label, number in rows)]
    result = read_tables(grid_document(table))
    assert [figure.raw for figure in result.figures if figure.is_reliable] == ["9", "1", "2", "4"]


@pytest.mark.parametrize(
    ("heads", "year"),
    [
        ("主要指标/计量单位/本年/累计数", 2),
        ("项目/单位/2016年度/2008年以来累计", 2),
        ("指标名称/计量单位/2016年1-12月/累计", 2),
        ("内容/单位/年度数/累计数", 2),
        ("指标名称/计量单位/二〇一六年度/历年累计", 2),
        ("指标名称/计量单位/历年累计/2016年度", 3),
        ("指标名称/计量单位/2016年度数/截至2016年底累计数", 2),
    ],
)
def test_columns_of_the_year_and_of_all_years_in_other_words(heads: str, year: int) -> None:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
        for row in (heads.split("/"), ("主动公开文件数", "条", "55", "77"))
    )
    found = read_tables(html.read(f"<body><p>统计表</p><table>{rows}</table></body>".encode(), Limits()))
    values = {one.column: (str(one.value), one.is_reliable) for one in found.figures}
    assert values == {"value": (("55", "77")[year - 2], True), "cumulative": (("77", "55")[year - 2], True)}


def test_a_header_of_two_rows_and_a_column_of_codes() -> None:
    two = "<tr><td rowspan=2>指标名称</td><td rowspan=2>单位</td><td colspan=2>统计数</td></tr><tr><td>2016年度</td><td>历年累计</td></tr>"
    row = "<tr><td>主动公开文件数</td><td>条</td><td>55</td><td>77</td></tr>"
    codes = "<tr><td>指标名称</td><td>代码</td><td>单位</td><td>2016年度</td><td>历年累计</td></tr>"
    coded = row.replace("<td>条", "<td>01</td><td>条")
    for table in (two + row, codes + coded):
        found = read_tables(html.read(f"<body><p>统计表</p><table>{table}</table></body>".encode(), Limits()))
        assert {one.column: str(one.value) for one in found.figures if one.is_reliable} == {
            "value": "55",
            "cumulative": "77",
        }


def test_a_column_of_the_year_that_is_not_told_from_the_others_is_said() -> None:
    heads = "<tr><td>指标名称</td><td>单位</td><td>完成情况</td><td>历年累计</td></tr><tr><td>主动公开文件数</td><td>条</td><td>55</td><td>77</td></tr>"
    found = read_tables(html.read(f"<body><p>统计表</p><table>{heads}</table></body>".encode(), Limits()))
    assert any("no column of the year" in warning and "完成情况" in warning for warning in found.warnings)
