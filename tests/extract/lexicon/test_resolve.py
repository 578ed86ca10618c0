"""Addresses as browsers resolve them (URL standard), and never an error on what a portal writes."""

from __future__ import annotations

import pickle
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.lexicon.resolve import Base, resolve, resolve_location

BASE = "http://www.x.gov.cn/a/b/list.asp?x=1"


def gbk(text: str) -> str:
    return quote(text.encode("gbk"))


@pytest.mark.parametrize(
    ("href", "charset", "url"),
    [
        ("show.asp?bt=财政局年报", "gbk", f"http://www.x.gov.cn/a/b/show.asp?bt={gbk('财政局年报')}"),
        ("down.asp?f=2022年报.pdf", "gb2312", f"http://www.x.gov.cn/a/b/down.asp?f=2022{gbk('年报')}.pdf"),
        (
            "?lm=信息公开年报&page=2",
            "gb18030",
            f"http://www.x.gov.cn/a/b/list.asp?lm={gbk('信息公开年报')}&page=2",
        ),
        ("/年报/1.html", "gbk", f"http://www.x.gov.cn/{quote('年报')}/1.html"),  # the path is UTF-8 in every page
        ("/年报/1.html?名=局", "utf-8", f"http://www.x.gov.cn/{quote('年报/1.html')}?{quote('名')}={quote('局')}"),
        ("?a=㐀", "gbk", "http://www.x.gov.cn/a/b/list.asp?a=%26%2313312%3B"),  # GBK lacks it
        ("?a=㐀", "gb18030", "http://www.x.gov.cn/a/b/list.asp?a=%819%EE9"),
        ("?a=丂", "gbk", "http://www.x.gov.cn/a/b/list.asp?a=%81@"),  # its second byte is an ASCII letter
        ("?a=€", "gbk", "http://www.x.gov.cn/a/b/list.asp?a=%80"),
        ("?a=報", "big5", "http://www.x.gov.cn/a/b/list.asp?a=%B3%F8"),
        ("?a=年", "no-such-charset", f"http://www.x.gov.cn/a/b/list.asp?a={quote('年')}"),
        ("?a=年", "utf-16-le", f"http://www.x.gov.cn/a/b/list.asp?a={quote('年')}"),
        ("?a=%C4%EA", "utf-8", "http://www.x.gov.cn/a/b/list.asp?a=%C4%EA"),
        ("?a=1#年", "gbk", "http://www.x.gov.cn/a/b/list.asp?a=1"),
        ("..\\c\\5.html", "utf-8", "http://www.x.gov.cn/a/c/5.html"),
        ("\\\\y.gov.cn\\5", "utf-8", "http://y.gov.cn/5"),
        (" /p 1.html ", "utf-8", "http://www.x.gov.cn/p%201.html"),
        ("\u3000/1.html\u00a0", "utf-8", "http://www.x.gov.cn/1.html"),
        ("/a\n/b\t.html", "utf-8", "http://www.x.gov.cn/a/b.html"),
        ("http:/y/1.html", "utf-8", "http://www.x.gov.cn/y/1.html"),
        ("HTTP://WWW.X.GOV.CN:80/A.html", "utf-8", "http://www.x.gov.cn/A.html"),
        ("./../../../1.html", "utf-8", "http://www.x.gov.cn/1.html"),
        ("/a/%2e%2e/b.html", "utf-8", "http://www.x.gov.cn/b.html"),
        ("/x.jsp?a=1;b=2", "utf-8", "http://www.x.gov.cn/x.jsp?a=1;b=2"),
        ("/x%zz.html", "utf-8", "http://www.x.gov.cn/x%zz.html"),
        ("/q?a=b'c|{d}", "utf-8", "http://www.x.gov.cn/q?a=b%27c|{d}"),
        ("http://ｗｗｗ．x．gov．cn/1", "utf-8", "http://www.x.gov.cn/1"),
        ("http://例子.gov.cn/1", "utf-8", "http://xn--fsqu00a.gov.cn/1"),
        ("http://0x7f.1/1", "utf-8", "http://127.0.0.1/1"),
        ("http://2130706433/1", "utf-8", "http://127.0.0.1/1"),
        ("http://127。0。0。1/1", "utf-8", "http://127.0.0.1/1"),
        ("http://017700000001/", "utf-8", "http://127.0.0.1/"),
        ("http://x%2egov.cn/", "utf-8", "http://x.gov.cn/"),
        ("http://[::1", "utf-8", None),
        ("http://[bad]/", "utf-8", None),
        ("http://a b/", "utf-8", None),
        ("http://x.gov.cn:99999/", "utf-8", None),
        ("http://\u2100.gov.cn/", "utf-8", None),  # one character that normalises to a slash
        ("javascript:void(0)", "utf-8", None),
        ("JavaScript:location='/1'", "utf-8", None),
        ("mailto:a@b.cn", "utf-8", None),
    ],
)
def test_as_a_browser(href: str, charset: str, url: str | None) -> None:
    assert resolve(BASE, href, charset) == url


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("/年报/1.html".encode("gb18030").decode("latin-1"), f"http://www.x.gov.cn/{gbk('年报')}/1.html"),
        ("/年报/1.html".encode().decode("latin-1"), f"http://www.x.gov.cn/{quote('年报')}/1.html"),
        ("/?q=年".encode("gbk").decode("latin-1"), f"http://www.x.gov.cn/?q={gbk('年')}"),
        ("\\x\\5.html", "http://www.x.gov.cn/x/5.html"),
        ("http://[::1", None),
        ("//[fe80::1%25eth0]/", None),
        ("/年报/1.html", f"http://www.x.gov.cn/{quote('年报')}/1.html"),  # from a reader that decoded the field
    ],
)
def test_location_is_encoded_as_it_came(value: str, url: str | None) -> None:
    assert resolve_location(BASE, value) == url


def test_base_carries_the_charset_of_its_page() -> None:
    base = Base("http://www.x.gov.cn/", "gbk")
    assert resolve(base, "?a=年") == f"http://www.x.gov.cn/?a={gbk('年')}"
    assert resolve(pickle.loads(pickle.dumps(base)), "?a=年") == f"http://www.x.gov.cn/?a={gbk('年')}"
    assert resolve(base, "?a=年", "utf-8") == f"http://www.x.gov.cn/?a={quote('年')}"


_HOSTILE = st.text(
    st.one_of(st.sampled_from("/\\:@?#[]%.;&=0x- \t\n\r\u3000℀．。éſ年㐀\ud800\x00http"), st.characters()), max_size=40
)


@given(
    _HOSTILE,
    st.sampled_from(["utf-8", "gbk", "gb18030", "big5", "euc-kr", "iso-8859-1", "utf-7", "idna", "rot13", "\x00"]),
)
def test_whatever_is_written_gives_an_address_or_none(href: str, charset: str) -> None:
    for url in (resolve(BASE, href, charset), resolve(None, href, charset), resolve_location(BASE, href)):
        if url is not None:
            parts = urlsplit(url)
            assert parts.scheme in ("http", "https")
            assert parts.hostname
            assert parts.port is None or 0 <= parts.port < 65536
            assert url.isascii()
            assert resolve(None, url) == url  # what was resolved once stays as it is
