"""What addresses mean: which page or file they stand for, and what must never be asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.lexicon.addresses import (
    canonical,
    file_name,
    is_article,
    is_column,
    is_counter,
    is_download,
    is_file,
    mentions_document,
    names_document,
    names_image,
    parse_addresses,
    same_file,
    same_host,
    slug_rank,
)
from extract.lexicon.toml_data import LexiconError, parse_toml


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.gov.cn/b/index.html", "https://a.gov.cn:443/b/"),
        ("http://a.gov.cn/b.html;jsessionid=0A1B", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/b.html?v=7", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/b.html?v=7&id=3", "http://a.gov.cn/b.html?id=3"),
        ("http://a.gov.cn/b.html?id=3&_=1675238400000&x=1", "http://a.gov.cn/b.html?id=3&x=1"),
        ("http://a.gov.cn/b.html?t=1675238400000", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/b.html?r=0.8323&id=3", "http://a.gov.cn/b.html?id=3"),
        ("http://a.gov.cn/b.html?rnd=.8323", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/b.html?nocache=1675238400", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/b.html?_dc=1675238400000", "http://a.gov.cn/b.html"),
        ("http://a.gov.cn/gkmlpt/content/1/2/mpost_77.html", "http://a.gov.cn/gkmlpt/content/1/2/post_77.html"),
    ],
)
def test_addresses_of_one_page(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://a.gov.cn/list?t=5", "http://a.gov.cn/list?t=6"),  # a channel's number
        ("http://a.gov.cn/list?r=1", "http://a.gov.cn/list?r=2"),
        ("http://a.gov.cn/list?ver=20220101", "http://a.gov.cn/list?ver=20230101"),
        ("http://a.gov.cn/list?v=a", "http://a.gov.cn/list?v=b"),
        ("http://a.gov.cn/list?id=1", "http://a.gov.cn/list?id=2"),
        ("http://a.gov.cn:8080/b", "http://a.gov.cn/b"),
        ("http://a.gov.cn/b?version=1", "http://a.gov.cn/b?version=2"),
    ],
)
def test_addresses_of_two_pages(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "breaker",
    ["_", "_t", "t", "v", "ver", "version", "ts", "time", "timestamp", "r", "rnd", "rand", "random", "nocache"],
)
def test_an_attachment_asked_for_twice_is_one_file(breaker: str) -> None:
    plain = "http://a.gov.cn/down/nb.docx?id=4"
    assert same_file(f"http://a.gov.cn/down/nb.docx;jsessionid=77?{breaker}=12&id=4#p2") == plain
    assert file_name(f"http://a.gov.cn/down/nb.docx?{breaker}=12") == "nb.docx"
    assert same_file("http://a.gov.cn/down/nb.docx?id=5") != plain


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("http://a/nb.PDF", True),
        ("http://a/nb.pdf;jsessionid=1", True),
        ("http://a/download.jsp?id=1", True),
        ("http://a/attachment/0/12/99/1234", True),
        ("http://a/view?file=nb.ofd", True),
        ("http://a/%E5%B9%B4%E6%8A%A5.docx", True),
        ("http://a/nb.html", False),
        ("http://a/logo.gif", False),
        ("http://a/pdf", False),
    ],
)
def test_files_that_may_be_reports(url: str, file: bool) -> None:
    assert is_file(url) is file


@pytest.mark.parametrize(
    ("name", "kind"),
    [("年报.CSV", "document"), ("图.png", "image"), ("scan.tiff;v=1", "image"), ("png", None), ("a.html", None)],
)
def test_kinds_of_files(name: str, kind: str | None) -> None:
    assert (names_document(name), names_image(name)) == (kind == "document", kind == "image")


@pytest.mark.parametrize(("text", "there"), [("/web/viewer.html?file=/a/nb.pdf&page=1", True), ("/a/nb.pdfx", False)])
def test_documents_named_inside_an_address(text: str, there: bool) -> None:
    assert mentions_document(text) is there


@pytest.mark.parametrize(
    "url",
    [
        "http://a.gov.cn/module/visitcount/visit.jsp?type=3",
        "http://a.gov.cn/x/articlehits.jsp",
        "http://a.gov.cn/system/resource/code/news/click/dynclicks.jsp",
        "http://a.gov.cn/hits.php?id=1",
        "http://a.gov.cn/js/click.jsp",
        "https://hm.baidu.com/hm.gif",
        "http://statistics.gd.gov.cn/x",
    ],
)
def test_counters_are_known(url: str) -> None:
    assert is_counter(url)


@pytest.mark.parametrize(
    "url", ["http://a.gov.cn/hitsuji/a.html", "http://a.gov.cn/statistics/2020.html", "http://a.gov.cn/zfxxgknb/"]
)
def test_other_pages_are_no_counters(url: str) -> None:
    assert not is_counter(url)


@pytest.mark.parametrize(
    ("url", "article", "column"),
    [
        ("http://a/art/2021/1/20/art_1229_77.html", True, False),
        ("http://a/col/col1229/index.html", False, True),
        ("http://a/xxgk/", False, True),
        ("http://a/202101/t20210120_77.shtml", True, False),
    ],
)
def test_shapes(url: str, article: bool, column: bool) -> None:
    assert (is_article(url), is_column(url)) == (article, column)


@pytest.mark.parametrize(("slug", "rank"), [("zfxxgknb", 0), ("nb", 1), ("nb_12", 1), ("wznb", None), ("news", None)])
def test_folders_that_name_reports(slug: str, rank: int | None) -> None:
    assert slug_rank(f"http://a/{slug}/") == rank


@pytest.mark.parametrize(("other", "same"), [("https://A.gov.cn:443/y", True), ("http://a.gov.cn:81/", False)])
def test_hosts(other: str, same: bool) -> None:
    assert same_host("http://a.gov.cn/x", other) is same


@given(
    st.sampled_from(["_", "v", "t", "_dc", "id", "x"]),
    st.text("0123456789.ab", max_size=14),
    st.text("abc", max_size=3),
)
def test_the_comparable_form_is_its_own(name: str, value: str, more: str) -> None:
    form = canonical(f"http://a.gov.cn/b?{name}={value}&k={more}")
    assert canonical(f"http://{form}") == form
    once = same_file(f"http://a.gov.cn/b?{name}={value}&k={more}")
    assert same_file(once) == once


def test_an_odd_breaker_is_refused_with_its_place() -> None:
    text = "[session]\npage = 'x'\nfile = 'x'\n[counter]\n[download]\n[query]\n[numeric_directory]\n[slug]\n"
    with pytest.raises(LexiconError, match=r"x.toml.breaker\[1\]: page: 'short' is none of"):
        parse_addresses(parse_toml(text + "[[breaker]]\nnames = ['_']\npage = 'short'\nfile = 'any'\n", "x.toml"))


@pytest.mark.parametrize(
    "url", ["http://[::1/x.pdf", "//[", "http://a\uff0fb.gov.cn/", "http://a.gov.cn:99999/1.html", "http://a:b/"]
)
def test_impossible_addresses_are_nothing_and_raise_nothing(url: str) -> None:
    assert not is_counter(url)
    for ask in (canonical, same_file, file_name, is_file, is_download, is_article, is_column, slug_rank):
        ask(url)
    assert not same_host(url, "http://a.gov.cn/")
