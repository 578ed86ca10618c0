"""A page may hold a table of another year than its report's, and a report in a tab that is closed."""

from __future__ import annotations

import pytest

from extract.api import read_report
from extract.model import Extraction

_TITLE = "平川县2021年政府信息公开工作年度报告"


def _table(first: int = 1, head: str = "", made: str = "本年制发件数") -> str:
    rows = f"<tr><td>规章</td><td>{first}</td><td>2</td><td>3</td></tr><tr><td>行政规范性文件</td><td>4</td><td>5</td><td>6</td></tr>"
    header = f"<tr><td>信息内容</td><td>{made}</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
    return f"<table>{head}<tr><td colspan=4>第二十条第（一）项</td></tr>{header}{rows}</table>"


def _read(before: str = "", table: str = "", after: str = "", outside: str = "", style: str = "") -> Extraction:
    page = (
        f"<!DOCTYPE html><meta charset=utf-8><title>{_TITLE}</title><h1>{_TITLE}</h1><div id=zoom style='{style}'>"
        f"<p>根据《中华人民共和国政府信息公开条例》，现公布本报告。</p><p>一、总体情况</p><p>2021年主动公开信息，与2020年相比有所增加。</p>"
        f"<p>二、主动公开政府信息情况</p>{before}{table or _table()}<p>三、收到和处理政府信息公开申请情况</p><p>无。</p>{after}</div>{outside}"
    )
    return read_report(page.encode(), source="page.html").extraction


def _made(extraction: Extraction) -> tuple[int, float]:
    figure = next(one for one in extraction.figures if (one.row, one.column) == ("rules", "made"))
    return int(figure.value or -1), figure.confidence


@pytest.mark.parametrize(
    "where",
    [
        {"before": "<p>平川县2020年政府信息公开工作统计表</p>"},
        {"before": "<p>附件：2020年度政府信息公开情况统计表</p>"},
        {"before": "<p>（2020年度）</p>"},
        {"before": "<p>统计时间：2020年1月1日至2020年12月31日</p>"},
        {"before": "<p>统计数据截至2020年12月31日</p><p>单位：件</p>"},
        {"table": _table(head="<tr><td colspan=4>2020年度主动公开政府信息情况</td></tr>")},
        {"table": _table(head="<caption>2020年政府信息公开情况统计表</caption>")},
        {"table": "<p>无。</p>", "after": f"<h3>2020年情况统计表</h3>{_table()}"},
    ],
)
def test_a_table_of_another_year_is_doubted(where: dict[str, str]) -> None:
    extraction = _read(**where)
    assert _made(extraction) == (1, 0.5)
    assert any("another year than the report (2021)" in warning for warning in extraction.warnings)


@pytest.mark.parametrize(
    "where",
    [
        {"before": "<p>平川县2021年政府信息公开工作统计表</p>"},
        {"before": "<p>2021年情况统计表（2022年1月填报）</p>"},
        {"before": "<p>发布日期：2022年1月20日</p>"},
        {"before": "<p>与2020年相比，情况如下表：</p>"},
        {"before": "<p>统计时间：2021年1月1日至2021年12月31日</p>"},
        {"before": "<p>2020年情况</p><p>一</p><p>二</p><p>三</p><p>四</p><p>五</p>"},
        {"before": "<p>2020年情况统计表</p><p>2021年情况统计表</p>"},
        {"after": "<p>2020年情况统计表见附件</p>"},
    ],
)
def test_headings_that_say_nothing_of_another_year(where: dict[str, str]) -> None:
    assert _made(_read(**where)) == (1, 1.0)


def test_the_tab_that_is_open_counts() -> None:
    """What the page hides is not what a person reads, whatever its name; where all is hidden, the name decides."""
    tab = f"<div class=tab><h2>{_TITLE}</h2><p>一、总体情况</p><p>无。</p><p>二、主动公开政府信息情况</p>{_table(7)}</div>"
    assert _made(_read(outside=tab, style="display:none"))[0] == 7
    assert _made(_read(outside=tab.replace("class=tab", "style=display:none")))[0] == 1
    assert _made(_read(style="display:none"))[0] == 1


@pytest.mark.parametrize(
    "header",
    [
        "本年公开总数量",
        "对外公开总数量（本年）",
        "本年对外公开总数量",
        "当年公开总数量",
        "累计公开总数量",
        "对外公开总数量",
    ],
)
def test_a_total_of_the_year_is_not_the_total(header: str) -> None:
    """本年公开总数量 are those of the year, 对外公开总数量 all that there are."""
    page = (
        "<h1>平川县2019年政府信息公开工作年度报告</h1><p>二、主动公开政府信息情况</p><table><tr><td colspan=4>第二十条第（一）项</td></tr><tr>"
        f"<td>信息内容</td><td>本年新制作数量</td><td>本年新公开数量</td><td>{header}</td></tr><tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr>"
        "<tr><td>规范性文件</td><td>4</td><td>5</td><td>6</td></tr></table><p>三、收到和处理政府信息公开申请情况</p>"
    )
    extraction = read_report(page.encode(), source="page.html", hint="text/html").extraction
    total = next(one for one in extraction.figures if (one.row, one.column) == ("rules", "total_public"))
    assert (total.confidence == 1.0) == (header == "对外公开总数量")


@pytest.mark.parametrize(
    "note",
    [
        "注：以上数据为2020年度统计数据",
        "注：本表数据统计时间为2020年1月1日至2020年12月31日。",
        "（以上数据截至2020年12月31日）",
        "说明：上表为2020年情况。",
        "备注：表中数据均为2020年数字",
        "数据来源：2020年度政府信息公开统计报表",
        "统计年度：2020年",
    ],
)
def test_a_note_below_a_table_speaks_of_the_table_above_it(note: str) -> None:
    table = _table()
    other = table.replace("第二十条第（一）项", "第二十条第（五）项").replace("本年制发件数", "本年处理决定数量")
    for tail in ("", f"<p>三、其他情况</p>{other}", other):
        assert _made(_read(table=f"{table}<p>{note}</p>{tail}")) == (1, 0.5), tail
    within = table.replace("</table>", f"<tr><td colspan=4>{note}</td></tr></table>")
    assert _made(_read(table=within)) == (1, 0.5)


@pytest.mark.parametrize(
    "note",
    [
        "注：以上数据较2020年增长5%",
        "注：本表依据国办公开办函〔2020〕30号格式填报",
        "注：以上数据为2021年度数据",
        "注：统计数据含2020年度延期答复件",
        "注：2020年以前制发的规范性文件未计入统计。",
        "注：2020年结转申请2件，已计入上年结转",
        "（2022年1月12日填报）",
    ],
)
def test_notes_that_say_nothing_of_another_year(note: str) -> None:
    assert _made(_read(before=f"<p>{note}</p>")) == (1, 1.0)
    assert _made(_read(table=f"{_table()}<p>{note}</p>")) == (1, 1.0)


def test_indicators_of_another_year_are_doubted() -> None:
    head = "<tr><td>指标名称</td><td>计量单位</td><td>{}</td><td>历年累计</td></tr>"
    table = "<table>" + head + "<tr><td>主动公开文件数</td><td>条</td><td>5</td><td>50</td></tr></table>"
    for name, sure in (("本年度", False), ("2021年度", True)):
        extraction = _read(table=f"<p>2020年政府信息公开情况统计表</p>{table.format(name)}{_table()}")
        figure = next(one for one in extraction.figures if (one.table, one.column) == ("indicators", "value"))
        assert (figure.value, figure.is_reliable) == (5, sure)
