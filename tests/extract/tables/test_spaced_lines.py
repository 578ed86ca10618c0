"""Lines of text whose cells are parted by blanks: long rows of headers, numbers with commas, figures that stand higher than their row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.extract.table_documents import read_lines

NOTE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
APPLICANTS = "自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 小计 总计"
ROWS = """一、本年新收政府信息公开申请数量 3 0 30 22 0 53 105 108
二、上年结转政府信息公开申请数量 2 0 0 0 0 0 0 2
三、本年度办理结果 （一）予以公开 5 0 30 22 0 53 105 110
四、结转下年度继续办理 0 0 0 0 0 0 0 0"""


@pytest.mark.parametrize("above", [f"{NOTE} {APPLICANTS}", f"{NOTE}\n{APPLICANTS}", f"{NOTE} 申请人情况\n{APPLICANTS}"])
def test_a_long_row_of_headers_is_no_running_text(above: str) -> None:
    figures = {(f.row, f.column): f for f in read_lines(f"三、收到和处理政府信息公开申请情况\n{above}\n{ROWS}").figures}
    assert figures["received", "total"].value == 108
    assert figures["received", "total"].is_reliable
    assert figures["received", "other_org"].value == 53


def test_a_sentence_of_known_words_is_no_row_of_headers() -> None:
    sentence = f"{NOTE} 自然人 商业企业 科研机构 社会公益组织 法律服务机构 和其他申请人的申请都已按时答复，没有一件结转下年度继续办理。"
    assert read_lines(f"{sentence}\n{ROWS}").figures == read_lines(f"没有表头。\n{ROWS}").figures


DISCLOSURE = """二、主动公开政府信息情况
第二十条第（一）项
信息内容 本年新制作数量 本年新公开数量 对外公开总数量
规章 12 564 761
规范性文件 3 1 13
第二十条第（五）项
信息内容 上一年项目数量 本年增/减 处理决定数量
行政许可 452 1 60
其他对外管理服务事项 4 1 45
第二十条第（六）项
信息内容 上一年项目数量 本年增/减 处理决定数量
{rows}
第二十条第（八）项
信息内容 上一年项目数量 本年增/减
行政事业性收费 144 -13
第二十条第（九）项
信息内容 采购项目数量 采购总金额
政府集中采购 269 4560000"""


def reliable(rows: str) -> dict[str, Decimal | None]:
    figures = read_lines(DISCLOSURE.format(rows=rows)).figures
    return {f.column: f.value for f in figures if f.row == "penalties" and f.is_reliable}


def test_a_figure_cut_in_two_lines_is_not_bound_in_its_pieces() -> None:
    """+4294898012 did not fit into its cell: a part stands above the row, one below it, and there are as many figures as columns."""
    assert reliable("+42948\n行政处罚 82117 54118\n98012\n行政强制 78119 51201 92123") == {}


def test_as_many_figures_as_columns_are_bound() -> None:
    expected = {"prior_items": Decimal(82117), "items_change": Decimal(98012), "decisions": Decimal(54118)}
    assert reliable("行政处罚 82117 98012 54118\n行政强制 78119 51201 92123") == expected


def test_litigation_in_a_table_of_its_own_keeps_both_routes() -> None:
    """The lines of the header and those of the figures are one run of texts and numbers: the routes above are columns, not labels."""
    outcomes = "结果维持 结果纠正 其他结果 尚未审结 总计"
    text = f"四、政府信息公开行政复议、行政诉讼情况\n\n行政复议\n{outcomes}\n0 12 32 0 44\n\n行政诉讼\n未经复议直接起诉 复议后起诉\n{outcomes} {outcomes}\n29 27 17 0 73 22 0 0 0 22"
    figures = {(f.row, f.column): f for f in read_lines(text).figures}
    for row, values in (
        ("reconsideration", (0, 12, 32, 0, 44)),
        ("litigation_direct", (29, 27, 17, 0, 73)),
        ("litigation_after_reconsideration", (22, 0, 0, 0, 22)),
    ):
        for column, value in zip(("upheld", "corrected", "other", "pending", "total"), values, strict=True):
            figure = figures[row, column]
            assert (figure.value, figure.is_reliable) == (value, True), (figure, row)
