"""What names of organs mean: kinds, due dates, the form in which they are compared."""

from __future__ import annotations

from datetime import date

import pytest

from extract.lexicon.organs import (
    dissolved,
    due_date,
    is_unit_class_label,
    kind_of,
    may_be_short_for,
    names_unit_class,
    normalise_name,
    reduced,
)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("温州市瓯海区人民政府", "government"),
        ("余姚市政府", "government"),
        ("宁波国家高新区管委会", "government"),
        ("温州市瓯海区人民政府办公室", "department"),
        ("三垟街道办事处", "township"),
        ("泽雅镇人民政府", "township"),
        ("高岭镇", "township"),
        ("温州市瓯海区财政局", "department"),
        ("示例市民政局（示例市老龄办）", "department"),
        ("巴彦库仁苏木", "township"),
        ("巴彦库仁苏木政府", "township"),
        ("鄂温克族自治旗锡尼河西苏木人民政府", "township"),
        ("白塔满族民族乡", "township"),
    ],
)
def test_kind_from_the_end_of_a_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("kind", "year", "due"),
    [
        ("government", 2020, date(2021, 3, 31)),
        ("department", 2020, date(2021, 1, 31)),
        ("township", 2020, date(2021, 1, 31)),
        ("department", 2019, date(2020, 1, 31)),
        ("department", 2018, date(2019, 3, 31)),
        ("government", 2018, date(2019, 3, 31)),
    ],
)
def test_due_dates_of_article_49(kind: str, year: int, due: date) -> None:
    assert due_date(kind, year) == due


def test_a_kind_that_the_law_does_not_know_has_no_due_date() -> None:
    with pytest.raises(ValueError, match="village"):
        due_date("village", 2020)


def test_names_are_compared_in_a_normal_form() -> None:
    assert normalise_name("温州市 瓯海区人民政府（本级）") == normalise_name("温州市瓯海区政府")
    assert normalise_name("三垟街道办事处") == "三垟街道"
    assert reduced("浙江省温州市瓯海区政府") == "瓯海区政府"


@pytest.mark.parametrize(
    ("short", "name", "may_be"),
    [
        ("发改局", "宁远县发展和改革局", True),
        ("人社局", "示例市人力资源和社会保障局", True),
        ("卫健委", "示例市卫生健康委员会", True),
        ("石门镇", "宁远县石门镇人民政府", False),  # ends otherwise: the register knows both forms of a township
        ("财政局", "宁远县财政局", False),  # the same name
        ("水利局", "示例市农业农村局", False),
    ],
)
def test_short_names(short: str, name: str, may_be: bool) -> None:
    assert may_be_short_for(short, name) is may_be


@pytest.mark.parametrize(
    ("name", "last_year"),
    [
        ("瓯海区旅游局", 2018),
        ("温州市瓯海区文化和旅游局", None),  # founded by the reform that ended the other
        ("县文化广电旅游局", None),
        ("县文体旅游局", None),
        ("浙江省国家税务局", 2017),
        ("国家税务总局瓯海区税务局", None),
        ("宁远县地方税务局", 2017),
        ("县发展和改革局（物价局）", None),
        ("市卫生健康局", None),
        ("县农业农村委员会", None),
        ("原瓯海区国土资源局", 2018),
        ("开发区安监局", 2018),
        ("宁远县人民政府法制办公室", 2018),
        ("县扶贫办", 2020),
        ("县乡村振兴局", None),
    ],
)
def test_a_reform_ended_the_organ_and_none_that_is_only_called_similarly(name: str, last_year: int | None) -> None:
    reform = dissolved(name)
    assert (reform.last_year if reform is not None else None) == last_year


@pytest.mark.parametrize(
    "label",
    [
        "市直部门",
        "派出机构信息公开",
        "各镇(街道)",
        "直属机构",
        "垂直管理部门",
        "功能区",
        "县直机关",
        "镇街年报",
        "省级部门政府信息公开年度报告",
        "双管单位",
        "部门信息公开平台",
    ],
)
def test_a_class_of_organs_is_known_in_a_menu(label: str) -> None:
    assert is_unit_class_label(label)
    assert names_unit_class(f"2021年{label}汇总")


@pytest.mark.parametrize("label", ["部门动态", "机构职能", "街道新闻", "部门文件", "园区招商", "市财政局"])
def test_news_of_a_class_and_a_single_organ_are_no_class_in_a_menu(label: str) -> None:
    assert not is_unit_class_label(label)
