"""Web pages: the report on its page, what the page says of itself, links, hostile markup."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Document, Limits, Line
from extract.web import html
from tests.extract import portal_pages as pages

URL = "http://www.shili.gov.cn/zwgk/nb/202401/t20240130_1.html"


def read(markup: str | bytes, url: str | None = URL) -> Document:
    return html.read(markup.encode() if isinstance(markup, str) else markup, Limits(), url=url)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Line)]


CONTAINERS = {
    "trs": ".Custom_UnionStyle",
    "jcms": "#zoom",
    "jpaas": "#con_con",
    "gkmlpt": "_CONFIG.DETAIL.content",
    "ucap": "ucapcontent",
    "lonsun": ".j-fontContent",
    "vsb": ".v_news_content",
    "hexday": "#ivs_content",
    "tables": "td",
}


@pytest.mark.parametrize(("family", "name"), CONTAINERS.items())
def test_container_of_each_family(family: str, name: str) -> None:
    assert read(pages.page(family, pages.Report())).container == name


@pytest.mark.parametrize("family", pages.FAMILIES)
def test_page_around_the_report_is_left_out(family: str) -> None:
    found = "\n".join(texts(read(pages.page(family, pages.Report(), pages.Noise(5)))))
    for noise in (
        "首页",
        "浏览次数",
        "上一篇",
        "下一篇",
        "相关文章",
        "示例局",
        "打印",
        "ICP备",
        "欢迎",
        "星期",
        "微信",
        "已下载",
    ):
        assert noise not in found
    for sentence in (*pages.Report().sentences, pages.Report().problems, pages.Report().other):
        assert "".join(sentence.split()) in "".join(found.split())


@pytest.mark.parametrize("family", pages.FAMILIES)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_charset_makes_no_difference(family: str, charset: str) -> None:
    markup = pages.page(family, pages.Report()).replace(
        'charset="utf-8"', f'charset="{charset.replace("utf-16", "utf-8")}"'
    )
    assert read(markup.encode(charset)).blocks == read(markup).blocks


def test_report_is_found_by_its_words_where_no_name_is_known() -> None:
    document = read(pages.page("plain", pages.Report(), dress=pages.spans))
    assert document.container is not None
    assert document.container.startswith("div#y")


def test_a_container_name_on_the_wrong_element_is_passed_over() -> None:
    page = pages.page("plain", pages.Report()).replace(
        "<body>", '<body><div class="article-content">今日天气晴。</div>'
    )
    assert "一、总体情况" in texts(read(page))


def test_chapters_in_boxes_of_their_own_are_read_together() -> None:
    inner = pages.body(pages.Report())
    cut = inner.index("<p>三、")
    page = f"<div class='wrap'><div class='TRS_Editor'>{inner[:cut]}</div><div class='TRS_Editor'>{inner[cut:]}</div></div>"
    found = texts(
        read(f"<body><div class='nav'><a href='/'>首页</a></div><div>{page}</div><div class='footer'>版权</div></body>")
    )
    assert "一、总体情况" in found
    assert "六、其他需要报告的事项" in found


def test_second_copy_for_telephones_is_not_read() -> None:
    inner = pages.body(pages.Report())
    found = texts(
        read(
            f"<div class='pc'><div id='zoom'>{inner}</div></div><div class='wap'><div class='wzcon'>{inner}</div></div>"
        )
    )
    assert found.count("一、总体情况") == 1


def test_hidden_copy_is_passed_over_and_a_page_hidden_until_a_script_runs_is_read() -> None:
    inner = pages.body(pages.Report())
    old = f"<div style='display:none'><div class='TRS_Editor'>{inner.replace('一是', '旧是')}</div></div>"
    assert "旧是" not in "".join(texts(read(f"<body>{old}<div id='zoom'>{inner}</div></body>")))
    hidden = read(f"<body style='visibility: hidden'><div id='zoom'>{inner}</div><div class='footer'>尾</div></body>")
    assert hidden.container == "#zoom"
    assert "一、总体情况" in texts(hidden)


def test_box_around_the_whole_page_is_not_the_report() -> None:
    inner = pages.body(pages.Report())
    side = "<div class='side'><p>今日天气晴，气温十度。</p></div>"
    found = read(
        f"<body><div class='content'><div class='head'>头条</div>{side}<div class='b7'>{inner}</div></div></body>"
    )
    assert found.container == "div.b7"
    assert "天气" not in "".join(texts(found))


def test_caption_of_a_table_is_text() -> None:
    table = "<table><caption>表一</caption><tr><td>规章<td>1<tr><td>文件<td>2</table>"
    assert texts(read(f"<div id='zoom'><p>公开。</p>{table}</div>")) == ["公开。", "表一"]


def test_date_alone_under_the_title_is_the_day_of_publication() -> None:
    document = read(
        "<div id='zoom'><h1>示例局2023年政府信息公开工作年度报告</h1><p>[2024-01-30]</p><p>全年公开。</p></div>"
    )
    assert document.metadata == {"日期": "2024-01-30"}
    assert texts(document)[-1] == "全年公开。"


def test_body_of_a_page_with_menus_is_never_taken_for_the_report() -> None:
    inner = pages.body(pages.Report())
    document = read(f"<body><div class='header'>示例市</div>{inner}<div class='footer'>版权所有</div></body>")
    assert document.container is None
    assert document.warnings
    assert "一、总体情况" in texts(document)


def test_exported_document_is_read_as_it_is() -> None:
    document = read(f"<html><body>{pages.body(pages.Report())}</body></html>", url=None)
    assert document.container == "body"


def test_meta_tags_in_any_case_and_empty_ones() -> None:
    head = (
        "<meta content='示例市民政局2023年政府信息公开工作年度报告' name='ARTICLETITLE'><meta name=pubdate content='2024-01-30 10:19'>"
        "<meta name='ContentSource' content='null'><meta name='Author' content=''><meta name='sitename' content='示例市'>"
    )
    metadata = read(f"<head>{head}</head><body><div id=zoom><p>正文。</p></div></body>").metadata
    assert metadata == {
        "ArticleTitle": "示例市民政局2023年政府信息公开工作年度报告",
        "PubDate": "2024-01-30 10:19",
        "SiteName": "示例市",
    }


def test_information_table_is_metadata_not_content() -> None:
    table = (
        "<table><tr><td>索 引 号：</td><td>1133/2024-1</td><td>发布机构：</td><td>示例局</td></tr>"
        "<tr><td>发布日期：</td><td>2024-01-30</td><td>文号：</td><td></td></tr></table>"
    )
    document = read(f"<div id='zoom'>{table}<p>一、总体情况</p><p>全年公开信息。</p></div>")
    assert texts(document) == ["一、总体情况", "全年公开信息。"]
    assert {key: document.metadata[key] for key in ("索引号", "发布机构", "发布日期")} == {
        "索引号": "1133/2024-1",
        "发布机构": "示例局",
        "发布日期": "2024-01-30",
    }


@pytest.mark.parametrize(
    "head",
    [
        "<table><tr><td>索引号</td><td>1133</td><td>发布机构</td><td>示例局</td></tr></table>",
        "<table><tr><th>发 布 机 构</th><td><span>示例局</span></td></tr></table>",
        "<dl><dt>索引号</dt><dd>1133</dd><dt>发布机构：</dt><dd>示例局</dd></dl>",
        "<p>发布机构：示例局</p>",
        "<ul><li>发布机构：示例局</li><li>发布时间：2024-01-30</li></ul>",
    ],
)
def test_the_issuer_outside_the_container(head: str) -> None:
    document = read(
        f"<body>{head}<h1>2023年政府信息公开工作年度报告</h1><div id='zoom'><p>一、总体情况</p></div></body>"
    )
    assert document.metadata["发布机构"] == "示例局"


def test_the_heads_of_a_list_s_columns_are_no_values() -> None:
    table = "<table><tr><th>标题</th><th>发布机构</th><th>发布日期</th></tr><tr><td>甲</td><td>示例局</td><td>2024-01-30</td></tr></table>"
    assert "发布机构" not in read(f"<body>{table}<div id='zoom'><p>一、总体情况</p></div></body>").metadata


ATTACHMENTS = [
    ('<a href="./P020240126500000000001.pdf">年报</a>', "http://www.shili.gov.cn/zwgk/nb/202401/P020240126500000000001.pdf"),
    ('<a href="/module/download/downfile.jsp?classid=0&amp;filename=0a.pdf">年报</a>',
     "http://www.shili.gov.cn/module/download/downfile.jsp?classid=0&filename=0a.pdf"),
    ('<a href="/system/_content/download.jsp?wbfileid=9">年报.docx</a>',
     "http://www.shili.gov.cn/system/_content/download.jsp?wbfileid=9"),
    ('<a href="/f/1" download="年报.wps">下载</a>', "http://www.shili.gov.cn/f/1"),
    ('<iframe src="/js/pdfjs/web/viewer.html?file=/a/b.pdf"></iframe>', "http://www.shili.gov.cn/a/b.pdf"),
    ('<a href="/cms_files/demo/pdfjs/web/viewer.html?file=/cms_files/1.pdf">查看</a>', "http://www.shili.gov.cn/cms_files/1.pdf"),
    ('<embed src="b.PDF">', "http://www.shili.gov.cn/zwgk/nb/202401/b.PDF"),
    ('<object data="../c.ofd"></object>', "http://www.shili.gov.cn/zwgk/nb/c.ofd"),
    ('<div id="pdfshow" data-value="/d.pdf"></div>', "http://www.shili.gov.cn/d.pdf"),
    ("""<a href="javascript:;" onclick="isDownLoad(this,'https://zwgk.shili.gov.cn/e.doc')">年报</a>""",
     "https://zwgk.shili.gov.cn/e.doc"),
    ('<a class="nfw-cms-attachment" attachment-id="306724" href="http://x.gov.cn/attachment/0/306/1.pdf">a</a>',
     "http://x.gov.cn/attachment/0/306/1.pdf"),
    ('<a href="//zwgk.shili.gov.cn/f.xlsx">表</a>', "http://zwgk.shili.gov.cn/f.xlsx"),
    ('<img src="./W020240126.jpg">', "http://www.shili.gov.cn/zwgk/nb/202401/W020240126.jpg"),
]  # fmt: skip


@pytest.mark.parametrize(("markup", "url"), ATTACHMENTS, ids=[url.rpartition("/")[2] for _, url in ATTACHMENTS])
def test_ways_to_hang_a_file_on_a_page(markup: str, url: str) -> None:
    links = read(f"<body><div id='zoom'><p>正文见附件。</p><p>{markup}</p></div></body>").links
    assert [link.url for link in links if link.is_attachment] == [url]


def test_counter_addresses_are_never_links() -> None:
    markup = (
        '<iframe src="/module/visitcount/visit.jsp?type=3&amp;f=a.pdf"></iframe><a href="/module/visitcount/articlehits.jsp?x=1">1</a>'
        '<img src="//statistics.gd.gov.cn/visit/post?site=1.jpg">'
    )
    assert read(f"<div id='zoom'><p>正文。</p>{markup}</div>").links == ()


def test_base_element_and_files_beside_the_container() -> None:
    markup = (
        '<head><base href="http://zwgk.shili.gov.cn/x/"></head><body><div class="art"><div id="zoom"><p>正文。</p></div>'
        '<div class="fj"><a href="a.pdf">附件</a></div></div><div class="side"><a href="other.pdf">别的年报</a></div></body>'
    )
    assert [link.url for link in read(markup).links] == ["http://zwgk.shili.gov.cn/x/a.pdf"]


def test_line_of_attachments_is_no_text_of_the_report() -> None:
    document = read(
        '<div id="zoom"><p>全年公开。</p><p>附件【<a href="a.docx">年报.docx</a>】已下载<span>146</span>次</p></div>'
    )
    assert texts(document) == ["全年公开。"]


@pytest.mark.parametrize(
    "line",
    [
        "（已阅4818次）",
        "浏览人数：10,756人",
        "阅读量：1.2万",
        "浏览：123 次 评论：4 条",
        "点击：[29058]",
        "已有 13108 人浏览",
        "人气：30261",
        "点赞（71）",
        "打印时间：2022-12-14 10:07",
        '<a href="a.docx">年报.docx</a> <em>下载次数：293</em>',
    ],
)
def test_what_a_page_counts_is_no_text_of_the_report(line: str) -> None:
    assert texts(read(f'<div id="zoom"><p>全年公开。</p><p>{line}</p></div>')) == ["全年公开。"]


@pytest.mark.parametrize(
    "line",
    [
        "微信公众号阅读量：12万次",
        "全年网站文件下载1234次，点击12次",
        "访问12位群众代表",
        '目录见<a href="a.docx">附件</a>，全年下载15次。',
    ],
)
def test_what_the_report_counts_stays(line: str) -> None:
    found = texts(read(f'<div id="zoom"><p>全年公开。</p><p>{line}</p></div>'))
    assert [re.sub(r"\D", "", text) for text in found] == ["", re.sub(r"\D", "", line)]


def test_a_text_of_size_nought_is_not_shown_but_a_box_without_gaps_is() -> None:
    marked = '<div id="zoom"><p>全年公开。<span style="color:#fff;font-size:0px">8d60e2</span></p></div>'
    assert texts(read(marked)) == ["全年公开。"]
    boxed = '<div id="zoom" style="font-size:0"><p style="font-size:16px">全年公开。</p></div>'
    assert texts(read(boxed)) == ["全年公开。"]


def test_gkmlpt_detail_is_read_where_the_page_has_no_body() -> None:
    document = read(pages.page("gkmlpt", pages.Report()))
    assert "一、总体情况" in texts(document)
    assert document.metadata["发布日期"] == "2024-01-30"


def test_preformatted_rows_keep_their_tabs() -> None:
    document = read("<div id='zoom'><pre>一、总体情况\n规章\t1\t2\t3\n</pre></div>")
    assert texts(document) == ["一、总体情况", "规章\t1\t2\t3"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: "<div>" * 100_000 + "x",
        lambda: "<table><tr><td>" * 1000 + "x",
        lambda: "<p>x</p>" * 500_000,
        lambda: "<table>" + "<tr>" + "<td>1</td>" * 50 + "</tr>" * 1 + ("<tr>" + "<td>1</td>" * 50 + "</tr>") * 5000,
        lambda: "x" * (25 * 1024 * 1024),
        lambda: "<div " + " ".join(f"a{number}=1" for number in range(500_000)) + ">x",
    ],
    ids=["deep", "deep tables", "elements", "cells", "long", "attributes"],
)
def test_hostile_markup_ends_soon(make: Callable[[], str]) -> None:
    markup = make()
    started = time.monotonic()
    with pytest.raises(DocumentTooLarge):
        read(markup)
    assert time.monotonic() - started < 10


def test_colspans_of_a_million_cost_nothing() -> None:
    rows = "<tr>" + "<td colspan=1000000 rowspan=1000000>1</td>" * 60 + "</tr>"
    started = time.monotonic()
    document = read(f"<body><table>{rows * 50}</table></body>")
    assert time.monotonic() - started < 5
    assert document.blocks


@pytest.mark.parametrize("data", [b"<", b"<!-- -->", b"<html>", b"<html><head></head></html>", b"\x00<p>\x00"])
def test_scraps_never_end_in_a_traceback(data: bytes) -> None:
    try:
        found = len(read(data).blocks)
    except UnreadableDocument:
        found = 0
    assert found <= 1


def test_embedded_pictures_are_no_markup() -> None:
    picture = "data:image/png;base64," + "QUJD" * 8_000_000
    assert texts(read(f'<div id="zoom"><p>全年公开。</p><img src="{picture}"></div>')) == ["全年公开。"]


def test_a_page_of_huge_spans_without_a_container_is_read_in_time() -> None:
    row = "<tr><td colspan=1000000 rowspan=1000000>1</td></tr>"
    page = f"<html><body><h1>某市人民政府2023年政府信息公开工作年度报告</h1><table>{row * 100}</table></body></html>"
    begun = time.process_time()
    html.read(page.encode(), Limits())
    assert time.process_time() - begun < 5
