"""Inputs by grammar for what leads elsewhere: `Refresh`, `Link`, site maps; and for what is no answer at all.

Each is given as bytes; `tests.safety.parsers` says what reads them and what must hold of the outcome.
"""

from __future__ import annotations

import gzip
import random

from tests.safety.grammars import ADDRESSES, NUMBERS, WORDS, Grammar, cookie, markup

_SEPARATORS = (";", ",", " ", "; ", " ;", ";;", ";\t", "", "\x0b", "；")
_CASES = ("url", "URL", "Url", "uRl", "ur", "urll", "url ", "")
_QUOTES = (('"', '"'), ("'", "'"), ("", ""), ('"', ""), ("'", '"'), ("“", "”"), ("<", ">"))
_HOSTS = (
    "www.example.gov.cn", "WWW.EXAMPLE.GOV.CN.", "www.example.gov.cn:80", "a@www.example.gov.cn", "www.example.gov.cn@b.gov.cn", "127.0.0.1", "[::1]",
    "[::1", "0x7f.1", "2130706433", "ｗｗｗ.example.gov.cn", "xn--", "xn--a", "a..b", "", "x" * 300, "例.中国", "www.example.gov.cn:99999", "www.example.gov.cn:٣",
)  # fmt: skip
_SCHEMES = (
    "http://",
    "https://",
    "//",
    "",
    "HTTP://",
    "http:/",
    "http:\\\\",
    "file://",
    "javascript:",
    "data:",
    "ftp://",
    "view-source:http://",
    "http:",
)
_PATHS = (
    "/",
    "",
    "/zwgk/nb/",
    "list_2.html",
    "?page=2",
    "#x",
    "/a b",
    "/\t/x",
    "/%00",
    "/%zz",
    "/年报/",
    "/x\\y",
    "/" + "a/" * 200,
    "/..//../",
    ";x",
    "/&amp;a=1",
)


def _address(draw: random.Random) -> str:
    if draw.random() < 0.3:
        return draw.choice(ADDRESSES)
    return draw.choice(_SCHEMES) + draw.choice(_HOSTS) + draw.choice(_PATHS)


def _refresh(draw: random.Random) -> str:
    """The value of a `Refresh` field: seconds, separator, the word, quotes, address, each in any form."""
    opening, closing = draw.choice(_QUOTES)
    word = draw.choice(_CASES)
    equals = draw.choice(("=", " = ", "", ":", "==")) if word else ""
    number = draw.choice((*NUMBERS, "0", "0", "5", ".5", "-0", "1" * 500, "+1"))
    blanks = draw.choice(("", "", " ", "\t", " " * draw.choice((3, 2000))))
    return f"{blanks}{number}{blanks}{draw.choice(_SEPARATORS)}{blanks}{word}{equals}{opening}{_address(draw)}{closing}{draw.choice(('', ' x', ';url=/y'))}"


def refresh(draw: random.Random) -> bytes:
    """Headers, an empty line and a page that is left as it loads, by header, `<meta>`, script or frame, several at once, nested and hidden."""
    lines = [f"Refresh: {_refresh(draw)}" for _ in range(draw.choice((0, 1, 1, 3, 50)))]
    pieces = []
    for _ in range(draw.choice((0, 1, 2, 5, 200))):
        value = _refresh(draw)
        address = _address(draw)
        pieces.append(
            draw.choice(
                (
                    f'<meta http-equiv="refresh" content="{value}">',
                    f"<META HTTP-EQUIV=' Refresh ' CONTENT='{value}'/>",
                    f"<noscript><meta http-equiv=refresh content='{value}'></noscript>",
                    f"<!--<meta http-equiv=refresh content={value}>-->",
                    f"<svg><title><meta http-equiv=refresh content='{value}'></svg>",
                    f"<script>location.href='{address}'</script>",
                    f"<script>window['loca'+'tion']=\"{address}\";top.location.replace('{address}')</script>",
                    f"<script>setTimeout(\"location='{address}'\",{draw.choice(NUMBERS)})</script>",
                    f"<body onload=\"self.location='{address}'\">",
                    f"<iframe src='{address}'></iframe>",
                    f"<frameset><frame src={address}></frameset>",
                    f"<base href='{address}'>",
                    f"<a href='{address}'>{draw.choice(WORDS)}</a>",
                )
            )
        )
    text = "<html><head>" + "".join(pieces)
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode(draw.choice(("utf-8", "gb18030")), "replace")


def link(draw: random.Random) -> bytes:
    """`Link` fields (RFC 8288): targets, parameters, relations, quoted commas, several in one field and several fields."""
    lines = []
    for _ in range(draw.choice((1, 1, 2, 30))):
        values = []
        for _ in range(draw.choice((1, 1, 3, 100))):
            parameters = "".join(
                draw.choice((";", " ; ", ";;", ","))
                + draw.choice(("rel", "REL", "rel*", "rev", "title", "title*", "anchor", "type", "hreflang", "x" * 300))
                + draw.choice(("=", " = ", "", "=="))
                + draw.choice(('"next"', "next", "'next'", '"prev next"', '"NEXT"', '"nex', "UTF-8''%e4%b8%8b", '"a, b; rel=next"', '"\\""', "nextish", '"' + "a " * 200 + 'next"', *NUMBERS[:4]))
                for _ in range(draw.choice((0, 1, 1, 2, 20)))
            )  # fmt: skip
            values.append(
                draw.choice(("<{}>", "<{}", "{}>", "{}", "< {} >", "<<{}>>")).format(_address(draw)) + parameters
            )
        lines.append(f"{draw.choice(('Link', 'link', 'LINK'))}: {draw.choice((', ', ',', ' ')).join(values)}")
    return ("\r\n".join(lines)).encode("utf-8", "replace")


def _location(draw: random.Random) -> str:
    address = _address(draw)
    return draw.choice(("<loc>{}</loc>", "<loc> \n{} </loc>", "<loc><![CDATA[{}]]></loc>", "<loc>{}", "<loc/>{}", "<ns:loc>{}</ns:loc>", "<loc>&lt;{}&gt;</loc>",
                        "<loc>&e;{}</loc>", "<LOC>{}</LOC>", "<loc x='1'>{}</loc>")).format(address)  # fmt: skip


def site_map(draw: random.Random) -> bytes:
    """Site maps and their indexes: in themselves, in each other, with entities, dates and numbers that are none, in any encoding, packed or torn."""
    root = draw.choice(("urlset", "sitemapindex", "urlset", "rss", "feed", "ns:urlset", "URLSET"))
    inner = "sitemap" if "index" in root else "url"
    entries = "".join(
        f"<{inner}>{_location(draw)}<lastmod>{draw.choice(NUMBERS)}</lastmod><priority>{draw.choice(NUMBERS)}</priority>"
        + draw.choice((f"</{inner}>", f"</{inner}>", ""))
        for _ in range(draw.choice((0, 1, 3, 20, 3000)))
    )
    head = draw.choice(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<?xml version="1.0" encoding="gbk"?>',
            "<?xml version='9'?>",
            "",
            "\ufeff<?xml version='1.0'?>",
        )
    )
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x"}">' for n in range(12)).replace("e11", "e")
    kind = draw.choice(
        (
            "",
            "",
            f"<!DOCTYPE x [{entities}]>",
            '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x">',
            "<?xml-stylesheet href='/x'?>",
        )
    )
    end = draw.choice((f"</{root}>", f"</{root}>", "", f"</{root}>" * 50, f"<{root}>" * 3000))
    text = f"{head}{kind}<{root} xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{entries}{end}"
    data = text.encode(draw.choice(("utf-8", "utf-8", "gb18030", "utf-16")), "replace")
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        data = gzip.compress(data, 1)
    return data[: draw.choice((len(data), len(data), len(data) // 2 + 1))]


def bare(draw: random.Random) -> bytes:
    """What is no answer of HTTP/1: bodies without a head (HTTP/0.9), greetings of other protocols, frames of HTTP/2, TLS, a head that comes late."""
    start = draw.choice(
        (
            b"", b"<html>", b"<!DOCTYPE html>", b"\xef\xbb\xbf<html>", b"\r\n" * draw.choice((1, 5, 9000)), b"SSH-2.0-OpenSSH_9.6\r\n", b"220 mail ESMTP\r\n", b"ICY 200 OK\r\n",
            b"RTSP/1.0 200 OK\r\n", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" * 9, b"\x15\x03\x01\x00\x02\x02\x28", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"%PDF-1.7\n", b"PK\x03\x04", b"HTTP",
            b"HTTP/1.1", b"HTTP/1.1\r\n", b"HTTP /1.1 200 OK\r\n", b" HTTP/1.1 200 OK\r\n", b"HTTP/0.9 200 OK\r\n", b"HTTPS/1.1 200 OK\r\n", b"\x00HTTP/1.1 200 OK\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1\xc2\xa0200 OK\r\n", b"HTTP/1.1 20", b"Content-Type: text/html\r\n\r\n", b"{", b"\x1f\x8b\x08\x00",
        )
    )  # fmt: skip
    middle = draw.choice(
        (
            b"",
            markup(draw),
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"Set-Cookie: " + cookie(draw) + b"\r\n\r\n",
            b"A" * 70_000,
            draw.randbytes(99),
        )
    )
    return start + middle


#: As `grammars.OF_CONTENT`.
OF_LEADS: dict[str, Grammar] = {"refresh": refresh, "link": link, "sitemaps": site_map, "bare": bare}
