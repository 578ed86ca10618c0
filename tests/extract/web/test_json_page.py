"""JSON answers of portals whose pages are shells."""

from __future__ import annotations

import base64
import json
from html import escape as html_entities
from urllib.parse import quote_plus

import pytest

from extract import api
from extract.document.json_text import load_json
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


def _by_number(text: str, mark: str) -> str:
    return "".join(sign if sign.isascii() and sign not in "<>" else f"{mark}{ord(sign):04x}" for sign in text)


@pytest.mark.parametrize(
    "content",
    [
        base64.b64encode(MARKUP.encode()).decode(),
        _by_number(MARKUP, "%u"),
        _by_number(MARKUP, "\\u"),
        MARKUP.encode("unicode_escape").decode(),
        MARKUP.replace("/", "\\/"),
        quote_plus(MARKUP),
        html_entities(MARKUP),
    ],
)
def test_markup_however_a_service_writes_its_signs(content: str) -> None:
    found = api.extract_bytes(json.dumps({"title": TITLE, "content": content}).encode(), source="a.json")
    plain = api.extract_bytes(json.dumps({"title": TITLE, "content": MARKUP}).encode(), source="a.json")
    assert plain.figures
    assert (found.year, found.agency, found.figures) == (plain.year, plain.agency, plain.figures)


@pytest.mark.parametrize(
    "wrapped",
    ["cb({});", "/**/jQuery1_2({})", "var data = {};", ")]}}',\n{}", "for(;;);{}", "\ufeff{}", '{{"data": {}}}'],
)
def test_answers_in_a_call_a_variable_or_a_string(wrapped: str) -> None:
    answer = json.dumps({"title": TITLE, "content": MARKUP}, ensure_ascii=False)
    inner = json.dumps(answer, ensure_ascii=False) if 'data"' in wrapped else answer
    found = api.extract_bytes(wrapped.format(inner).encode(), source="a.json")
    assert (found.media_type, found.title) == ("application/json", TITLE)
    assert found.figures
    assert all(figure.is_reliable for figure in found.figures)


def test_a_script_with_more_than_one_value_is_no_answer() -> None:
    with pytest.raises(ValueError, match="behind"):
        load_json('var a = {"b": 1}; var c = {"d": 2};')
    with pytest.raises(ValueError, match="neither"):
        load_json('"12345"')


def test_a_page_with_a_title_and_no_text_is_undecided() -> None:
    for body in ("", "<textarea hidden>&lt;p&gt;text&lt;/p&gt;</textarea>", "<script>load()</script>"):
        page = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1><div id=zoom>{body}</div></body></html>"
        found = api.extract_bytes(page.encode(), source="a.html")
        assert [warning for warning in found.warnings if warning.startswith("undecided")], found.warnings
