"""Text in base64, among all the texts that are none: what a page says costs no reader."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.lists.pager import hidden_pagers
from crawler.pages import leads, markup
from crawler.pages.coded import text_of_base64


@given(st.text(max_size=40))
def test_any_text_comes_back(text: str) -> None:
    assert text_of_base64(base64.b64encode(text.encode()).decode()) == text


@given(st.text(max_size=40))
def test_any_text_may_be_asked_about(text: str) -> None:
    text_of_base64(text)


@pytest.mark.parametrize("value", ["下一页去看", "第１页共２页好", "é===", "abc"])
def test_words_where_a_pager_may_stand_coded_are_none(value: str) -> None:
    page = f'<html><body><input class="pages" value="{value}"><span id="pages" data-value="{value}">{value}</span></body></html>'
    root = markup.parse(page)
    assert root is not None
    assert hidden_pagers(root, page) == []


@pytest.mark.parametrize("name", ["年度报告全文下载", "公开年报二〇二三"])
def test_a_viewer_that_is_given_chinese_words_shows_no_file(name: str) -> None:
    assert leads.viewed_file(f"http://www.x.gov.cn/viewer.html?file={name}", "") is None
