from __future__ import annotations

import pytest

from crawler.http.robots import read_rules

AGENT = "ogi-archive"
PAGE = "http://a.gov.cn/zwgk/1.html"


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        (200, b"User-agent: *\nDisallow: /\n", False),
        (200, b"User-agent: *\nDisallow: /zwgk/\nAllow: /zwgk/1\n", True),
        (200, b"User-agent: other\nDisallow: /\n", True),
        (200, b"User-agent: OGI-Archive\nDisallow: /zwgk\n", False),
        (200, b"", True),
        (200, b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /zwgk/\r\n", False),
        (404, b"Disallow: /", True),
        (403, b"", True),
        (500, b"", False),
        (503, b"User-agent: *\nAllow: /\n", False),
        (429, b"", False),
        (200, b"<!DOCTYPE html><html><body>User-agent: *\nDisallow: /</body></html>", True),
        (200, b"User-agent: *\nDisallow: /\xff\xfe\nDisallow: /zwgk/\n", False),
    ],
)
def test_what_an_answer_permits(status: int, body: bytes, allowed: bool) -> None:
    assert read_rules(status, body).allows(PAGE, AGENT) is allowed


def test_html_in_place_of_the_file_is_said() -> None:
    assert "HTML" in read_rules(200, b"\n <html><title>404</title>").reason


@pytest.mark.parametrize(
    ("body", "delay"),
    [
        (b"User-agent: *\nCrawl-delay: 7\n", 7.0),
        (b"User-agent: *\nRequest-rate: 1/30\n", 30.0),
        (b"User-agent: *\nDisallow:\n", None),
        (b"User-agent: other\nCrawl-delay: 7\n", None),
    ],
)
def test_crawl_delay(body: bytes, delay: float | None) -> None:
    assert read_rules(200, body).crawl_delay(AGENT) == delay
