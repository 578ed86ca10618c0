"""Two addresses are one page, or one file, at every door: rows of a list, the files of an article, the links of a document, a page's parts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from archive.history.item import file_of
from crawler.families.article import read_article
from crawler.lists.rows import list_rows
from crawler.pages import markup
from extract.document.detect import HTML
from extract.lexicon.addresses import canonical, is_counter, is_file, join
from extract.readers import read_document

BASE = "http://a.gov.cn/col/col1/index.html"
TITLE = "示例市财政局2020年政府信息公开工作年度报告"
COUNTERS = (
    "http://a.gov.cn/vc/vc/interface/visit.jsp?i_webid=1",
    "http://a.gov.cn/module/visitcount/visit.jsp?i_id=2",
)


def typed() -> list[dict[str, str]]:
    with (Path(__file__).parent / "addresses.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def ids(line: dict[str, str]) -> str:
    return f"{line['one']} {line['other']}"


def rows_of(*addresses: str) -> int:
    """How many rows a list has that names these addresses, beside one more."""
    rows = "".join(
        f'<li><a href="{url}">{TITLE}</a>2021-01-20</li>' for url in (*addresses, "/art/2021/1/20/art_1_9.html")
    )
    return len(list_rows(markup.parse(f"<html><body><ul>{rows}</ul></body></html>"), BASE)) - 1  # type: ignore[arg-type]


def article(*addresses: str) -> bytes:
    links = "".join(f'<p><a href="{url}">附件.pdf</a></p>' for url in addresses)
    return f'<html><body><div class="TRS_Editor"><p>一、总体情况</p>{links}</div></body></html>'.encode()


@pytest.mark.parametrize("line", typed(), ids=ids)
def test_a_page_s_two_addresses(line: dict[str, str]) -> None:
    one, other = (join(BASE, line[key]) or "" for key in ("one", "other"))
    assert (canonical(one) == canonical(other)) is (line["page"] == "same")
    assert rows_of(line["one"], line["other"]) == (1 if line["page"] == "same" else 2)


@pytest.mark.parametrize("line", typed(), ids=ids)
def test_a_file_s_two_addresses(line: dict[str, str]) -> None:
    one, other = (join(BASE, line[key]) or "" for key in ("one", "other"))
    assert (file_of(one) == file_of(other)) is (line["file"] == "same")
    if is_file(one) and is_file(other):
        body = article(line["one"], line["other"])
        assert len(read_article(body, BASE).attachments) == (1 if line["page"] == "same" else 2)
        links = read_document(body, url=BASE, hint=HTML).links
        assert {file_of(link.url) for link in links if link.is_attachment} == {file_of(one), file_of(other)}


def test_the_typed_addresses_are_many() -> None:
    assert len(typed()) == 30  # two a line
    assert {(line["page"], line["file"]) for line in typed()} == {
        (page, file) for page in ("same", "two") for file in ("same", "two")
    }


@pytest.mark.parametrize("counter", COUNTERS)
def test_no_door_lets_a_counter_in(counter: str) -> None:
    assert is_counter(counter)
    assert read_article(article(counter), BASE).attachments == ()
    assert [link.url for link in read_document(article(counter), url=BASE, hint=HTML).links] == []
