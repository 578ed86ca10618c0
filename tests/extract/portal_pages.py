"""Pages as the publishing families make them, around one report; every kind of noise of field guide §12 on request.

All names and numbers are invented. The same `Report` through two templates is the same report on two pages.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

ORGAN = "示例市示范区人民政府"
APPLICANTS = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", "总计")
ROWS_2021 = (
    ("一、本年新收政府信息公开申请数量",),
    ("二、上年结转政府信息公开申请数量",),
    ("（一）予以公开",),
    ("（二）部分公开（区分处理的，只计这一情形，不计其他情形）",),
    *(("（三）不予公开", f"{n}.{label}") for n, label in enumerate(
        ("属于国家秘密", "其他法律行政法规禁止公开", "危及“三安全一稳定”", "保护第三方合法权益", "属于三类内部事务信息",
         "属于四类过程性信息", "属于行政执法案卷", "属于行政查询事项"), start=1)),
    *(("（四）无法提供", f"{n}.{label}") for n, label in enumerate(
        ("本机关不掌握相关政府信息", "没有现成信息需要另行制作", "补正后申请内容仍不明确"), start=1)),
    *(("（五）不予处理", f"{n}.{label}") for n, label in enumerate(
        ("信访举报投诉类申请", "重复申请", "要求提供公开出版物", "无正当理由大量反复申请", "要求行政机关确认或重新出具已获取信息"), start=1)),
    *(("（六）其他处理", f"{n}.{label}") for n, label in enumerate(
        ("申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
         "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", "其他"), start=1)),
    ("（七）总计",),
    ("四、结转下年度继续办理",),
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """A report of the 2021 form: title, day, sentences, and the numbers of its tables."""

    title: str = f"{ORGAN}2023年政府信息公开工作年度报告"
    published: str = "2024-01-30"
    sentences: tuple[str, ...] = (
        "2023年，示范区各级行政机关坚持以公开为常态、不公开为例外，扎实推进政务公开。",
        "全区各级行政机关共受理政府信息公开申请12件，办结11件，结转下年度继续办理1件。",
        "（一）主动公开情况。全年通过门户网站公开信息 1,234 条。",
    )
    problems: str = "一是解读形式还不够丰富；二是平台建设有待加强。下一步将加强培训。"
    other: str = "本年度收取信息处理费0元。"
    numbers: tuple[int, ...] = field(default_factory=lambda: tuple(range(10)))
    applications: tuple[tuple[int, ...], ...] = ()
    challenges: tuple[int, ...] = (1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)

    def rows(self) -> tuple[tuple[int, ...], ...]:
        """Seven numbers for each row of the application table."""
        if self.applications:
            return self.applications
        return tuple((n, 1, 0, 0, 0, 0, n + 1) for n in range(len(ROWS_2021)))


def edit(report: Report, **changes: object) -> Report:
    return replace(report, **changes)  # type: ignore[arg-type]


def body(report: Report, dress: Callable[[str], str] = html.escape) -> str:
    """The report as pasted: paragraphs and tables; `dress` writes each text."""
    p = lambda text: f"<p>{dress(text)}</p>"  # noqa: E731
    n = iter(report.numbers)
    parts = [p("一、总体情况"), *map(p, report.sentences), p("二、主动公开政府信息情况")]
    parts.append(_table([
        [("第二十条第（一）项", 4)],
        ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
        ["规章", *(str(next(n)) for _ in range(3))],
        ["行政规范性文件", *(str(next(n)) for _ in range(3))],
        [("第二十条第（五）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政许可", (str(next(n)), 3)],
        [("第二十条第（六）项", 4)],
        ["信息内容", ("本年处理决定数量", 3)],
        ["行政处罚", (str(next(n)), 3)],
        ["行政强制", (str(next(n)), 3)],
        [("第二十条第（八）项", 4)],
        ["信息内容", ("本年收费金额（单位：万元）", 3)],
        ["行政事业性收费", (str(next(n)), 3)],
    ], dress))  # fmt: skip
    parts.append(p("三、收到和处理政府信息公开申请情况"))
    rows: list[list[str | tuple[str, int]]] = [
        [("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 2), *APPLICANTS]
    ]
    for labels, values in zip(ROWS_2021, report.rows(), strict=True):
        head = [(labels[0], 2)] if len(labels) == 1 else list(labels)
        rows.append([*head, *map(str, values)])
    parts.append(_table(rows, dress))
    parts.append(p("四、政府信息公开行政复议、行政诉讼情况"))
    outcomes = ["结果维持", "结果纠正", "其他结果", "尚未审结", "总计"]
    parts.append(_table([
        [("行政复议", 5), ("行政诉讼", 10)],
        [("", 5), ("未经复议直接起诉", 5), ("复议后起诉", 5)],
        outcomes * 3,
        list(map(str, report.challenges)),
    ], dress))  # fmt: skip
    parts += [p("五、存在的主要问题及改进情况"), p(report.problems), p("六、其他需要报告的事项"), p(report.other)]
    return "\n".join(parts)


def _table(rows: list[list[str | tuple[str, int]]], dress: Callable[[str], str]) -> str:
    lines = []
    for row in rows:
        cells = []
        for cell in row:
            text, span = (cell, 1) if isinstance(cell, str) else cell
            colspan = f' colspan="{span}"' if span > 1 else ""
            cells.append(f"<td{colspan}><p>{dress(text) or '&nbsp;'}</p></td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<table border="1"><tbody>{"".join(lines)}</tbody></table>'


def spans(text: str) -> str:
    """Word's way: one span a character."""
    return "".join(f'<span style="font-family:宋体">{html.escape(sign)}</span>' for sign in text)


def spaced(text: str) -> str:
    """No-break and ideographic spaces around, as indents."""
    return "&nbsp;&nbsp;\u3000" + html.escape(text) + "\u200b&#160;"


@dataclass(frozen=True)
class Noise:
    """What differs between two visits to an unchanged page."""

    seed: int = 0

    def rng(self) -> random.Random:
        return random.Random(self.seed)


FAMILIES = ("trs", "jcms", "jpaas", "gkmlpt", "ucap", "lonsun", "vsb", "hexday", "plain", "tables")


def page(family: str, report: Report, noise: Noise | None = None, *, dress: Callable[[str], str] = html.escape) -> str:
    """The report's page in a family's template."""
    rng = (noise or Noise()).rng()
    hits, clock, token = (
        rng.randint(1, 99999),
        f"{rng.randint(2024, 2026)}年{rng.randint(1, 12)}月3日",
        f"{rng.getrandbits(64):x}",
    )
    neighbours = [f"示例局{rng.randint(2008, 2024)}年政府信息公开工作年度报告" for _ in range(3)]
    banner = rng.choice(["欢迎访问示例市人民政府门户网站", "热烈庆祝", "防汛提示：请注意安全。"])
    grey = rng.choice(["", ' style="filter:grayscale(100%)"'])
    head = (
        f'<html{grey}><head><meta charset="utf-8"><title>{report.title}_政府信息公开年报_示例市人民政府</title>'
        f'<meta name="SiteName" content="示例市人民政府"><meta name="csrf" content="{token}">'
        f'<script src="/js/a.js?v={token}"></script><style>.a{{color:red}}</style></head><body>'
        f'<div class="header"><div class="date">{clock} 星期三</div><div class="banner">{banner}</div>'
        '<ul class="nav"><li><a href="/">首页</a></li><li><a href="/zwgk">政务公开</a></li></ul>'
        '<div class="crumb">您当前的位置：<a href="/">首页</a> &gt; <a href="/nb">政府信息公开年报</a></div></div>'
    )
    tail = (
        f'<div class="neighbours"><p>上一篇：<a href="/1">{neighbours[0]}</a></p><p>下一篇：<a href="/2">{neighbours[1]}</a></p></div>'
        f'<div class="list"><h3>相关文章</h3><ul><li><a href="/3">{neighbours[2]}</a><span>2024-02-0{rng.randint(1, 9)}</span></li></ul></div>'
        f'<div class="footer"><p>主办单位：示例市人民政府办公室 ICP备{rng.randint(1, 999999)}号</p></div><input type="hidden" value="{token}">'
        f"<script>var t='{token}';</script></body></html>"
    )
    inner = body(report, dress)
    counter = f'浏览次数：<span id="hits{rng.randint(0, 999)}">{hits}</span>'
    buttons = (
        '<div class="print">【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】【打印】【关闭】</div>'
    )
    make = globals()[f"_{family}"]
    return head + make(report, inner, counter, buttons, rng) + tail


def _trs(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<div class="article"><h1>{r.title}</h1><div class="info">发布日期：{r.published} 来源：示例市示范区人民政府 {counter}</div>'
        f'<div class="TRS_Editor"><div class="Custom_UnionStyle">{inner}</div></div>{buttons}</div>'
    )


def _jcms(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        '<table class="xxgk_table"><tr><td>索引号</td><td>113301/2024-00012</td><td>分类</td><td>年报</td></tr>'
        f"<tr><td>发布机构</td><td>示例市示范区人民政府</td><td>发布日期</td><td>{r.published}</td></tr>"
        f"<tr><td>标题</td><td>{r.title}</td><td>文号</td><td></td></tr></table>"
        f'<div class="sp_title">{r.title}</div><div class="sp_time">{r.published} {counter}</div>'
        f'<div id="zoom"><p style="text-align:center">{r.title}</p>{inner}</div>'
        '<iframe src="/module/visitcount/visit.jsp?type=3" style="display:none"></iframe>'
    )


def _jpaas(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<div id="con_con" class="ccontent"><p class="title">{r.title}</p><p>发布时间：{r.published} 10:0{rng.randint(0, 9)}'
        f"&nbsp;&nbsp;{counter}&nbsp;&nbsp;来源：示范区</p>{inner}<p>{buttons}</p>"
        f'<div class="share bdsharebuttonbox">分享到：<a href="#">微信</a><a href="#">微博</a></div></div>'
    )


def _gkmlpt(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    content = json.dumps(inner, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
    return (
        f'<div class="classify"><table><tr><td>索引号：</td><td>11440000MB2C/2024-0001</td></tr><tr><td>发布机构：</td><td>{ORGAN}</td></tr>'
        f"<tr><td>成文日期：</td><td>2024-01-28</td></tr><tr><td>名称：</td><td>{r.title}</td></tr>"
        f"<tr><td>发布日期：</td><td>{r.published}</td></tr></table></div><h1 class='title'>{r.title}</h1>"
        f'<div class="article-content"></div>{counter}'
        f'<script>window._CONFIG = {{ SID: \'758019\', DETAIL: {{"id": {rng.randint(1, 9)}, "content": {content} }} }};</script>'
    )


def _ucap(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f"<div class='con'><UCAPTITLE>{r.title}</UCAPTITLE><p>时间：<PUBLISHTIME>{r.published}</PUBLISHTIME></p>{counter}"
        f"<UCAPCONTENT>{inner}</UCAPCONTENT></div>"
    )


def _lonsun(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<ul class="xxgk_info"><li>索 引 号：<span>00301/202401-00012</span></li><li>发布日期：<span>{r.published}</span></li></ul>'
        f'<h1 class="newstitle">{r.title}</h1><div class="j-fontContent newscontnet wzcon" id="zoom{rng.randint(1, 9)}">{inner}</div>'
        f'<div class="wzurl">{counter}</div>'
    )


def _vsb(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<form name="_newscontent_fromname"><div class="bt"><h1>{r.title}</h1></div><div class="xx">日期：{r.published} 作者： '
        f'点击：[<script>_showDynClicks("wbnews", 1, 2)</script><span id="dynclicks_wbnews_2_{rng.randint(0, 999)}">{rng.randint(1, 999)}</span>]</div>'
        f'<div id="vsb_content_{rng.randint(1, 999)}"><div class="v_news_content">{inner}</div></div>'
        f'<p>附件【<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&amp;owner=1&amp;wbfileid=9">年报.docx</a>】'
        f'已下载<span id="nattach9">{rng.randint(1, 99)}</span>次</p></form>'
    )


def _hexday(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<h2 id="ivs_title">{r.title}<small>（{r.published}）</small></h2><div id="ivs_content">{inner}</div>{counter}'
    )


def _plain(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<div id="x{rng.randint(1, 9999)}"><h1>{r.title}</h1><p>发布日期：{r.published}</p>'
        f'<div id="y{rng.randint(1, 9999)}">{inner}</div></div>'
    )


def _tables(r: Report, inner: str, counter: str, buttons: str, rng: random.Random) -> str:
    return (
        f'<table width="960"><tr><td width="200"><table><tr><td><a href="/a">政府信息公开指南</a></td></tr></table></td><td>'
        f'<table><tr><td align="center"><h1>{r.title}</h1></td></tr><tr><td>发布时间：{r.published} {counter}</td></tr>'
        f"<tr><td>{inner}</td></tr></table></td></tr></table>"
    )
