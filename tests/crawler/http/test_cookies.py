"""Cookies are kept within a browser's limits, and come back as the bytes that they were."""

from __future__ import annotations

import pytest

from crawler.http.cookies import Cookies

URL = "http://www.example.gov.cn/zwgk/"


def test_what_is_set_is_sent_to_whom_it_is_for() -> None:
    cookies = Cookies()
    cookies.keep(["a=1; path=/", "b=2; domain=.example.gov.cn; path=/", "c=3; path=/other/", "d=4; max-age=0"], URL)
    assert sorted(cookies.field(URL).split("; ")) == ["a=1", "b=2"]
    assert cookies.field("http://tj.example.gov.cn/") == "b=2"
    assert cookies.field("http://www.elsewhere.gov.cn/") == ""


def test_bytes_that_are_no_ascii_come_back_unchanged() -> None:
    cookies = Cookies()
    value = "中文".encode("gb18030").decode("latin-1")
    cookies.keep([f"name={value}"], URL)
    assert cookies.field(URL) == f"name={value}"


@pytest.mark.parametrize("sign", ["\x00", "\r\nX-Evil: 1", "\n", "\x0b", "\x0c", "\x1b[2J", "\x7f"])
@pytest.mark.parametrize("form", ["a={}", "{}a=1", "a=1; path=/{}", "a=1; domain={}"])
def test_a_cookie_with_control_characters_is_none(sign: str, form: str) -> None:
    cookies = Cookies()
    cookies.keep([form.format(sign), "sound=1"], URL)
    assert cookies.field(URL) == "sound=1"


@pytest.mark.parametrize(
    "field",
    [
        "a=1; max-age=" + "9" * 400,
        "a=1; max-age=²",
        "a=1; version=²",
        "a=1; expires=Thu, 01 Jan 99999999999 00:00:00 GMT",
        "a=1; expires=" + "1" * 3000,
        "a=1; domain=[::1",
        'a=1; port="²,x"',
        "=; ; =;;",
        "",
    ],
)
def test_attributes_that_are_none_cost_nothing_else(field: str) -> None:
    cookies = Cookies()
    cookies.keep([field, "sound=1"], URL)
    assert "sound=1" in cookies.field(URL).split("; ")


def test_a_host_that_sets_cookies_without_end_makes_no_endless_request() -> None:
    cookies = Cookies()
    for answer in range(40):
        cookies.keep([f"c{answer}-{number}={'x' * 4000}" for number in range(60)], URL)
    sent = cookies.field(URL)
    assert len(sent) <= 50 * 4100
    assert "c39-59=" in sent
    cookies.keep(["large=" + "x" * 4096], URL)
    assert "large=" not in cookies.field(URL)
