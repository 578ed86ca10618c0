"""JSON answers of portals whose pages are shells."""

from __future__ import annotations

import json

import pytest

from extract import api
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.model import Limits, Line
from extract.web import json_page
from tests.extract import portal_pages as pages

REPORT = pages.Report()
MARKUP = pages.body(REPORT)
TITLE = REPORT.title

ANSWERS = {
    "epoint": {
        "custom": {
            "status": "true",
            "data": {
                "title": TITLE,
                "infotype": "pdf",
                "infodate": "2024-01-30",
                "infocontent": MARKUP,
                "pdflist": [{"attachname": "年报.pdf", "attachtype": "pdf", "attachurl": "/f/1.pdf"}],
            },
        }
    },
    "front": {"data": {"id": 1, "title": TITLE, "display_date": "2024-01-30", "content": MARKUP, "channel_id": 3}},
    "ucap": {
        "data": {
            "results": [
                {
                    "title": f"<em>{TITLE}</em>",
                    "publishedTimeStr": "2024-01-30 09:00:00",
                    "publishedTime": 1706576400000,
                    "content": "短文",
                    "contentHtml": MARKUP,
                    "memo": "null",
                    "domainMetaList": [{"resultList": [{"name": "索引号", "value": "0001/2024-1"}]}],
                }
            ]
        }
    },
    "fengxian": {
        "success": True,
        "data": {"title": TITLE, "dept": pages.ORGAN, "body": MARKUP, "pubDate": "2024-01-30"},
    },
    "jiangxi": {
        "data": {
            "results": [{"source": {"title": TITLE, "pubDate": "2024-01-30 08:00", "content": {"content": MARKUP}}}]
        }
    },
    "string in string": {"data": json.dumps({"title": TITLE, "content": MARKUP, "date": 1706544000})},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_article_of_each_system(name: str) -> None:
    data = json.dumps(ANSWERS[name], ensure_ascii=name == "front").encode()
    reading = api.read_report(data, source=name, url="http://www.shili.gov.cn/front/api")
    found = reading.extraction
    assert (found.title, found.agency, found.year) == (TITLE, pages.ORGAN, 2023)
    assert found.published is not None
    assert found.published.isoformat() == "2024-01-30"
    assert found.coverage == {"disclosure": (10, 10), "applications": (175, 175), "challenges": (15, 15)}
    assert reading.content is not None
    page = api.read_report(pages.page("trs", REPORT).encode(), source="page").content
    assert page is not None
    assert reading.content.digest == page.digest


def test_files_of_the_answer_are_attachments() -> None:
    document = json_page.read(json.dumps(ANSWERS["epoint"]).encode(), Limits(), url="http://www.shili.gov.cn/x/y")
    assert [(link.url, link.text) for link in document.links if link.is_attachment] == [
        ("http://www.shili.gov.cn/f/1.pdf", "年报.pdf")
    ]


def test_answer_with_the_file_only() -> None:
    answer = {"custom": {"data": {"title": TITLE, "infocontent": "<p></p>", "pdflist": [{"attachurl": "/f/1.pdf"}]}}}
    document = json_page.read(json.dumps(answer).encode(), Limits(), url="http://www.shili.gov.cn/x")
    assert [block.text for block in document.blocks if isinstance(block, Line)] == [TITLE]
    assert [link.url for link in document.links] == ["http://www.shili.gov.cn/f/1.pdf"]


@pytest.mark.parametrize("data", [b"{}", b"[1, 2]", b'{"a": "b"}', b'{"code": 200, "list": []}'])
def test_answer_without_an_article(data: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="no article"):
        json_page.read(data, Limits())


def test_damaged_and_hostile_answers() -> None:
    with pytest.raises(UnreadableDocument, match="damaged"):
        json_page.read(b'{"content": "<p>', Limits())
    with pytest.raises(DocumentTooLarge):
        json_page.read(b"[" * 100_000, Limits())
    with pytest.raises(DocumentTooLarge):
        json_page.read(b"[" + b"1," * 300_000 + b"1]", Limits())


def test_answer_whose_text_is_in_a_file_names_title_date_and_file() -> None:
    data = {
        "title": TITLE,
        "infotype": "pdf",
        "infodate": "2024-01-30",
        "pdflist": [{"attachname": "年报.pdf", "attachtype": "pdf", "attachurl": "/f/1.pdf"}],
    }
    answer = json.dumps({"custom": {"status": "true", "data": data}}).encode()
    document = json_page.read(answer, Limits(), url="http://www.example.gov.cn/rest/getGovInfoDetail")
    assert document.titles == (TITLE,)
    assert document.metadata["PubDate"] == "2024-01-30"
    assert [link.url for link in document.links] == ["http://www.example.gov.cn/f/1.pdf"]
