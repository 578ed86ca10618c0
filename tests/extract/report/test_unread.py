"""Nothing is said to be missing while a part of the document was not read."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from crawler.replica.documents.html import page_html
from crawler.replica.documents.invent import invent
from extract import api
from extract.model import Document, Extraction, Line, Link, UnreadKind, UnreadPart
from extract.report.unread import unread_parts

WHAT = invent("松溪湾县司法局", 2022, 5)
WHOLE = page_html(WHAT)
_TABLE = WHOLE.index("<table", WHOLE.index("三、收到和处理"))
_END = WHOLE.index("</table>", _TABLE) + len("</table>")


def with_part(part: str) -> Extraction:
    """The report with something in the place of its table of applications."""
    page = f'<html><body><div id="zoom">{WHOLE[:_TABLE]}{part}{WHOLE[_END:]}</div></body></html>'
    return api.extract_bytes(page.encode(), source="a.html")


def says_missing(found: Extraction) -> list[str]:
    said = [finding.message for finding in found.findings if finding.message.startswith("缺少")]
    return said + [text for text in found.warnings if "no such table" in text or "none of the official" in text]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ('<iframe src="table3.html" width="100%"></iframe>', UnreadKind.FRAME),
        ('<embed src="/show?id=3">', UnreadKind.EMBEDDED),
        ('<object data="t.swf"></object>', UnreadKind.EMBEDDED),
        ('<p style="text-align:center"><img src="W020.png"></p>', UnreadKind.PICTURE),
        ('<div><span><img src="/image?id=7" width="800"></span></div>', UnreadKind.PICTURE),
        ('<p>见附件：<a href="t3.xlsx">附件</a></p>', UnreadKind.ATTACHMENT),
        ('<p>详见<a href="/download?id=3">附件表格</a></p>', UnreadKind.ELSEWHERE),
        ("<p>（具体数据见附表）</p>", UnreadKind.ELSEWHERE),
        ('<picture><source srcset="t.webp"></picture>', UnreadKind.PICTURE),
        ('<p><svg width="700" height="400"><image href="t.png"/></svg></p>', UnreadKind.PICTURE),
        ('<p><canvas width="700" height="400"></canvas></p>', UnreadKind.PICTURE),
        ('<div style="background:url(t.png) no-repeat;width:700px;height:400px"></div>', UnreadKind.PICTURE),
        ('<p><video src="t.mp4"></video></p>', UnreadKind.PICTURE),
        ('<div id="table3"></div>', UnreadKind.UNFILLED),
        (f'<div style="display:none">{WHOLE[_TABLE:_END]}</div>', UnreadKind.HIDDEN),
        (
            "<p>本年新收政府信息公开申请数量393002145二、上年结转政府信息公开申请数量1000001三、本年度办理结果（一）予以公开173000020</p>",
            UnreadKind.GLUED,
        ),
        (
            "<p>本年新收政府信息公开申请数量/39/3/0/0/2/1/45；二、上年结转政府信息公开申请数量/1/0/0/0/0/0/1；三、本年度办理结果/（一）予以公开/17/3/0/0/0/20</p>",
            UnreadKind.GLUED,
        ),
    ],
)
def test_a_part_that_was_not_read_is_named_and_nothing_is_missing(part: str, kind: UnreadKind) -> None:
    found = with_part(part)
    assert found.year == 2022
    assert kind in {one.kind for one in found.unread}
    assert says_missing(found) == []
    assert [one["kind"] for one in found.to_json()["unread"]] == [one.kind.value for one in found.unread]


@pytest.mark.parametrize(
    "part",
    [
        "",
        '<p><img src="icon_word.png" width="16" height="16"></p>',
        '<p>微信扫一扫<img src="/qr.png"></p>',
        '<p><svg width="16" height="16"></svg></p>',
        '<div id="share"></div>',
        '<div class="clear"></div>',
        '<div style="background:url(line.png);width:700px;height:2px"></div>',
        "<p>公众可登录门户网站查看本机关公开的政府信息。</p>",
        '<div style="display:none"><iframe src="count.html"></iframe></div>',
        '<iframe src="about:blank"></iframe>',
        '<iframe src="/share.html" width="1" height="1"></iframe>',
    ],
)
def test_what_holds_no_table_hides_no_absence(part: str) -> None:
    found = with_part(part)
    assert "缺少表格：收到和处理政府信息公开申请情况" in says_missing(found)


@pytest.mark.parametrize("sign", ["/", "-", "·", "：", "][", "，"])
def test_cells_between_odd_signs_are_a_table(sign: str) -> None:
    start = WHOLE.index("<table", WHOLE.index("四、政府信息公开行政复议"))
    end = WHOLE.index("</table>", start)
    rows = re.sub(r"</t[dh]>\s*<t[dh][^>]*>", sign, WHOLE[start:end])
    glued = re.sub(r"<[^>]+>", "", re.sub(r"</tr>", "<br>", rows).replace("<br>", "\0")).replace("\0", "<br>")
    page = f'<html><body><div id="zoom">{WHOLE[:start]}<p>{glued}</p>{WHOLE[end:]}</div></body></html>'
    assert says_missing(api.extract_bytes(page.encode(), source="a.html")) == []


def test_a_chapter_whose_table_stands_there_is_not_lacking() -> None:
    page = f"<html><body>{WHOLE.replace('二、主动公开政府信息情况', '')}</body></html>"
    found = api.extract_bytes(page.encode(), source="a.html")
    assert "disclosure" in found.coverage
    assert says_missing(found) == []


def test_a_whole_report_has_nothing_unread() -> None:
    found = api.extract_bytes(f"<html><body>{WHOLE}</body></html>".encode(), source="a.html")
    assert (found.unread, says_missing(found)) == ((), [])


def test_a_document_that_says_nothing_and_holds_more_is_undecided() -> None:
    link = Link("http://x.example/a.pdf", "a.pdf", is_attachment=True)
    found = api.interpret(Document("text/html", (Line("见附件", ""),), links=(link,)), source="x").extraction
    assert (found.year, [one.where for one in found.unread]) == (None, ["a.pdf"])
    assert [text for text in found.warnings if text.startswith("undecided")]
    assert not [text for text in found.warnings if "not an annual report" in text]


def test_a_paper_of_another_kind_stays_one_with_files() -> None:
    link = Link("http://x.example/a.pdf", "a.pdf", is_attachment=True)
    title = "2023年政府信息公开工作年度报告解读"
    shown = Document("text/html", (Line(title, ""),), titles=(title,), links=(link,))
    found = api.interpret(shown, source="x").extraction
    assert [text for text in found.warnings if text.startswith("not an annual report")]


def test_files_that_were_read_are_no_longer_unread() -> None:
    link = Link("http://x.example/a.html", "a", is_attachment=True)
    shell = Document("text/html", (Line(WHAT.title, ""),), titles=(WHAT.title,), links=(link,))
    page = api.interpret(shell, source="page")
    file = api.read_report(f"<html><body>{WHOLE}</body></html>".encode(), source="a.html")
    assert page.extraction.unread == (UnreadPart(UnreadKind.ATTACHMENT, "a"),)
    assert api.combine(page, [("a.html", file)]).extraction.unread == ()


def test_a_member_of_an_archive_that_could_not_be_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.html", f"<html><body>{WHOLE}</body></html>")
        archive.writestr("b.pdf", b"%PDF-1.4 broken")
    found = api.extract_bytes(packed.getvalue(), source="a.zip")
    assert found.unread == (UnreadPart(UnreadKind.ATTACHMENT, "b.pdf"),)


def test_a_picture_beside_the_report_in_an_archive_is_unread() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.html", f"<html><body>{WHOLE[:_TABLE]}{WHOLE[_END:]}</body></html>")
        archive.writestr("t3.png", b"\x89PNG\r\n\x1a\n")
    found = api.extract_bytes(packed.getvalue(), source="a.zip")
    assert found.unread == (UnreadPart(UnreadKind.PICTURE, "t3.png"),)
    assert says_missing(found) == []


def test_sentences_are_no_glued_table() -> None:
    text = "本年新收政府信息公开申请12件，予以公开3件，部分公开2件；结转下年度继续办理1件，较上年有所减少，均已依法答复申请人。"
    assert unread_parts(Document("text/plain", (Line(text, ""),))) == ()


CHAPTERS = (
    "总体情况",
    "主动公开政府信息情况",
    "收到和处理政府信息公开申请情况",
    "政府信息公开行政复议、行政诉讼情况",
    "存在的主要问题及改进情况",
    "其他需要报告的事项",
)


def _chaptered(*numbered: tuple[str, str]) -> Extraction:
    lines = "".join(
        f"<h3>{number}、{CHAPTERS['一二三四五六'.index(which)]}</h3><p>本年度情况平稳。</p>"
        for number, which in numbered
    )
    page = (
        f"<html><body><h1>青川县农业农村局2022年政府信息公开工作年度报告</h1><div id=zoom>{lines}</div></body></html>"
    )
    return api.extract_bytes(page.encode(), source="page.html")


@pytest.mark.parametrize("left_out", ["一", "二", "三", "四", "五"])
def test_a_gap_in_the_numbers_of_the_chapters(left_out: str) -> None:
    """Nobody can say that a chapter lacks whose number is left free: its heading may not have been read."""
    found = _chaptered(*((one, one) for one in "一二三四五六" if one != left_out))
    [gap] = [part for part in found.unread if part.kind is UnreadKind.CHAPTERS]
    assert len(gap.may_hold) == 1
    assert not [
        said for said in says_missing(found) if CHAPTERS["一二三四五".index(left_out)] in said or "no such" in said
    ]


def test_chapters_numbered_on() -> None:
    """Whole numbers and no such chapter: it lacks."""
    found = _chaptered(*zip("一二三四五", "一二四五六", strict=True))
    assert not found.unread
    assert [finding.where for finding in found.findings if "缺少部分" in finding.message] == ["applications"]


def test_a_number_printed_twice() -> None:
    found = _chaptered(*zip("一二三三五六", "一二三四五六", strict=True))
    assert not found.unread
