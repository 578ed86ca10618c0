"""Articles of every family: files, pictures, the call behind a shell; and the addresses that must never be asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from crawler.families.article import read_article
from extract.lexicon.addresses import is_article, is_column, is_counter, is_file, slug_rank
from tests.crawler.families.recorded import PAGES, cases

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("case", cases("article"), ids=lambda case: str(case.relative_to(PAGES)))
def test_article_leads_to_what_was_recorded(case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    links = read_article((case / expected["file"]).read_bytes(), expected["article"])
    assert [[link.url, link.text] for link in links.attachments] == expected["attachments"]
    assert [link.url for link in links.images] == expected["images"]
    assert links.shell == expected["shell"]
    assert expected.get("problem", "") in links.problem
    if "detail" in expected:
        assert links.detail is not None
        asked = {"method": links.detail.method, "url": links.detail.url, "body": (links.detail.body or b"").decode()}
        assert asked == expected["detail"]
    else:
        assert links.detail is None


def test_files_in_the_articles_own_footer_are_found_and_those_of_the_pages_are_not() -> None:
    page = (
        '<main><article><section><p>一、总体情况</p></section><footer><a href="/files/a.docx">附件</a></footer></article></main>'
        '<footer><a href="/files/app.zip">下载客户端</a></footer>'
    )
    links = read_article(f"<html><body>{page}</body></html>".encode(), "http://a.gov.cn/nb/t20220120_1.html")
    assert [link.url for link in links.attachments] == ["http://a.gov.cn/files/a.docx"]


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/module/visitcount/visit.jsp?type=3&i_webid=1",
        "http://a.gov.cn/module/visitcount/articlehits.jsp?colid=1",
        "http://c.gov.cn/vc/vc/interface/visit.jsp?type=1",
        "http://a.gov.cn/system/resource/code/news/click/dynclicks.jsp?clickid=1",
        "http://statistics.gd.gov.cn/visit/post?site=1&post=2",
        "https://hm.baidu.com/hm.gif?x=1",
        "http://a.gov.cn/site/hit/column?organId=1",
    ],
)
def test_counters_are_known(url: str) -> None:
    assert is_counter(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/module/web/jpage/dataproxy.jsp?page=1",
        "http://a.gov.cn/art/2024/1/29/art_1_2.html",
        "http://a.gov.cn/zfxxgk/statistics/202401/t20240101_1.html",
        "http://a.gov.cn/system/_content/download.jsp?wbfileid=1",
        "http://a.gov.cn/visitors/index.html",
    ],
)
def test_ordinary_addresses_are_no_counters(url: str) -> None:
    assert not is_counter(url)


def test_addresses_of_articles_columns_and_files() -> None:
    assert is_article("http://a.gov.cn/x/201703/t0035_1372758.html")
    assert not is_article("http://a.gov.cn/zfxxgk/zfxxgknb/index_1.html")
    assert is_column("http://a.gov.cn/zfxxgk/zfxxgknb/nb_2022n/")
    assert is_column("http://a.gov.cn/public/column/66?type=3")
    assert not is_column("http://a.gov.cn/art/2024/1/29/art_1_2.html")
    assert is_file("http://a.gov.cn/d.jsp?classid=0&filename=abc.pdf")
    assert not is_file("http://a.gov.cn/pdf/index.html")


@pytest.mark.parametrize(
    ("url", "rank"),
    [
        ("http://a.gov.cn/zfxxgk/zfxxgknb/", 0),
        ("http://a.gov.cn/zfxxgk/zfxxgknb.htm", 0),
        ("http://a.gov.cn/zwgk_918/xxgknb_3/index.html", 0),
        ("http://a.gov.cn/gknb/2018nb/", 0),
        ("http://a.gov.cn/nb/jdbsc/", 1),
        ("http://a.gov.cn/zwgk/zfwzndbb/", None),
        ("http://a.gov.cn/sydwfrnb/", None),
        ("http://a.gov.cn/zfgzbg/", None),
        ("http://a.gov.cn/nbdt/", None),
    ],
)
def test_slugs_of_report_columns(url: str, rank: int | None) -> None:
    assert slug_rank(url) == rank
