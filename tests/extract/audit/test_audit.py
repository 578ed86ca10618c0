"""The audit on the five seed reports: every disagreeing claim is found, no agreeing one, no near miss."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from extract.audit import CHECKS, across_years, audit
from extract.audit.boilerplate import boilerplate, fingerprint
from extract.audit.claims import read_claims
from extract.audit.sentences import fold
from extract.model import Extraction, Figure, Scope, Section, State
from tests.extract.audit.seeds import SLUGS, seed


def changed(extraction: Extraction, address: str, value: int | None, confidence: float = 1.0) -> Extraction:
    figures = tuple(
        replace(
            figure,
            value=None if value is None else Decimal(value),
            state=State.BLANK if value is None else State.VALUE,
            confidence=confidence,
        )
        if figure.address == address
        else figure
        for figure in extraction.figures
    )
    return replace(extraction, figures=figures)


@pytest.mark.parametrize("slug", SLUGS)
def test_identities_agree_with_the_meta_files(slug: str) -> None:
    extraction, meta = seed(slug)
    checks = [finding.check for finding in audit(extraction)]
    for check in ("balance", "row_total", "column_total", "challenge_total"):
        assert checks.count(check) == meta["audit"][check]["failed"]


@pytest.mark.parametrize("slug", SLUGS)
def test_narrative_finds_the_disagreeing_claims_and_no_others(slug: str) -> None:
    extraction, meta = seed(slug)
    found = sorted(float(f.actual or 0) for f in audit(extraction) if f.check == "narrative")
    expected = sorted(float(c["claim"]) for c in meta["narrative_claims"] if c["agrees"] is False)
    assert found == expected


@pytest.mark.parametrize("slug", SLUGS)
def test_most_agreeing_claims_are_really_read(slug: str) -> None:
    """A check that reads nothing would pass the test above."""
    extraction, meta = seed(slug)
    read = {(float(claim.number)) for claim in read_claims(extraction)}
    agreeing = [c for c in meta["narrative_claims"] if c["agrees"] and not c["cells"][0].startswith("indicators")]
    judged = [c for c in agreeing if float(c["claim"]) in read]
    assert len(judged) >= 0.6 * len(agreeing)


@pytest.mark.parametrize(
    ("address", "checks"),
    [
        ("applications.received.total", {"balance", "row_total", "narrative"}),
        ("applications.granted.natural_person", {"row_total", "column_total"}),
        ("applications.disposed_total.business", {"balance", "row_total", "column_total"}),
        ("challenges.reconsideration.upheld", {"challenge_total", "narrative"}),
    ],
)
def test_planted_error_is_found_by_each_check_that_sees_the_figure(address: str, checks: set[str]) -> None:
    extraction, _ = seed("ouhai-2020")
    before = {(f.check, f.where) for f in audit(extraction)}
    after = audit(changed(extraction, address, 4321))
    new = [f for f in after if (f.check, f.where) not in before]
    assert {f.check for f in new} >= checks
    assert all(f.figures and f.expected is not None for f in new)


def test_doubtful_figure_gives_no_finding() -> None:
    extraction, _ = seed("ouhai-2020")
    doubtful = changed(extraction, "applications.granted.total", 999, confidence=0.5)
    assert not [f for f in audit(doubtful) if "applications.granted.total" in f.figures and f.check == "row_total"]


def test_blank_total_under_filled_parts_is_a_warning_with_the_sum() -> None:
    extraction, _ = seed("ouhai-2020")
    findings = [f for f in audit(changed(extraction, "applications.granted.total", None)) if f.check == "row_total"]
    assert [(f.severity, f.expected, f.actual) for f in findings] == [("warning", Decimal(274), None)]


def test_row_that_was_not_read_is_not_blamed_on_the_sums() -> None:
    extraction, _ = seed("ouhai-2020")
    left = tuple(figure for figure in extraction.figures if figure.row != "granted")
    assert [f.check for f in audit(replace(extraction, figures=left)) if f.check == "column_total"] == []
    group = tuple(figure for figure in extraction.figures if figure.row != "unable_not_held")
    assert "unable" not in str([f.where for f in audit(replace(extraction, figures=group))])


def text_report(text: str, scope: Scope = Scope.OFFICE) -> Extraction:
    extraction, _ = seed("ouhai-2020")
    return replace(extraction, scope=scope, sections=(Section("overview", "一、总体情况", text),))


@pytest.mark.parametrize(
    "sentence",
    [
        "2020年共收到政府信息公开申请774件。",
        "全年新收政府信息公开申请 1,773 件。",
        "本年受理信息公开申请773件，其中予以公开275件。",
        "收到申请773件（政府信息公开申请），自然人提出的申请680件，法人或其他组织92件。",
        "因政府信息公开被申请行政复议24件。",
        "被提起行政复议25件，其中结果纠正4件，行政诉讼43件。",
        "全年未发生因政府信息公开引起的行政复议、行政诉讼案件。",
        "本机关未收到政府信息公开申请。",
        "受理信息公开申请773件，不予公开19件，占2.4%。",
        "上年结转20件，全年受理信息公开申请773件。",
        "政府集中采购总金额2.38亿元，采购总金额23876万元。",
    ],
)
def test_wrong_sentence_is_found(sentence: str) -> None:
    assert [f for f in audit(text_report(sentence)) if f.check == "narrative"], fold(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "2020年共收到政府信息公开申请773件。",
        "2019年共收到政府信息公开申请1481件。",
        "共收到政府信息公开申请794件（含上年结转21件）。",
        "收到网上申请500件，信函申请200件。",
        "受理行政许可申请18000件。",
        "近800件政府信息公开申请，收到政府信息公开申请770余件。",
        "收到人大建议12件，答复12件。",
        "被提起行政复议25件，行政诉讼43件，其中结果维持32件。",
        "无行政诉讼败诉案件，未发生行政复议被纠正的情形。",
        "举办信息公开培训班3次，行政复议培训2次。",
        "受理信息公开申请773件，其中予以公开274件，占35.4%，部分公开283件，占36.6%。",
        "采购总金额23775.93万元。",
        "公开政策文件等112件，刊登规章、规范性文件等99件。",
    ],
)
def test_right_or_other_sentence_is_left_alone(sentence: str) -> None:
    assert [f.message for f in audit(text_report(sentence)) if f.check == "narrative"] == []


def test_part_of_a_region_is_not_compared_with_the_whole() -> None:
    sentence = "其中区政府办公室受理政府信息公开申请12件。"
    assert not [f for f in audit(text_report(sentence, Scope.REGION)) if f.check == "narrative"]


def test_form_of_another_year_and_missing_table() -> None:
    extraction, _ = seed("ningbo-hightech-2019")
    assert [(f.check, f.where) for f in audit(extraction)] == [("form", "challenges")]
    late = replace(extraction, year=2022)
    assert ("form", "report") in [(f.check, f.where) for f in audit(late)]


def previous_year(extraction: Extraction) -> Extraction:
    return replace(extraction, year=(extraction.year or 0) - 1)


def test_carry_over_and_stock_across_years() -> None:
    now, _ = seed("ouhai-2020")
    before = changed(previous_year(now), "applications.carried_out.total", 21)
    findings = across_years(before, now)
    assert "applications.carried_in.total" not in [f.where for f in findings if f.check == "carry_over"]
    stocks = {f.where: (f.expected, f.actual) for f in findings if f.check == "stock"}
    assert stocks["disclosure.licensing.prior_items"] == (Decimal(729), Decimal(821))
    wrong = changed(now, "applications.carried_in.total", 19)
    assert "applications.carried_in.total" in [f.where for f in across_years(before, wrong) if f.check == "carry_over"]


def test_growth_claim_is_checked_against_last_years_report() -> None:
    now = text_report("全区共受理政府信息公开申请773件，较上年度回落47.8%。")
    before = changed(previous_year(now), "applications.received.total", 1481)
    assert not [f for f in across_years(before, now) if f.check == "narrative"]
    other = changed(previous_year(now), "applications.received.total", 1000)
    assert [f.expected for f in across_years(other, now) if f.check == "narrative"] == [Decimal("-22.70")]


def test_reports_of_different_scope_are_not_chained() -> None:
    now, _ = seed("ouhai-2020")
    before = replace(previous_year(now), scope=Scope.OFFICE)
    assert across_years(before, now) == ()


def test_unit_slip_of_ten_thousand() -> None:
    now, _ = seed("ouhai-2020")
    address = "disclosure.procurement.amount"
    others = [changed(previous_year(now), address, 23000)]
    assert [f.check for f in across_years(None, now, others)] == ["unit"]
    assert across_years(None, now, [changed(previous_year(now), address, 200_000_000)]) == ()


def test_copied_text_is_named_and_own_text_is_not() -> None:
    first, _ = seed("ouhai-2020")
    second, _ = seed("keqiao-2020")
    own = fingerprint(first)
    copied = fingerprint(replace(first, agency="别的机关"))
    assert [f.check for f in boilerplate(own, [("别的机关 2020", copied)])] == ["boilerplate"]
    assert boilerplate(own, [("柯桥 2020", fingerprint(second))]) == ()


def test_every_check_code_of_the_contract_is_described() -> None:
    assert set(CHECKS) == {
        "balance", "row_total", "column_total", "challenge_total", "narrative", "carry_over", "stock", "form",
        "boilerplate", "unit", "backdated",
    }  # fmt: skip


def test_document_that_is_no_report_has_no_findings() -> None:
    assert audit(Extraction(source="x", media_type="text/plain")) == ()


def test_audit_is_deterministic() -> None:
    extraction, _ = seed("yuyao-2019")
    assert audit(extraction) == audit(extraction)


def test_figure_address() -> None:
    figure = Figure("applications", "received", "total", Decimal(1), "1", State.VALUE, 1.0, "x")
    assert figure.address == "applications.received.total"
