"""The official forms as data: the codes of the contract, and labels that don't collide."""

from __future__ import annotations

import pytest

from bench.accuracy import printed
from extract.forms import FORMS, INDICATOR_HEADERS
from extract.tables.labels import key_of, meaning_of

CELLS = {("2019", "disclosure"): 22, ("2021", "disclosure"): 10, ("2019", "applications"): 161}
CELLS |= {("2021", "applications"): 175, ("2019", "challenges"): 15, ("2021", "challenges"): 15}


@pytest.mark.parametrize(("form", "table"), list(CELLS))
def test_cells_of_each_table(form: str, table: str) -> None:
    assert len(set(FORMS[form].tables[table].cells)) == CELLS[form, table]


def test_codes_of_the_disclosure_table() -> None:
    rows = {row.code: row.columns for row in FORMS["2019"].tables["disclosure"].rows}
    assert rows == {
        "rules": ("made", "published", "total_public"),
        "normative_documents": ("made", "published", "total_public"),
        "licensing": ("prior_items", "items_change", "decisions"),
        "other_services": ("prior_items", "items_change", "decisions"),
        "penalties": ("prior_items", "items_change", "decisions"),
        "coercion": ("prior_items", "items_change", "decisions"),
        "fees": ("prior_items", "items_change"),
        "procurement": ("projects", "amount"),
    }
    rows = {row.code: row.columns for row in FORMS["2021"].tables["disclosure"].rows}
    assert rows == {
        "rules": ("made", "repealed", "in_force"),
        "normative_documents": ("made", "repealed", "in_force"),
        "licensing": ("decisions",),
        "penalties": ("decisions",),
        "coercion": ("decisions",),
        "fees": ("amount",),
    }


def test_other_dispositions_are_one_row_or_three() -> None:
    single = [row.code for row in FORMS["2019"].tables["applications"].rows]
    split = [row.code for row in FORMS["2021"].tables["applications"].rows]
    assert [code for code in single if code not in split] == ["other"]
    assert [code for code in split if code not in single] == ["other_not_corrected", "other_fee_unpaid", "other_other"]


@pytest.mark.parametrize("form", list(FORMS))
def test_every_label_means_its_row_or_column(form: str) -> None:
    for table in FORMS[form].tables.values():
        for row in table.rows:
            for label in (row.label, *row.variants):
                assert meaning_of(label).rows.get(table.code) == row.code, label
        for column in table.columns:
            for label in (column.label, *column.variants):
                assert meaning_of(label).columns.get(table.code) == column.code, label


@pytest.mark.parametrize("form", list(FORMS))
def test_identities_name_rows_and_columns_of_the_table(form: str) -> None:
    for table in FORMS[form].tables.values():
        for identity in table.identities:
            known = table.columns_by_code if identity.over_columns else table.rows_by_code
            assert {*identity.parts, *identity.equals} <= set(known)


def test_column_total_counts_every_disposition() -> None:
    for form in FORMS.values():
        table = form.tables["applications"]
        others = {"received", "carried_in", "disposed_total", "carried_out"}
        assert set(table.identity("column_total").parts) == set(table.rows_by_code) - others


@pytest.mark.parametrize(
    ("printed", "row"),
    [
        ("（二）部分公开 （区分处理的,只计这一情形,不计其他情形)", "partly_granted"),
        ('3.危及"三安全一稳定"', "denied_security_stability"),
        ("5. 要求行政机关确认或\n重新出具已获取信息", "unprocessed_confirmation"),
        ("一、上年结转政府信息公开申请数量", "carried_in"),
        ("（三）不予公开 1.属于国家秘密", "denied_state_secret"),
        ("１．申请⼈⽆正当理由逾期不补正、⾏政机关不再处理其政府信息公开申请", "other_not_corrected"),
    ],
)
def test_labels_as_printed(printed: str, row: str) -> None:
    assert meaning_of(printed).rows.get("applications") == row


@pytest.mark.parametrize(
    "printed", ["规章规范性文件", "行政许可其他对外管理服务事项", "（七）总计四、结转下年度继续办理"]
)
def test_two_labels_in_one_cell_mean_nothing(printed: str) -> None:
    assert not meaning_of(printed).rows


def test_indicator_headers_are_keys() -> None:
    assert meaning_of("统　计　指　标").indicator == "label"
    assert key_of(INDICATOR_HEADERS.units[0]) == "单位"


@pytest.mark.parametrize("form", list(FORMS))
def test_the_reader_knows_the_forms_as_somebody_else_typed_them(form: str) -> None:
    """The labels of the benchmark were typed from the circulars; a slip in either list shows here."""
    for code, typed in printed.FORMS[form].tables.items():
        known = FORMS[form].tables[code]
        assert known.cells == typed.cells
        assert [row.label for row in known.rows] == [row.label for row in typed.rows]
        assert [row.group for row in known.rows] == [row.group for row in typed.rows]
        assert [column.label for column in known.columns] == [column.label for column in typed.columns]


def test_other_wordings_are_read_as_their_rows() -> None:
    """Whether they are listed or not, they mean their row and no other."""
    for form in printed.FORMS.values():
        for table in form.tables.values():
            for row in table.rows:
                for wording in row.variants:
                    assert meaning_of(wording).rows.get(table.code) == row.code, wording
                    assert not meaning_of(wording).beside, wording
