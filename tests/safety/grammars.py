"""Inputs by grammar for every parser that meets bytes from outside: sound in shape, hostile in content, nested, repeated, cut, contradictory.

A grammar gives bytes for a random source; the same seed gives the same input. Random bytes are `test_fuzz`'s part: what is made here passes the
first look of a parser and reaches what stands behind it.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Sequence

from tests.carriers.books import write_xlsx
from tests.carriers.ofds import write_ofd
from tests.carriers.reports import report
from tests.carriers.word import write_docx

Grammar = Callable[[random.Random], bytes]

NUMBERS = (
    "0",
    "1",
    "-1",
    "2147483648",
    "9" * 30,
    "1e309",
    "NaN",
    "0x10",
    "²",
    "１２",
    "1,234",
    "3.5",
    "",
    " ",
    "٣",
    "1_0",
    "００",
)
WORDS = (
    "下一页", "共18条", "1/3", "更多", "政府信息公开工作年度报告", "2023年", "县财政局", "查看", "暂无数据", "\u202e", "\x00", "\ufeff", "𠮷", "é" * 3, "\ud7ff",
    "一、总体情况", "合计", "总计", "自然人", "商业企业", "—", "/", "无", "三、收到和处理政府信息公开申请情况", "本年新收政府信息公开申请数量", "予以公开",
)  # fmt: skip
ADDRESSES = (
    "/nb/1.html", "?page=2", "http://[::1/x", "//", "http://a.gov.cn:99999/", "javascript:go(2)", "javascript:void(0)", "#", "data:text/html,x", "list_2.html",
    "http://ａ.gov.cn/", "../" * 40, "/%zz", "/a;jsessionid=1", "\\\\x\\y", "http://0x7f.1/", "mailto:a@b", "/年报?q=中", "http://www.example.gov.cn/" + "a/" * 90,
)  # fmt: skip
TAGS = (
    "div", "p", "span", "ul", "li", "table", "tr", "td", "th", "a", "b", "font", "select", "option", "form", "input", "iframe", "script", "style", "sup",
    "del", "s", "br", "img", "template", "noscript", "svg", "math", "details", "a-pagination", "o:p", "textarea", "title", "base", "meta", "colgroup",
)  # fmt: skip
ATTRIBUTES = (
    "class", "id", "style", "href", "src", "onclick", "title", "colspan", "rowspan", "data-page", "value", "name", "type", "content", "http-equiv", "charset",
    ":total", "@click", "data-url", "hidden", "span", "width",
)  # fmt: skip
SCRIPTS = (
    "createPageHTML({n}, {n}, 'list', 'html')", "var total = {n}; var pageSize = {n};", "$.get('/api?page='+p, f)", "location.href='list_'+{n}+'.html'",
    "layui.laypage.render({{elem:'p',count:{n},limit:{n}}})", "document.write('<a href=\"?page={n}\">下一页</a>')", "var dataList=[{{title:'x',url:'/{n}'}}]",
    "fetch(`/api/${{x}}?page=${{p}}`)", "__doPostBack('P','{n}')", "function f(){{ f(f(f({n}))) }}", "((((((((((", "`${{`${{`", "/*", "'\\u{n}", "new Vue({{data:{{total:{n}}}}})",
)  # fmt: skip


def words(draw: random.Random) -> bytes:
    """Sentences, dates, titles."""
    return "".join(
        draw.choice((*WORDS, *NUMBERS, "年", "月", "日", "至", "（", "）", " ")) for _ in range(draw.randrange(1, 60))
    ).encode("utf-8", "replace")


def _value(draw: random.Random) -> str:
    return draw.choice(
        (
            *WORDS,
            *NUMBERS,
            *ADDRESSES,
            "page",
            "pager next",
            "display:none",
            "text/html; charset=gb2312",
            "0;url=/x",
            "javascript:" + "go(" * 20,
        )
    )


def _script(draw: random.Random) -> str:
    parts = [draw.choice(SCRIPTS).format(n=draw.choice(NUMBERS)) for _ in range(draw.randrange(1, 6))]
    return draw.choice((";", "\n", "", "+", ",")).join(parts)


def _element(draw: random.Random, depth: int) -> str:
    tag = draw.choice(TAGS)
    quote = draw.choice(('"', "'", ""))
    attributes = "".join(f" {draw.choice(ATTRIBUTES)}={quote}{_value(draw)}{quote}" for _ in range(draw.randrange(4)))
    if tag in ("script", "style"):
        inner = _script(draw)
    elif depth > 12:
        inner = draw.choice(WORDS)
    else:
        inner = "".join(_node(draw, depth + 1) for _ in range(draw.choice((0, 1, 1, 2, 3, 6))))
    return f"<{tag}{attributes}>{inner}" + (f"</{tag}>" if draw.random() < 0.9 else "")


def _node(draw: random.Random, depth: int) -> str:
    roll = draw.random()
    if roll < 0.6:
        return _element(draw, depth)
    if roll < 0.9:
        return draw.choice((*WORDS, *NUMBERS))
    return draw.choice(
        (
            "<!--",
            "-->",
            "<![CDATA[",
            "&#x110000;",
            "&nbsp;",
            "</table>",
            "<",
            "&lt;td&gt;",
            "<![if",
            "<?xml",
            "</",
            "\x0c",
        )
    )


def markup(draw: random.Random) -> bytes:
    """A page: lists, pagers, tables, forms and scripts, as deep and as broken as it comes."""
    text = "".join(_node(draw, 0) for _ in range(draw.randrange(1, 14)))
    if draw.random() < 0.15:
        text = (
            draw.choice((_element(draw, 9), "<div>", "<table><tr><td>", "<li><a href=/x>", "<b><i>"))
            * draw.choice((30, 300, 2000))
            + text
        )
    head = draw.choice(
        (
            "",
            "<!DOCTYPE html>",
            '<meta charset="gbk">',
            "<title>政府信息公开年报</title>",
            "\ufeff",
            '<base href="//x/">',
        )
    )
    return (head + text).encode(draw.choice(("utf-8", "gb18030", "utf-16")), "replace")


def table(draw: random.Random) -> bytes:
    """A report whose tables have any spans, labels, numbers and styles."""
    rows = []
    for _ in range(draw.randrange(1, 30)):
        cells = []
        for _ in range(draw.randrange(1, 12)):
            spans = "".join(
                f' {name}="{draw.choice(NUMBERS)}"' for name in ("colspan", "rowspan") if draw.random() < 0.2
            )
            cells.append(f"<td{spans} style='{_css(draw)}'>{draw.choice((*WORDS, *NUMBERS))}</td>")
        rows.append("<tr>" + "".join(cells) + "</tr>")
    style = "".join(
        f"{draw.choice(TAGS)}{draw.choice(('', ':before', ' > td', '.a', '[x', '::after'))}{{{_css(draw)}}}"
        for _ in range(draw.randrange(6))
    )
    return f"<style>{style}</style><h1>某县2023年政府信息公开工作年度报告</h1><p>一、总体情况</p><table>{''.join(rows)}</table>".encode()


def _css(draw: random.Random) -> str:
    return ";".join(
        draw.choice(("display:none", "color:#fff", "content:'1'", "vertical-align:super", "position:absolute;left:-9999px", "opacity:0", "order:2", "direction:rtl",
                     "width:calc(1px*(", "font-size:0", "clip:rect(0,0,0,0)", "transform:scale(0)", "display:grid", "}", "@media x{", "text-decoration:line-through"))
        for _ in range(draw.randrange(4))
    )  # fmt: skip


def http(draw: random.Random) -> bytes:
    """Answers: interim ones, statuses, header lines, lengths, codings, chunks, trailers, each as it should not be."""
    out = bytearray()
    for _ in range(draw.choice((0, 0, 1, 3))):
        out += f"HTTP/1.1 {draw.choice(('100', '103', '199'))} x\r\n{draw.choice(('', 'A: b' + chr(13) + chr(10)))}\r\n".encode()
    status = draw.choice(("200", "206", "301", "304", "404", "204", "²¹³", "99", "1000", "-2", "", "200.5"))
    out += f"{draw.choice(('HTTP/1.1', 'HTTP/1.0', 'HTTP/2', 'ICY', 'http/1.1', 'HTTP/9.9', ''))} {status} {draw.choice(WORDS)}\r\n".encode(
        "utf-8", "replace"
    )
    body = draw.choice(
        (markup(draw), b"", b"x" * 4000, gzip.compress(b"<p>" * 500), zlib.compress(b"a" * 900), b'{"a":[1]}')
    )
    for _ in range(draw.randrange(8)):
        name = draw.choice(
            (
                "Content-Length",
                "Transfer-Encoding",
                "Content-Encoding",
                "Location",
                "Set-Cookie",
                "Content-Type",
                "Refresh",
                "Connection",
                "X",
                "",
                "Retry-After",
                "ETag",
                "Last-Modified",
                "Content-Disposition",
            )
        )
        value = draw.choice(
            (
                str(len(body)),
                "chunked",
                "gzip",
                "gzip, gzip, gzip",
                "br",
                "deflate",
                *NUMBERS,
                *ADDRESSES,
                cookie(draw).decode("latin-1"),
                "text/html; charset=" + draw.choice(("gb2312", "utf-7", "x" * 99, "")),
            )
        )
        out += f"{name}{draw.choice((':', ': ', ' :', '', ':' + chr(9)))}{value}{draw.choice((chr(13) + chr(10), chr(10), chr(13) + chr(10) + ' fold' + chr(13) + chr(10), chr(11), chr(12)))}".encode(
            "utf-8", "replace"
        )
    out += draw.choice((b"\r\n", b"\n", b"\r\n\r\n", b""))
    if draw.random() < 0.4:
        for start in range(0, len(body), 97):
            piece = body[start : start + 97]
            out += (
                draw.choice((b"%x" % len(piece), b"%X;a=b" % len(piece), b"0x5", b"F" * 40, b"-1", b""))
                + b"\r\n"
                + piece
                + draw.choice((b"\r\n", b"\n", b""))
            )
        out += draw.choice((b"0\r\n\r\n", b"0\r\nA: b\r\n\r\n", b"0\r\n" + b"T: x\r\n" * 500, b""))
    else:
        out += body
    return bytes(out[: draw.choice((len(out), len(out), len(out) // 2 + 1))])


def cookie(draw: random.Random) -> bytes:
    """Set-Cookie values."""
    parts = [f"{draw.choice(('a', '__jsl', '', 'é', 'a b'))}={draw.choice((*NUMBERS, *WORDS, 'x' * 5000))}"]
    for _ in range(draw.randrange(6)):
        parts.append(
            draw.choice(
                (
                    "path=/",
                    "path=",
                    "domain=.gov.cn",
                    "domain=[::1",
                    "expires=Thu, 01-Jan-1970 00:00:00 GMT",
                    "expires=" + draw.choice(NUMBERS),
                    "max-age=" + draw.choice(NUMBERS),
                    "HttpOnly",
                    "secure",
                    "SameSite=x",
                    "version=" + draw.choice(NUMBERS),
                )
            )
        )
    return "; ".join(parts).encode("utf-8", "replace")


def robots(draw: random.Random) -> bytes:
    """robots.txt: groups, rules with many wildcards, delays beyond measure."""
    lines = []
    for _ in range(draw.randrange(1, 40)):
        lines.append(draw.choice((
            "User-agent: " + draw.choice(("*", "ogi-archive", "", "x" * 300)), "Disallow: " + draw.choice(("/", "", "/*" * 60 + "$", "/%zz", *ADDRESSES)),
            "Allow: " + draw.choice(("/nb", "*", "/*a*a*a*a*a*b$")), "Crawl-delay: " + draw.choice(NUMBERS), "Request-rate: " + draw.choice(("1/0", "9/9s", "1/1000000h")),
            "Sitemap: " + draw.choice(ADDRESSES), "# " + draw.choice(WORDS), "\x00", "Disallow", ":", "<html>",
        )))  # fmt: skip
    return draw.choice(("\n", "\r", "\r\n", "\x0c")).join(lines).encode("utf-8", "replace")


def toml(draw: random.Random) -> bytes:
    """Settings and definitions: right and wrong keys, types, depths."""

    def value(depth: int = 0) -> str:
        if depth < 4 and draw.random() < 0.3:
            return draw.choice(
                (
                    "[" + ", ".join(value(depth + 1) for _ in range(draw.randrange(4))) + "]",
                    "{ a = " + value(depth + 1) + " }",
                )
            )
        return draw.choice(
            (
                '"'
                + draw.choice(
                    (
                        "http://a.gov.cn/nb/",
                        "{page}",
                        "{id",
                        "data[",
                        "xpath://",
                        "//*[",
                        "a::attr(",
                        "330304",
                        "%d/%m",
                        "",
                    )
                )
                + '"',
                "1",
                "-1",
                "0.0",
                "inf",
                "nan",
                "true",
                "1979-05-27",
                "9" * 40,
                "''",
            )
        )

    keys = ("id", "name", "region", "url", "start", "delay", "platform", "rows", "title", "link", "date", "total", "pages", "size", "answer", "form", "json", "headers",
            "lists", "dates", "page", "carry", "script", "once", "more", "body", "method", "hosts", "quiet_hours", "contact", "since", "kind", "aliases", "x")  # fmt: skip
    lines = ["[portal]", 'id = "a"', 'name = "某县人民政府"', 'url = "http://a.gov.cn/"'] if draw.random() < 0.7 else []
    for _ in range(draw.randrange(1, 25)):
        lines.append(
            draw.choice(
                (
                    f"{draw.choice(keys)} = {value()}",
                    "[[list]]",
                    "[list.article]",
                    "[[agency]]",
                    "[harvest]",
                    "[archive]",
                    "[[notify]]",
                    "[expect]",
                    "[[schedule.job]]",
                )
            )
        )
    return "\n".join(lines).encode()


def records(draw: random.Random) -> bytes:
    """WARC records: types, lengths, dates, contexts, digests and blocks that contradict each other; a member each, or none."""
    out = bytearray()
    for _ in range(draw.randrange(1, 5)):
        block = draw.choice((http(draw), b"", b'{"k":"v"}\n' * 3, b"software: x\r\n"))
        lines = [draw.choice(("WARC/1.1", "WARC/1.0", "WARC/9", "warc/1.1", ""))]
        fields = {
            "WARC-Type": draw.choice(("response", "request", "revisit", "resource", "metadata", "warcinfo", "continuation", "conversion", "x")),
            "WARC-Record-ID": draw.choice(("<urn:uuid:1>", "<urn:uuid:2>", "", "x" * 200)),
            "WARC-Date": draw.choice(("2024-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "2024-13-01T00:00:00Z", "2024-01-01T00:00:00.123456789Z", "x")),
            "WARC-Target-URI": draw.choice(("http://a.gov.cn/1", "<http://a/>", *ADDRESSES)), "Content-Type": draw.choice(("application/http; msgtype=response", "application/http", "text/plain", "")),
            "Content-Length": draw.choice((str(len(block)), str(len(block)), str(len(block)), *NUMBERS)), "OGI-Context": draw.choice(("{}", '{"portal":1}', '{"portal":"a","role":"report","verdict":"ok","entry":{"url":1}}', "[" * 500, "x")),
            "WARC-Payload-Digest": draw.choice(("sha256:AB", "sha1:", "x")), "WARC-Refers-To-Date": draw.choice(NUMBERS), "WARC-Truncated": draw.choice(("length", "")),
        }  # fmt: skip
        chosen = draw.sample(list(fields), draw.randrange(3, len(fields) + 1))
        for name in {*chosen, *(() if draw.random() < 0.1 else ("WARC-Type", "Content-Length", "WARC-Date"))}:
            lines.append(f"{name}: {fields[name]}")
        record = (
            "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + block + draw.choice((b"\r\n\r\n", b"", b"\n"))
        )
        out += gzip.compress(record, 1) if draw.random() < 0.7 else record
    return bytes(out)


def package(draw: random.Random) -> bytes:
    """A WACZ: names of members that lead out, datapackages of any shape, indexes of others."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as into:
        names = (
            "archive/data.warc.gz",
            "../../evil.warc.gz",
            "/etc/x.warc",
            "archive/a\x00b.warc",
            "indexes/index.cdx",
            "pages/pages.jsonl",
            "datapackage.json",
            "datapackage-digest.json",
            "archive/con.warc.gz",
            "inner.wacz",
            "archive/\u202egz.warc",
        )
        for name in draw.sample(names, draw.randrange(1, len(names))):
            if name.endswith(".json"):
                data = json.dumps(
                    {
                        "profile": draw.choice(("data-package", "multi-wacz", 1)),
                        "resources": [
                            {
                                "name": draw.choice(WORDS),
                                "path": draw.choice((*names, *ADDRESSES)),
                                "hash": draw.choice(("sha256:ab", 1, None)),
                                "bytes": draw.choice((1, -1, 10**30, "x")),
                            }
                            for _ in range(3)
                        ],
                        "wacz_version": draw.choice(("1.1.1", 2)),
                    }
                ).encode()
            elif name.endswith(".wacz"):
                data = made.getvalue()[:2000]
            else:
                data = records(draw)
            into.writestr(zipfile.ZipInfo(name) if draw.random() < 0.5 else name, data)
    damaged = bytearray(made.getvalue())
    for _ in range(draw.choice((0, 0, 1, 4))):
        damaged[draw.randrange(len(damaged))] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def service(draw: random.Random) -> bytes:
    """The answer of a list's service: JSON, JSONP, XML, with rows of any type."""

    def value(depth: int = 0) -> object:
        if depth < 5 and draw.random() < 0.4:
            return draw.choice(
                (
                    [value(depth + 1) for _ in range(draw.randrange(5))],
                    {
                        draw.choice(("list", "rows", "title", "url", "total", "date", "data", "")): value(depth + 1)
                        for _ in range(4)
                    },
                )
            )
        return draw.choice((*WORDS, *ADDRESSES, 1, -1, 10**40, 1.5, True, None, 1612137600000, "2021-02-30"))

    text = json.dumps(value(), ensure_ascii=draw.random() < 0.5)
    return (
        draw.choice(
            (
                "{}",
                "cb({});",
                "<list total='3'><doc><title>{}</title></doc></list>",
                "[" * 3000 + "{}",
                "\ufeff{}",
                "while(1);{}",
            )
        )
        .replace("{}", text)
        .encode("utf-8", "surrogatepass")
    )


def parts_of(sound: Sequence[bytes]) -> Grammar:
    """Office files and OFD: the members of sound ones with their XML rewritten by element, so that the container stays whole."""

    def make(draw: random.Random) -> bytes:
        made = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(draw.choice(sound))) as of,
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into,
        ):
            for name in of.namelist():
                data = of.read(name)
                if name.endswith((".xml", ".rels")) and draw.random() < 0.6:
                    data = _rewritten(data, draw)
                if draw.random() > 0.02:
                    into.writestr(
                        draw.choice((name, name, name, name, name, "../" + name)) if draw.random() < 0.05 else name,
                        data,
                    )
        return made.getvalue()

    return make


def _rewritten(data: bytes, draw: random.Random) -> bytes:
    """XML with elements doubled, moved, nested and with other values in its attributes and texts."""
    pieces = data.replace(b"<", b"\x00<").split(b"\x00")
    for _ in range(draw.choice((1, 2, 5, 20))):
        pieces = pieces or [b""]
        at = draw.randrange(len(pieces))
        kind = draw.randrange(6)
        if kind == 0:
            pieces[at:at] = pieces[at : at + draw.randrange(1, 40)] * draw.choice((1, 2, 30))
        elif kind == 1:
            del pieces[at : at + draw.randrange(1, 10)]
        elif kind == 2 and b'"' in pieces[at]:
            head, _, rest = pieces[at].partition(b'"')
            pieces[at] = (
                head
                + b'"'
                + draw.choice((*NUMBERS, *ADDRESSES)).encode("utf-8", "replace")
                + b'"'
                + rest.partition(b'"')[2]
            )
        elif kind == 3:
            pieces[at] = pieces[at].partition(b">")[0] + b">" + words(draw).replace(b"\x00", b"").replace(b"<", b"")
        elif kind == 4:
            other = draw.randrange(len(pieces))
            pieces[at], pieces[other] = pieces[other], pieces[at]
        else:
            pieces.insert(
                at,
                draw.choice(
                    (
                        b"<w:p><w:r><w:t>",
                        b"<w:tbl><w:tr><w:tc>",
                        b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
                        b"<mc:AlternateContent>",
                        b"<c r='ZZZ99999999'><v>1</v></c>",
                        b"]]>",
                    )
                ),
            )
    return b"".join(pieces)[: 1 << 20]


def rtf(draw: random.Random) -> bytes:
    """RTF: groups and control words with any arguments."""
    controls = (
        "trowd",
        "cellx",
        "cell",
        "row",
        "par",
        "u",
        "'",
        "bin",
        "clvmgf",
        "clmgf",
        "fonttbl",
        "*",
        "pict",
        "b",
        "strike",
        "v",
        "super",
        "ansicpg",
        "uc",
        "itap",
        "nestcell",
        "field",
        "object",
    )
    out = ["{\\rtf1\\ansi\\ansicpg936 "]
    for _ in range(draw.randrange(1, 300)):
        out.append(
            draw.choice(
                (
                    "{",
                    "}",
                    "\\"
                    + draw.choice(controls)
                    + draw.choice(("", "1", "-1", "32767", "99999999999", "4e"))
                    + draw.choice((" ", "")),
                    draw.choice(("12", "3", "\\'b5\\'da", "?")),
                )
            )
        )
    return ("{" * draw.choice((0, 0, 3000)) + "".join(out)).encode("latin-1", "replace")


def pdf(draw: random.Random) -> bytes:
    """PDF: objects that refer to each other in any way, and content streams of any operators."""

    def name() -> str:
        return draw.choice(
            (
                "/Type",
                "/Pages",
                "/Kids",
                "/Count",
                "/Parent",
                "/Contents",
                "/Resources",
                "/Font",
                "/MediaBox",
                "/Length",
                "/Filter",
                "/Annots",
                "/AcroForm",
                "/Fields",
                "/ToUnicode",
                "/W",
                "/Rotate",
                "/OC",
            )
        )

    def thing(depth: int = 0) -> str:
        if depth < 4 and draw.random() < 0.35:
            return draw.choice(
                (
                    "[" + " ".join(thing(depth + 1) for _ in range(draw.randrange(5))) + "]",
                    "<<" + " ".join(f"{name()} {thing(depth + 1)}" for _ in range(draw.randrange(4))) + ">>",
                )
            )
        return draw.choice(
            (
                f"{draw.randrange(1, 9)} 0 R",
                "1",
                "-1",
                "1e30",
                "99999999999",
                "(x)",
                "<4E2D>",
                "/Page",
                "/Catalog",
                "null",
                "true",
                "[0 0 595 842]",
                "/FlateDecode",
                "/Identity-H",
            )
        )

    def stream() -> bytes:
        ops = (
            "BT",
            "ET",
            "q",
            "Q",
            "/F1 12 Tf",
            "(12) Tj",
            "<4E2D> Tj",
            "1 0 0 1 0 0 cm",
            "10 10 m",
            "90 10 l",
            "S",
            "0 0 9 9 re",
            "f",
            "3 Tr",
            "BI",
            "EI",
            "/X Do",
            "1e9 0 0 1e9 0 0 Tm",
            "[(1) -200 (2)] TJ",
            "0 Tc",
            "W n",
            "/P <</MCID 1>> BDC",
            "EMC",
        )
        return " ".join(draw.choice(ops) for _ in range(draw.randrange(300))).encode()

    out, offsets = bytearray(b"%PDF-1.7\n"), []
    fixed = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        None,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    for number in range(1, 9):
        offsets.append(len(out))
        told = fixed[number - 1] if number <= len(fixed) and draw.random() < 0.85 else thing()
        if told is None:
            data = stream()
            body = b"<</Length %d>>stream\n" % draw.choice((len(data), len(data), 0, 10**9)) + data + b"\nendstream"
        else:
            body = told.encode()
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    at = len(out)
    out += b"xref\n0 9\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size 9/Root %s>>\nstartxref\n%d\n%%%%EOF" % (
        draw.choice((b"1 0 R", b"1 0 R", b"3 0 R", b"null")),
        draw.choice((at, at, 0, 10**9)),
    )
    return bytes(out)


def _sound(kind: str) -> Grammar:
    """A grammar over the parts of a sound file, which is written when it is first asked for."""
    made: list[Grammar] = []

    def make(draw: random.Random) -> bytes:
        if not made:
            write = {"docx": write_docx, "xlsx": write_xlsx, "ofd": write_ofd}[kind]
            made.append(parts_of([write(report("form-2021"))]))
        return made[0](draw)

    return make


#: Grammars by the name of what reads them; those of `tests.safety.inputs` are all.
OF_CONTENT: dict[str, Grammar] = {
    "http": http,
    "cookies": cookie,
    "robots": robots,
    "toml": toml,
    "warc": records,
    "wacz": package,
    "lists": markup,
    "services": service,
    "words": words,
    "pages": markup,
    "tables": table,
    "docx": _sound("docx"),
    "xlsx": _sound("xlsx"),
    "ofd": _sound("ofd"),
    "rtf": rtf,
    "pdf": pdf,
}
