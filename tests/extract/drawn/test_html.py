"""Web pages: every property, attribute, element and character that can make a cell look other than its text."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from extract.model import Document, Grid, Limits, Line
from extract.web import html, json_page, mht
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, is_untouched, standing

_X = '<span class="x">9</span>17'


def _page(
    css: str, cell: str, *, doctype: str = "<!DOCTYPE html>", row: str = "", table: str = "", cols: str = ""
) -> Document:
    """A page whose table has the cell in question; `cell` is the content, or a whole `<td>`."""
    cell = cell if cell.startswith("<td") else f"<td>{cell}</td>"
    head = "".join(f"<td>{text}</td>" for text in HEADER)
    markup = (
        f"{doctype}<html><head><meta charset=utf-8><title>平川县2021年政府信息公开工作年度报告</title><style>{css}</style></head><body>"
        f"<h1>平川县2021年政府信息公开工作年度报告</h1><div id=zoom><p>二、主动公开政府信息情况</p><table {table}>{cols}"
        f"<tr><td colspan=2>{CAPTION}</td></tr><tr>{head}</tr><tr {row}><td>{LABEL}</td>{cell}</tr>"
        f"<tr><td>{BESIDE[0]}</td><td>{BESIDE[1]}</td></tr></table><p>三、收到和处理政府信息公开申请情况</p></div></body></html>"
    )
    return html.read(markup.encode(), Limits())


#: A rule for `.x`, and what a person sees of `<span class="x">9</span>17` (None: can't be told, or another number).
BY_CLASS = {
    "display": (".x{display:none}", "17"),
    "display, important": (".x{display:none!important}", "17"),
    "visibility": (".x{visibility:hidden}", "17"),
    "visibility: collapse": (".x{visibility:collapse}", "17"),
    "content-visibility": (".x{content-visibility:hidden}", "17"),
    "opacity": (".x{opacity:0}", "17"),
    "opacity in percent": (".x{opacity:5%}", "17"),
    "filter: opacity": (".x{filter:opacity(0)}", "17"),
    "filter: blur": (".x{filter:blur(4px)}", "17"),
    "filter of old browsers": (".x{filter:alpha(opacity=0)}", "17"),
    "white": (".x{color:#fff}", "17"),
    "nearly white": (".x{color:rgb(250,250,250)}", "17"),
    "white by name": (".x{color:snow}", "17"),
    "hsl": (".x{color:hsl(0,0%,100%)}", "17"),
    "hsl with new syntax": (".x{color:hsl(120 100% 99%)}", "17"),
    "transparent": (".x{color:transparent}", "17"),
    "rgba": (".x{color:rgba(0,0,0,0.02)}", "17"),
    "hex with alpha": (".x{color:#00000005}", "17"),
    "a colour that can't be told": (".x{color:oklch(99% 0 0)}", "17"),
    "text fill": (".x{-webkit-text-fill-color:white}", "17"),
    "black on black": (".x{background:#000}", "17"),
    "grey on grey": (".x{background-color:#777;color:#777}", "17"),
    "a variable": (":root{--pale:#fefefe}.x{color:var(--pale)}", "17"),
    "a variable's fallback": (".x{color:var(--no,#fefefe)}", "17"),
    "size nought": (".x{font-size:0}", "17"),
    "one pixel": (".x{font-size:1px}", "17"),
    "font": (".x{font:1px/1 serif}", "17"),
    "a share of the size": (".x{font-size:10%}", "17"),
    "smaller digits": (".x{font-size:60%}", None),
    "superscript": (".x{vertical-align:super}", None),
    "subscript": (".x{vertical-align:sub}", None),
    "raised by a length": (".x{vertical-align:5px}", None),
    "raised by Word": (".x{mso-text-raise:4.0pt}", None),
    "raised by position": (".x{position:relative;top:-5px}", None),
    "font-variant": (".x{font-variant-position:super}", None),
    "font features": ('.x{font-feature-settings:"sups" 1}', None),
    "fractions": (".x{font-variant-numeric:diagonal-fractions}", None),
    "line-through": (".x{text-decoration:line-through}", None),
    "line-through in red": (".x{text-decoration:red wavy line-through}", None),
    "line-through, longhand": (".x{text-decoration-line:underline line-through}", None),
    "a stroke out of a gradient": (
        ".x{background:linear-gradient(transparent 45%,red 45%,red 55%,transparent 55%)}",
        None,
    ),
    "off the screen": (".x{position:absolute;left:-9999px}", "17"),
    "off the screen, top": (".x{position:fixed;top:-200em}", "17"),
    "inset": (".x{position:absolute;inset:-9999px auto auto auto}", "17"),
    "margin": (".x{margin-left:-5000px}", "17"),
    "margin, shorthand": (".x{display:inline-block;margin:0 0 0 -5000px}", "17"),
    "text-indent": (".x{display:inline-block;text-indent:-9999px}", "17"),
    "clip": (".x{position:absolute;clip:rect(0,0,0,0)}", "17"),
    "clip-path": (".x{clip-path:inset(50%)}", "17"),
    "mask": (".x{-webkit-mask-image:linear-gradient(transparent,transparent)}", "17"),
    "no width": (".x{display:inline-block;width:0;overflow:hidden}", "17"),
    "no height": (".x{display:inline-block;max-height:0;overflow:hidden}", "17"),
    "a box too small for its text": (".x{display:inline-block;width:2px;overflow-x:hidden}", "17"),
    "scale": (".x{display:inline-block;transform:scale(0)}", "17"),
    "scale, property": (".x{display:inline-block;scale:0 1}", "17"),
    "matrix": (".x{display:inline-block;transform:matrix(0,0,0,0,0,0)}", "17"),
    "mirrored": (".x{display:inline-block;transform:scaleX(-1)}", None),
    "upside down": (".x{display:inline-block;transform:rotate(180deg)}", None),
    "upside down, property": (".x{display:inline-block;rotate:.5turn}", None),
    "edgeways": (".x{display:inline-block;transform:rotateY(90deg)}", "17"),
    "translated away": (".x{display:inline-block;transform:translateX(-4000px)}", "17"),
    "translated behind": (".x{display:inline-block;transform:translateX(2em)}", None),
    "float": (".x{float:right}", None),
    "absolute, beside": (".x{position:absolute;left:60px}", None),
    "moved over its neighbour": (".x{margin-left:-8px}", None),
    "digits on each other": ("td{letter-spacing:-1em}", None),
    "bidi": (".x{unicode-bidi:bidi-override;direction:rtl}", None),
    "direction": (".x{direction:rtl}", None),
    "flex, reverse": ("td{display:flex;flex-direction:row-reverse}", None),
    "flex, order": ("td{display:flex}.x{order:2}", None),
    "text-security": (".x{-webkit-text-security:disc}", None),
    "zoom": (".x{zoom:0.01}", "17"),
    "mso-hide": (".x{mso-hide:all}", "17"),
    "a drawn cover": (".x{position:absolute;left:0;width:30px;background:#fff;color:#fff}", None),
    "::before": (".x::before{content:'3'}", None),
    ":after with one colon": (".x:after{content:'0'}", None),
    "::after of the cell": ("td:last-child::after{content:'%'}", None),
    "a counter": (".x::after{content:counter(a)}", None),
    "attr()": (".x::after{content:attr(class)}", None),
    "escaped digit": (".x::after{content:'\\33 '}", None),
    "first letter": ("td::first-letter{font-size:0}", None),
    "a block of its own": (".x{display:block}", None),
    "room behind": (".x{margin-right:2em}", None),
    "room inside": (".x{padding:0 20px 0 0}", None),
    "a line behind": (".x{border-right:1px solid}", None),
    "a frame": (".x{border:thin solid}", None),
    "at the ends of a row": ("td{display:flex;justify-content:space-between}", None),
    "a gap": ("td{display:inline-flex;gap:2em}", None),
    "a column of parts": ("td{display:flex;flex-direction:column}", None),
    "a grid": ("td{display:grid}", None),
    "a stroke out of ::after": (
        ".x{position:relative}.x::after{content:'';position:absolute;top:50%;left:0;right:0;border-top:1px solid}",
        None,
    ),
    "a bar out of ::before": (".x::before{content:'';position:absolute;height:1px;width:9px;background:red}", None),
    "an animation": (".x{animation:gone 1s forwards}@keyframes gone{to{opacity:0}}", None),
    "the text's own colour behind it": (".x{background:currentColor}", None),
}

#: Selectors and conditions by which `color:white` reaches `<span class="x" id="i" title="t">9</span>17`.
SELECTORS = (
    "span", "*", "td span", "td>span", "table tr td > span.x", "#i", "span#i.x", "[title]", "[title=t]", '[title="t" i]', "[class~=x]",
    "[class^=x]", "[class$='x']", "[class*=x]", "td span:first-child", "td :first-of-type", "span:only-child", "span:nth-child(odd)",
    "span:nth-last-child(1)", "td:nth-child(2) span", "tr:nth-of-type(3) .x", "td + td span", "td ~ td span", "span:not(.y)", ":is(.y,.x)",
    ":where(td) .x", "td:last-child .x", "tr:not(:first-child) td .x", ".x:lang(zh)", "td:has(.x) .x", ".\\78", "SPAN.x",
    "p,.x", "@media screen{.x", "@media (min-width:600px){.x", "@media all and (max-width:4000px){.x", "@supports (color:red){.x",
    "@layer a{.x", "@media screen{@supports (color:red){.x", "td{.x", "td{& > .x", "@charset 'utf-8';.x", "@import 'a.css';.x",
    "/* .x{color:red} */ .x", "@font-face{font-family:a;src:url(a.woff)} .x",
)  # fmt: skip

#: Whole cells, rows and tables: (style sheet, keywords of `_page`, what a person sees).
PLACES: dict[str, tuple[str, dict[str, str], str | None]] = {
    "style attribute": ("", {"cell": '<span style="opacity:0">9</span>17'}, "17"),
    "style attribute, display": ("", {"cell": '<span style="display:none">9</span>17'}, "17"),
    "attribute hidden": ("", {"cell": "<span hidden>9</span>17"}, "17"),
    "font": ("", {"cell": '<font color="white">9</font>17'}, "17"),
    "font, without a sign": ("", {"cell": "<font color=ffffff>9</font>17"}, "17"),
    "font size": ("", {"cell": "<font size=1>9</font><font size=5>17</font>"}, None),
    "sup": ("", {"cell": "917<sup>1</sup>"}, None),
    "sub": ("", {"cell": "917<sub>1</sub>"}, None),
    "del": ("", {"cell": "<del>9</del>17"}, "17"),
    "s": ("", {"cell": "<s>9</s>17"}, "17"),
    "strike": ("", {"cell": "<strike>9</strike>17"}, "17"),
    "bdo": ("", {"cell": "<bdo dir=rtl>917</bdo>"}, "719"),
    "dir": ("", {"cell": "<span dir=rtl>917-</span>"}, None),
    "right-to-left override": ("", {"cell": "\u202e917\u202c"}, "719"),
    "right-to-left override, entity": ("", {"cell": "&#8238;917&#8236;"}, "719"),
    "right-to-left override, hexadecimal": ("", {"cell": "&#x202E;917"}, "719"),
    "right-to-left isolate": ("", {"cell": "\u2067917\u2069"}, None),
    "ruby": ("", {"cell": "<ruby>9<rt>1</rt></ruby>17"}, None),
    "nested spans": (".a{color:#fff}", {"cell": '<b><span class=a><i><font size=3>9</font></i></span></b>17'}, "17"),
    "paragraphs": (".a{font-size:0}", {"cell": "<p class=a>9</p><p>17</p>"}, "17"),
    "input": ("", {"cell": '<input type=text value="917">'}, "917"),
    "input beside": ("", {"cell": '9<input value="17">'}, None),
    "textarea": ("", {"cell": "<textarea>917</textarea>"}, "917"),
    "select": ("", {"cell": "<select><option>917</select>"}, "917"),
    "picture": ("", {"cell": '<img src="917.png">'}, None),
    "picture beside": ("", {"cell": '9<img src="17.png" width=20 height=20>'}, None),
    "svg": ("", {"cell": "<svg width=40 height=20><text>917</text></svg>"}, None),
    "canvas": ("", {"cell": "<canvas></canvas>"}, None),
    "frame": ("", {"cell": "<iframe src=x.html></iframe>"}, None),
    "object": ("", {"cell": "<object data=x.pdf></object>"}, None),
    "formula": ("", {"cell": "<math><mfrac><mn>9</mn><mn>17</mn></mfrac></math>"}, None),
    "a script that writes": ("", {"cell": "<script>document.write(9)</script>17"}, "917"),
    "a script that writes elsewhere": ("", {"cell": "9<b id=a></b><script>a.innerHTML='1'</script>7"}, "917"),
    "sound": ("", {"cell": "<audio controls>9</audio>17"}, None),
    "a closed dialog": ("", {"cell": "<dialog>9</dialog>17"}, "17"),
    "proposals": ("", {"cell": "<datalist><option>9</datalist>17"}, "17"),
    "list numbered by a rule": ("ul{list-style:decimal}", {"cell": "<ul><li>17</li></ul>"}, None),
    "list with a digit as its mark": ("li{list-style-type:'9'}", {"cell": "<ul><li>17</li></ul>"}, None),
    "marker": ("li::marker{content:'9'}", {"cell": "<ul><li>17</li></ul>"}, None),
    "numbered list": ("", {"cell": "<ol start=9><li>17</li></ol>"}, None),
    "blank with ::after": ("td:empty::after{content:'3'}", {"cell": ""}, "3"),
    "blank with ::before by class": (".a::before{content:'3'}", {"cell": "<td class=a></td>"}, "3"),
    "invisible cell": ("", {"cell": '<td style="visibility:hidden">917</td>'}, ""),
    "invisible cell by class": (".a{visibility:hidden}", {"cell": "<td class=a>917</td>"}, ""),
    "white cell": ("", {"cell": '<td style="color:white">917</td>'}, ""),
    "bgcolor": ("", {"cell": '<td bgcolor=black>917</td>'}, ""),
    "bgcolor of the row": ("", {"row": "bgcolor=#000", "cell": "917"}, ""),
    "row by class": (".r{color:#fefefe}", {"row": "class=r", "cell": "917"}, ""),
    "row faded": ("", {"row": 'style="opacity:.03"', "cell": "917"}, ""),
    "table by id": ("#t td{color:white}", {"table": "id=t", "cell": "917"}, ""),
    "table, inherited": ("", {"table": 'style="color:#fff"', "cell": "917"}, ""),
    "body": ("body{color:#fff}", {"cell": "917"}, ""),
    "visible in an invisible one": ("", {"cell": '<td style="visibility:hidden">9<b style="visibility:visible">17</b></td>'}, "17"),
    "hidden shown again": ("[hidden]{display:none}.x{display:inline}", {"cell": '<span hidden class=x style="display:inline">9</span>17'}, "917"),
    "sheet overrules the attribute": (".a{color:#fff!important}", {"cell": '<span class=a style="color:#000">9</span>17'}, "17"),
    "later rule": (".a{color:#000}.a{color:#fff}", {"cell": "<span class=a>9</span>17"}, "17"),
    "heavier rule": ("td .a{color:#fff}.a{color:#000}", {"cell": "<span class=a>9</span>17"}, "17"),
    "id before class": ("#i{color:#fff}span.a.a.a{color:#000}", {"cell": "<span class=a id=i>9</span>17"}, "17"),
    "class in another case": (".A{color:#fff}", {"cell": "<span class=a>9</span>17", "doctype": ""}, "17"),
    "escaped property": ("", {"cell": '<span style="op\\61 city:0">9</span>17'}, "17"),
    "sheet cut off": (".a{color:#fff", {"cell": "<span class=a>9</span>17"}, "17"),
    "semicolon in quotes": (".a{font-family:';';color:#fff}", {"cell": "<span class=a>9</span>17"}, "17"),
    "an address with a semicolon": (".a{background:url(data:image/png;charset=x);color:#fff}", {"cell": "<span class=a>9</span>17"}, "17"),
    "cells in another order": (".r{display:flex}.r td:last-child{order:-1}", {"row": "class=r", "cell": "917"}, None),
    "cell moved aside": ("", {"cell": '<td style="position:relative;left:-120px">917</td>'}, None),
    "cell translated": ("", {"cell": '<td style="transform:translateX(90px)">917</td>'}, None),
    "cell out of its row": ("", {"cell": '<td style="position:absolute;left:250px">917</td>'}, None),
    "cell that floats": ("", {"cell": '<td style="float:left">917</td>'}, None),
    "cell in another column of a grid": (".r{display:grid}.r td+td{grid-column:5}", {"row": "class=r", "cell": "917"}, None),
    "column collapsed": ("", {"cols": '<colgroup><col><col style="visibility:collapse"></colgroup>', "cell": "917"}, None),
}  # fmt: skip

#: What looks odd in the markup and shows what is stored.
HARMLESS = {
    "dark header": ("tr{background:#036;color:#fff}", "917"),
    "zebra": ("tr:nth-child(odd){background:#f2f2f2}", "917"),
    "red": (".x{color:red}", '<span class="x">9</span>17'),
    "grey": (".x{color:#999}", _X),
    "hover": (".x:hover{display:none}", _X),
    "print": ("@media print{.x{display:none}}", _X),
    "narrow screens": ("@media (max-width:768px){.x{display:none}}", _X),
    "key frames": ("@keyframes a{from{opacity:0}.x{opacity:0}}", _X),
    "another class": (".xx{display:none} .y .x{display:none} p>.x{display:none}", _X),
    "overruled": (".x{color:#fff} span.x{color:#000}", _X),
    "overruled by the attribute": (".x{color:#fff}", '<span class=x style="color:#333">9</span>17'),
    "overruled shorthand": (".x{background:#000;background:none}", _X),
    "white on dark": (".x{background:#123;color:white}", _X),
    "margins": ("td p{margin:0 0 0 -1px;text-indent:2em;line-height:0}", "<p>917</p>"),
    "position of the whole": ("td p{position:relative;top:2px}", "<p>917</p>"),
    "middle": (".x,td,p{vertical-align:middle}", _X),
    "top of the cell": ("td{vertical-align:top} td p{vertical-align:baseline}", "<p>917</p>"),
    "sizes as a family": (".x{font-size:11pt}td{font-size:12pt}", _X),
    "clamp": ("td{font-size:clamp(14px,1.2vw,18px)}", "917"),
    "calc": ("td{font-size:calc(1rem + 1px)}", "917"),
    "wide enough": ("td{width:60px;overflow:hidden}", "917"),
    "clear fix": ("td:after{content:'';display:block}td p:after{content:'.';visibility:hidden;height:0}", "<p>917</p>"),
    "quote marks": (".x::before{content:none}", _X),
    "left to right": ("", "\u200e917\u202d\u202c"),
    "dir": ("", "<span dir=ltr>917</span>"),
    "Word": ("p.MsoNormal{mso-style-parent:'';margin:0cm;font-size:10.5pt;mso-text-raise:0pt}", "<p class=MsoNormal><span lang=EN-US style='font-size:9.0pt;mso-bidi-font-size:12.0pt;font-family:宋体;color:black'>917<o:p></o:p></span></p>"),
    "font": ("", '<font face="宋体" size=2 color="#000000">917</font>'),
    "spacer": ("", '917<img src="blank.gif" width=1 height=1>'),
    "hidden field": ("", '917<input type=hidden value="3">'),
    "underlined": (".x{text-decoration:underline}", _X),
    "body in white, cells in black": ("body{color:#fff}td{color:#000}", "917"),
    "selectors that can't be read": (".x%{display:none} .x,:bad(){color:#fff}", _X),
    "another medium": ("", '<style media="print">.x{display:none}</style>' + _X),
    "room around all": ("td{padding:0 20px;border:1px solid}td p{margin:0 2em}", "<p>917</p>"),
    "a frame around all": (".x{border:1px solid;padding:4px}", "<span class=x>917</span>"),
    "an icon's line": ("td::after{content:'';position:absolute;border-bottom:1px solid}", "917"),
    "cells that all float": ("td{float:left}", "917"),
    "a first column that stays": ("td:first-child{position:sticky;left:0}", "917"),
    "cells a little lower": ("td:last-child{position:relative;top:2px}", "917"),
    "bullets": ("ul{list-style:none}", "<ul><li>917</li></ul>"),
    "no animation": (".x{animation:none}", _X),
    "packed row": ("td{display:flex;align-items:center}", _X),
    "a script that counts": ("", "917<script>count()</script>"),
    "a box in the cell": ("", "<table><tr><td>917</td></tr></table>"),
}  # fmt: skip


def _markup(css: str, cell: str) -> str:
    head = "".join(f"<td>{text}</td>" for text in HEADER)
    return (
        f"<style>{css}</style><p>平川县2021年政府信息公开工作年度报告</p><p>二、主动公开政府信息情况</p><table><tr><td colspan=2>{CAPTION}</td></tr>"
        f"<tr>{head}</tr><tr><td>{LABEL}</td><td>{cell}</td></tr><tr><td>{BESIDE[0]}</td><td>{BESIDE[1]}</td></tr></table>"
        "<p>三、收到和处理政府信息公开申请情况</p>"
    )


@pytest.mark.parametrize(
    "css", [".x{color:#fff}", ".x{opacity:0}", ".x{vertical-align:super}", ".x{text-decoration:line-through}"]
)
def test_carriers_of_markup(css: str) -> None:
    """A field of a JSON answer, and a page saved in one file with its linked sheet beside it."""
    answer = json.dumps({"title": "平川县2021年政府信息公开工作年度报告", "content": _markup(css, _X)})
    assert standing(json_page.read(answer.encode(), Limits()), "17") != "silent"
    message = EmailMessage()
    message.make_related()
    message.add_related(_markup("", _X), subtype="html")
    message.add_related(css, subtype="css")
    assert standing(mht.read(bytes(message), Limits()), "17") != "silent"
    message = EmailMessage()
    message.set_content(_markup(css, _X), subtype="html")
    assert standing(mht.read(bytes(message), Limits()), "17") != "silent"


def test_lines_without_a_table() -> None:
    """A row that is a paragraph with blanks, as pages without tables print it."""
    markup = _markup("p b{opacity:0}", "").replace("<table>", "<p>行政处罚 <b>9</b>17</p><table>")
    [line] = [
        block for block in html.read_markup(markup, Limits(), whole=True).blocks if block.where.startswith("(//p)[3]")
    ]
    assert isinstance(line, Line)
    assert line.text == "行政处罚 917"
    assert line.look == ("hidden-text: transparent",)


def test_twin_tables() -> None:
    """The copy that a page hides is left out and named; the other one is certain."""
    page = _markup(".phone{display:none}", "917") + '<div class="phone">' + _markup("", "555") + "</div>"
    document = html.read_markup(page, Limits(), whole=True)
    assert is_untouched(document, "917")
    assert document.warnings == ("1 rows or tables with figures are hidden on the page and were left out",)


def test_a_report_that_only_a_script_shows() -> None:
    """Nothing is lost: what the page hides is read and doubted where it is all there is."""
    document = html.read_markup(f'<div class="tab">{_markup(".tab{display:none}", "917")}</div>', Limits(), whole=True)
    assert standing(document, None) == "flagged"
    assert any(
        block.rows[2][1].text == "917" for block in document.blocks if isinstance(block, Grid) and block.rows[2][1]
    )


def test_a_page_that_is_hidden_until_a_script_runs() -> None:
    """Templates without flicker: the whole page is invisible at first, the container's text is what people see."""
    document = _page("body{opacity:0}", "917")
    assert is_untouched(document, "917")


@pytest.mark.parametrize("name", BY_CLASS)
def test_a_property_of_a_class(name: str) -> None:
    """`<span class="x">9</span>17` with one rule for `.x`."""
    css, shown = BY_CLASS[name]
    assert standing(_page(css, _X), shown) != "silent"


@pytest.mark.parametrize("name", [name for name, (css, _) in BY_CLASS.items() if css.startswith(".x{")])
def test_the_same_in_the_attribute(name: str) -> None:
    """The declarations in a `style` attribute."""
    css, shown = BY_CLASS[name]
    declared = css[3:-1].replace('"', "'")
    assert standing(_page("", f'<b><span style="{declared}">9</span></b>17'), shown) != "silent"


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_selector_that_reaches_the_digit(selector: str) -> None:
    """White ink, by every way in which a rule can reach an element."""
    css = f"{selector}{{color:white}}" + "}" * selector.count("{")
    assert standing(_page(css, '<span class="x" id="i" title="t">9</span>17'), "17") != "silent"


@pytest.mark.parametrize("name", PLACES)
def test_a_place(name: str) -> None:
    """Where in the page the effect comes from."""
    css, where, shown = PLACES[name]
    assert standing(_page(css, **where), shown) != "silent"


@pytest.mark.parametrize("name", HARMLESS)
def test_no_false_flag(name: str) -> None:
    """Ordinary pages pay nothing."""
    css, cell = HARMLESS[name]
    assert is_untouched(_page(css, cell), "917")
