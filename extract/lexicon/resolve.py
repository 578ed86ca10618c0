"""Addresses as browsers resolve them: the URL standard of the WHATWG, with a page's charset in the query.

Everything that turns what a page or a header says into an address goes through here. What is no http(s) address gives `None`, never an
error: these are bytes of a portal. The parser is Ada's, which the standard's own tests check; its answers are plain ASCII, so that a host
that hides behind full-width digits, octal numbers or percent signs is written out before anybody asks whether it may be visited.
"""

from __future__ import annotations

import re
from typing import Self

import ada_url

_UTF = frozenset({"utf-8", "utf8", "utf-16", "utf-16-le", "utf-16-be", "utf-16le", "utf-16be"})
#: Labels of the standard that mean GBK; GB18030 is read like it, and writes more characters.
_GBK = frozenset({"gbk", "gb2312", "x-gbk", "cp936", "gb-2312", "euc-cn"})
#: Bytes that stay as they are in a query: the complement of the standard's special-query percent-encode set.
_QUERY_SAFE = frozenset(range(0x21, 0x7F)) - frozenset(b"\"#'<>")
#: Blanks that authors of pages put around addresses and that the standard does not take away.
_WIDE_BLANKS = "\u3000\u00a0\u200b\ufeff"
_PLAIN_BLANKS = "".join(map(chr, range(0x21)))
_REMOVED = re.compile(r"[\t\r\n]")
_NO_UTF16 = re.compile(r"[\ud800-\udfff]")


class Base(str):
    """The address that a page's links refer to, and the charset in which their queries are written.

    A `str` in every other respect: whoever passes a page's address on passes the charset on as well.
    """

    charset: str

    def __new__(cls, url: str, charset: str = "utf-8") -> Self:
        """An address in a page of that charset."""
        base = super().__new__(cls, url)
        base.charset = charset
        return base


def resolve(base: str | None, href: str, charset: str | None = None) -> str | None:
    """The http(s) address that a browser would ask for, without fragment; `None` if there is none.

    Args:
        base: The page's address, after redirects and `<base href>`; `None` for an address that stands alone.
        href: As written in the page.
        charset: Of the page, for characters outside ASCII in the query; `None` takes that of a `Base`, else UTF-8.
    """
    charset = charset or (base.charset if isinstance(base, Base) else "utf-8")
    text = _NO_UTF16.sub("\ufffd", _in_charset(href.strip(_PLAIN_BLANKS + _WIDE_BLANKS), charset))
    try:
        url = ada_url.URL(text, base) if base is not None else ada_url.URL(text)
        url.hash = ""
    except (ValueError, UnicodeError):
        return None
    if url.protocol not in ("http:", "https:") or not url.hostname:
        return None
    return url.href.partition("#")[0]


def resolve_location(base: str, value: str) -> str | None:
    """The address that a `Location` or `Refresh` header leads to, as `resolve`.

    Args:
        base: The address that answered.
        value: The header's bytes read as Latin-1. Those above ASCII are percent-encoded as they came, whatever charset they are in.
    """
    raw = value.encode("utf-8", "surrogatepass") if any(ord(char) > 0xFF for char in value) else value.encode("latin-1")
    return resolve(str(base), "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw), "utf-8")


def _in_charset(href: str, charset: str) -> str:
    """The address with the characters of its query in the page's charset; one that the charset lacks becomes `&#…;`, as in a form."""
    label = charset.lower().replace("_", "-")
    head, mark, fragment = _REMOVED.sub("", href).partition("#")
    path, question, query = head.partition("?")
    if query.isascii() or label in _UTF:
        return href
    try:
        encoded = "".join(char if char.isascii() else _encoded(char, label) for char in query)
    except (
        LookupError,
        ValueError,
    ):  # no charset that Python knows (or a name with a NUL): UTF-8, as the standard does
        return href
    return path + question + encoded + mark + fragment


def _encoded(char: str, label: str) -> str:
    """One character as the standard percent-encodes it after encoding; raises `LookupError` for an unknown charset."""
    if char == "\u20ac" and label in _GBK:
        return "%80"
    try:
        data = char.encode("gbk" if label in _GBK else label)
    except UnicodeError:
        return f"%26%23{ord(char)}%3B"
    return "".join(chr(byte) if byte in _QUERY_SAFE else f"%{byte:02X}" for byte in data)
