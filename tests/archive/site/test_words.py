"""What pages say in the reader's language where what is stored has one, and what they group."""

from __future__ import annotations

import re
from typing import Any

import pytest

from archive.site.finding_words import finding_words
from archive.site.markdown import to_html
from archive.site.pages.findings import by_report
from archive.site.pages.missing import by_city
from archive.site.view import said
from extract.audit import CHECKS


def finding(**values: Any) -> dict[str, Any]:
    return {
        "check": "row_total", "where": "applications.granted.total", "expected": 17, "actual": 26, "message": "为 26", "report": "a", **values
    }  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_every_finding_has_english_words_without_a_chinese_one(check: str) -> None:
    for where in ("applications.granted.total", "applications.*.total", "report"):
        words = finding_words(finding(check=check, where=where), "en")
        assert words
        assert not re.search("[\u4e00-\u9fff]", words)
        assert finding_words(finding(check=check, where=where, expected=None, actual=None), "en")
    assert finding_words(finding(check=check), "zh") == ""


def test_a_sum_in_the_text_names_each_figure() -> None:
    where = "applications.granted.total+applications.partly_granted.total"
    words = finding_words(finding(check="narrative", where=where), "en")
    assert words.startswith("Granted · total + Partly granted · total:")


def test_a_printed_label_with_a_plus_is_one_figure() -> None:
    words = finding_words(finding(check="narrative", where="indicators.主动+依申请公开.value"), "en")
    assert words.startswith("主动+依申请公开:")


def test_a_stock_below_zero_is_no_contradiction_between_years() -> None:
    within = {"check": "stock", "where": "disclosure.fees.items_change", "expected": 0, "actual": -7}
    assert "can’t be less than 0" in finding_words(finding(**within, figures=["disclosure.fees.items_prior"]), "en")
    assert "the changes give 0" in finding_words(
        finding(**within, figures=["previous:disclosure.fees.items_prior"]), "en"
    )


def test_the_numbers_of_a_finding_stand_in_its_words() -> None:
    words = finding_words(finding(actual=1234567), "en")
    assert "1,234,567" in words
    assert "17" in words
    assert "Granted" in words


def test_a_stored_reason_is_said_in_the_readers_language() -> None:
    reason = "printed 2026-04-23; the day it was first seen is known better"
    assert said(reason, "en") == reason
    assert "2026-04-23" in said(reason, "zh") != reason
    assert said("维护者的话", "zh") == said("维护者的话", "en") == "维护者的话"
    assert said(None, "zh") == ""


def test_findings_of_a_report_stand_together_in_their_order() -> None:
    found = [finding(report=name, id=number) for number, name in enumerate("aabac")]
    assert [[one["id"] for one in some] for some in by_report(found, "en")] == [[0, 1], [2], [3], [4]]


def test_the_matrix_names_each_place_once() -> None:
    def agency(name: str, region: str, *names: str | None) -> dict[str, Any]:
        province, city, county = names
        return {
            "id": name,
            "name": name,
            "kind": "government",
            "region": region,
            "province_name": province,
            "city_name": city,
            "region_name": county,
        }

    groups = by_city(
        [
            agency("北京市人民政府", "110000", "北京市", None, "北京市"),
            agency("东城区人民政府", "110101", "北京市", "市辖区", "东城区"),
            agency("公安局", "330304", "浙江省", "温州市", "瓯海区"),
            agency("温州市人民政府", "330300", "浙江省", "温州市", "温州市"),
        ],
        "zh",
    )
    assert [(group["name"], [one["county"] for one in group["agencies"]]) for group in groups] == [
        ("北京市", ["", ""]), ("浙江省 › 温州市", ["瓯海区", ""]),
    ]  # fmt: skip


def test_each_region_that_scrolls_has_a_name_of_its_own() -> None:
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    names = re.findall(
        'aria-label="([^"]*)"', to_html(f"# t\n\n## One\n\n{table}\n\nand\n\n{table}\n\n## Two\n\n{table}")
    )
    assert names == ["One", "One 2", "Two"]


def test_a_page_of_the_docs_leads_only_where_the_site_can() -> None:
    page = to_html(
        "# t\n\n<!-- made -->\n\nSee [a](https://a.example/), [b](/data), [c](reading.md), <b onclick=x>d</b> and `e|f`.\n"
    )
    assert page.count("<a ") == 2
    assert "reading.md" not in page
    assert "<b onclick" not in page
    assert "made" not in page
    assert "<code>e|f</code>" in page


def test_a_table_of_the_docs_names_its_rows_and_columns() -> None:
    page = to_html("## One\n\n| a | b \\| c |\n| --- | ---: |\n| d | 5 |\n")
    assert '<h2 id="one">' in page
    assert '<th scope="col">a</th>' in page
    assert "b | c" in page
    assert '<th scope="row">d</th>' in page
    assert '<td class="n">5</td>' in page
