"""Bodies that prove themselves whole under a wrong frame, and those that don't."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

import pytest

from crawler.http.framing import proves_itself_whole

PAGE = b"<!DOCTYPE html><html><body><p>" + b"a" * 500 + b"</p></body></html>"


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("word/document.xml", "<a/>")
        package.comment = b"made by somebody"
    return stream.getvalue()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(PAGE), "gzip"),
        (gzip.compress(PAGE) + b"\r\n", "X-GZIP"),
        (zlib.compress(PAGE), "deflate"),
        (zlib.compress(PAGE)[2:-4], "deflate"),
        (PAGE, None),
        (PAGE + b"\r\n<!-- 12 ms -->\n<!-- cache -->", "identity"),
        (b"\xef\xbb\xbf" + PAGE.upper(), None),
        (b'{"rows": [1, 2]}', None),
        (b"%PDF-1.4 ... startxref 1 %%EOF\r\n", None),
        (zipped(), None),
    ],
)
def test_whole(body: bytes, coding: str | None) -> None:
    assert proves_itself_whole(body, coding)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(PAGE)[:-9], "gzip"),
        (gzip.compress(PAGE) + b"and more", "gzip"),
        (zlib.compress(PAGE)[:-9], "deflate"),
        (PAGE, "gzip"),
        (gzip.compress(gzip.compress(PAGE)), "gzip, gzip"),
        (PAGE[:-1], None),
        (PAGE + b"<p>more", None),
        (PAGE + b"<!-- never closed", None),
        (b"plain text</html>", None),
        (b'{"rows": [1, 2', None),
        (b"%PDF-1.4 ... %%EOF\n1 0 obj", None),
        (zipped()[:-3], None),
        (b"", None),
        (b"", "gzip"),
    ],
)
def test_not_whole(body: bytes, coding: str | None) -> None:
    assert not proves_itself_whole(body, coding)


def test_the_walk_through_a_bomb_is_short() -> None:
    assert not proves_itself_whole(gzip.compress(bytes(80 << 20)), "gzip")
