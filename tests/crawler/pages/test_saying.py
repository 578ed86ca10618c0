"""What a page in place of a list says of itself."""

from __future__ import annotations

import pytest

from crawler.pages.saying import page_says

URL = "http://portal.example/zfxxgknb/"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            "<html><head><title>405</title></head><body><h1>405</h1><p>您的访问被阻断。</p></body></html>",
            "您的访问被阻断",
        ),
        ("<title>网站维护中</title><p>网站正在维护升级</p>", "网站维护中"),
        ("<p>本栏目已迁移至<a href='http://new.example/nb/'>新栏目</a></p>", "http://new.example/nb/"),
        ("<body><form>统一身份认证 <input name=u></form></body>", "统一身份认证"),
        ('{"code": 401, "msg": "请先登录"}', "请先登录"),
    ],
)
def test_a_page_is_quoted_in_its_own_words(page: str, said: str) -> None:
    assert said in page_says(page.encode(), URL)


def test_a_page_without_words_says_nothing_and_a_menu_leads_nowhere() -> None:
    assert page_says(b"<html><body></body></html>", URL) == ""
    menu = "".join(f"<a href='/c{n}/'>栏目{n}</a>" for n in range(9))
    assert "leads to" not in page_says(f"<title>首页</title>{menu}".encode(), URL)
