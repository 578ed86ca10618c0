"""What `ogi findings` and `ogi check` say of a finding, in both languages."""

from __future__ import annotations

from crawler.cli.finding_sentences import finding_sentence
from extract.messages import speaking

FINDING = {
    "check": "row_total",
    "where": "applications.granted.total",
    "expected": 17,
    "actual": 26,
    "message": "为 26",
}


def test_in_chinese_it_is_the_audits_own() -> None:
    with speaking("zh"):
        assert finding_sentence(FINDING) == "为 26"


def test_in_english_the_audits_own_stands_behind() -> None:
    with speaking("en"):
        said = finding_sentence(FINDING)
    assert said.startswith("Granted · total: printed 26")
    assert said.endswith("(为 26)")
