"""Sentences that reports really use, with known truth: which of their numbers contradict the tables."""

from __future__ import annotations

import csv
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from extract.audit import across_years, audit
from extract.audit.sentences import fold, paragraphs
from extract.audit.vocabulary import vocabulary
from extract.model import Extraction, Figure, State
from tests.extract.audit.reports import report

with (Path(__file__).parent / "sentences.tsv").open(encoding="utf-8", newline="") as file:
    SENTENCES = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def told(extraction: Extraction) -> Counter[Decimal]:
    """The numbers that the narrative check objects to; amounts as printed, in 万元 or 元."""
    text = extraction.sections[0].text
    found: Counter[Decimal] = Counter()
    for finding in audit(extraction):
        assert finding.check == "narrative", finding
        assert finding.actual is not None
        assert finding.expected is not None
        assert finding.figures
        is_in_myriads = "万元" in text and finding.actual > 100_000
        found[(finding.actual / 10_000 if is_in_myriads else finding.actual).normalize()] += 1
    return found


@pytest.mark.parametrize("case", SENTENCES, ids=[f"{n}-{case['report']}" for n, case in enumerate(SENTENCES, 2)])
def test_numbers_that_contradict_the_tables_are_found_and_no_others(case: dict[str, str]) -> None:
    text = case["text"].replace("\\n", "\n")
    wrong = Counter(Decimal(number).normalize() for number in case["wrong"].split(",") if number)
    assert told(report(case["report"], text)) == wrong, text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("2023年收到三百七十二件，2022年两件", "本年收到372件,上年2件"),
        ("推进“一件事”改革，出台三项制度，第二十条", "推进一件事改革,出台三项制度,第二十条"),
        ("落实《2022年要点》和《条例》", "落实《》和《》"),
        ("截至2023年12月31日，２１件", "截至本年底,21件"),
        ("2021年至2023年", "多年"),
        ("2023年1月1日至12月31日", "本年"),
        ("结转至2024年度一百〇三件", "结转至下年度103件"),
        ("数十件，近百件", "数十件,近百件"),
    ],
)
def test_what_is_printed_in_many_ways_is_written_in_one(text: str, folded: str) -> None:
    assert fold(text, 2023) == folded


def test_lines_that_the_page_broke_are_joined() -> None:
    text = "2023年，示例市水务局坚持以公开为常态，共收到政府信息公开申\n请372件。\n（二）其他\n短行\n下一行"
    assert list(paragraphs(text)) == [
        "2023年，示例市水务局坚持以公开为常态，共收到政府信息公开申请372件。",
        "（二）其他",
        "短行",
        "下一行",
    ]


def test_quote_and_message_are_as_printed() -> None:
    finding = audit(report("D", "２０２３年，共办结“政府信息公开”申请 317 件，结转18件。"))[0]
    assert finding.quote == "２０２３年，共办结“政府信息公开”申请 317 件，结转18件"
    assert finding.message == f"正文称「办结申请」为 317，表格为 371：「{finding.quote}」"
    assert finding.figures == ("applications.disposed_total.total",)


def test_blank_total_is_judged_by_its_parts_and_names_them() -> None:
    before = report("D", "答复政府信息公开申请371件，其中予以公开121件。")
    blank = tuple(
        replace(figure, value=None, raw="") if figure.address == "applications.granted.total" else figure
        for figure in before.figures
    )
    found = [finding for finding in audit(replace(before, figures=blank)) if finding.check == "narrative"]
    assert [finding.expected for finding in found] == [Decimal(141)]
    assert "applications.granted.natural_person" in found[0].figures
    assert "自然人" in found[0].message


def last_year(name: str, changes: dict[str, int]) -> Extraction:
    before = report(name, changes=changes)
    assert before.year is not None
    return replace(before, year=before.year - 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("共收到政府信息公开申请372件，较上年增长5.1%。", None),
        ("共收到政府信息公开申请372件，较2022年增长5%。", None),
        ("共收到政府信息公开申请372件，比去年增长15.1%。", Decimal("5.08")),
        ("共收到政府信息公开申请372件，同比下降5.1%。", Decimal("5.08")),
        ("共收到政府信息公开申请372件，同比增加18件。", None),
        ("共收到政府信息公开申请372件，同比增加28件。", Decimal(18)),
        ("共收到政府信息公开申请372件，较上年（354件）增长6.1%。", Decimal("5.08")),
        ("办结政府信息公开申请371件，其中予以公开141件，占38%，占比较上年提高3.7个百分点。", None),
        ("办结政府信息公开申请371件，其中予以公开141件，占38%，占比较上年提高13.7个百分点。", Decimal("3.63")),
        ("共收到政府信息公开申请372件，政策解读45篇，较上年增长50%。", None),
        ("其中市水务分局收到政府信息公开申请72件，较上年增长50%。", None),
    ],
)
def test_year_on_year_claims_are_judged_by_both_reports(text: str, expected: Decimal | None) -> None:
    before = last_year("D", {"applications.received.total": 354, "applications.granted.total": 121,
                             "applications.disposed_total.total": 352})  # fmt: skip
    findings = [finding for finding in across_years(before, report("D", text)) if finding.check == "narrative"]
    assert [finding.expected for finding in findings] == ([] if expected is None else [expected])
    if findings:
        assert any(address.startswith("previous:applications.") for address in findings[0].figures)


def test_every_measure_is_reached_by_its_keys() -> None:
    """A key that no pattern needs would hide a measure."""
    for measure in vocabulary().measures:
        patterns = [pattern.pattern for pattern in (measure.before, measure.after) if pattern is not None]
        assert any(key in pattern or set(key) <= set(pattern) for key in measure.keys for pattern in patterns), (
            measure.id
        )


INDICATORS = {
    "（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）": 1245,
    "制发规范性文件总数": 12,
    "2.政府网站公开政府信息数": 1100,
    "1.参加或举办新闻发布会总次数": 2,
    "（一）收到申请数": 35,
    "1.当面申请数": 5,
    "（二）申请办结数": 34,
    "四、行政复议数量": 2,
    "五、行政诉讼数量": 1,
}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("主动公开政府信息1245条。收到政府信息公开申请35件，其中当面申请5件；申请办结34件。", []),
        ("因政府信息公开被申请行政复议2件，行政诉讼1件。举办新闻发布会2次。", []),
        ("主动公开政府信息1345条，其中政府网站公开政府信息1000条。", [1345, 1000]),
        ("收到政府信息公开申请33件，其中当面申请6件；申请办结32件。", [33, 6, 32]),
        ("全年未收到政府信息公开申请，无行政复议、行政诉讼。", [0, 0]),
        ("制发规范性文件13件，举办新闻发布会3次。", [13, 3]),
    ],
)
def test_text_of_an_old_report_against_its_indicators(text: str, wrong: list[int]) -> None:
    figures = tuple(
        Figure("indicators", label, "value", Decimal(value), str(value), State.VALUE, 1.0, label)
        for label, value in INDICATORS.items()
    )
    old = replace(report("D", text), year=2017, form=None, figures=figures, coverage={"indicators": (9, 9)})
    assert told(old) == Counter(Decimal(number).normalize() for number in wrong)


@pytest.mark.parametrize(
    "text",
    [
        "行政复议和行政诉讼、" * 300 + "分别为1件、2件。",
        "行政复议和行政诉讼、" * 300 + "均为x件",
        "无" * 5000 + "行政复议和行政诉讼" * 300,
        "未收到" + "公民、法人和其他组织" * 2000 + "政府信息公开",
        "收到1件" * 5000,
        "予以公开" + "的情况" * 3000 + "5件",
        "市政府办公室" * 3000 + "收到政府信息公开申请3件",
    ],
)
def test_hostile_sentence_ends_soon(text: str) -> None:
    begun = time.process_time()
    audit(report("D", text))
    assert time.process_time() - begun < 3
