"""Titles of lists: reports in all their forms, and the false friends beside them (field guide §10.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.lexicon.titles import Genre, Judgement, Shape, genre_of, judge_title, label_rank


@pytest.mark.parametrize(
    ("title", "year", "agency"),
    [
        ("示例部2023年政府信息公开工作年度报告", 2023, "示例部"),
        ("2020柯桥区政府信息公开年度报告", 2020, "柯桥区"),
        ("瓯海区人民政府2020年度政府信息公开工作年度报告", 2020, "瓯海区人民政府"),
        ("宁波市海曙区人民政府办公室 2020 年政府信息公开工作年度报告", 2020, "宁波市海曙区人民政府办公室"),
        ("示例市民政局２０２３年政府信息公开工作年度报告", 2023, "示例市民政局"),
        ("示例市民政局二〇二〇年政府信息公开工作年度报告", 2020, "示例市民政局"),
        ("示例市民政局二○一二年度政府信息公开工作年度报告", 2012, "示例市民政局"),
        ("示例市2013年度政府信息公开工作报告", 2013, "示例市"),
        ("2018年度示例区人民政府信息公开工作年度报告", 2018, "示例区人民政府"),
        ("2023年度示例区民政局政府信息公开工作年度报告", 2023, "示例区民政局"),
        ("关于2020年度政府信息公开工作情况的报告", 2020, None),
        ("示例区政府2019年关于2018年度政府信息公开工作年度报告", 2018, "示例区政府"),
        ("政府信息公开工作年度报告（2022年度）", 2022, None),
        ("示例镇政府信息公开工作2021年度报告", 2021, "示例镇"),
        ("一、示例局2012年政府信息公开年度报告", 2012, "示例局"),
        ("2019年政府信息公开年报", 2019, None),
        ("示例区<em>民政局</em>2023年政府信息公开<em>年度报告</em>", 2023, "示例区民政局"),
        ("示例区大数据局2020年政府信息公开工作报告（2021-01-25）", 2020, "示例区大数据局"),
        ("示例市审计局2020年政府信息公开工作年度报告", 2020, "示例市审计局"),
        ("示例市政府采购中心2020年政府信息公开工作年度报告", 2020, "示例市政府采购中心"),
        ("示例市法治办2018年政府信息公开工作年度报告", 2018, "示例市法治办"),
        ("示例市统计局2021年政府信息公开年报", 2021, "示例市统计局"),
    ],
)
def test_reports_are_accepted_with_year_and_agency(title: str, year: int, agency: str | None) -> None:
    found = judge_title(title)
    assert (found.judgement, found.year, found.agency) == (Judgement.ACCEPT, year, agency)


@pytest.mark.parametrize(
    "title",
    [
        "2021年度政府网站年度工作报表",
        "示例县政府网站工作年度报表（2023年度）",
        "示例市2022年政府网站年报",
        "示例事业单位法人年度报告书",
        "2022年政府工作报告",
        "示例区2022年法治政府建设年度报告",
        "2020年示例区民政局部门预算",
        "2019年示例区部门决算公开",
        "2020年国民经济和社会发展统计公报",
        "示例年鉴2020",
        "2022年度企业年报公示",
        "个体工商户2021年度年报",
        "关于做好2020年政府信息公开工作年度报告编制工作的通知",
        "国务院办公厅政府信息与政务公开办公室关于政府信息公开工作年度报告有关事项的通知",
        "示例大学2019-2020学年信息公开工作年度报告",
        "2020年上半年政府信息公开工作报告",
        "示例市2021年环境信息依法披露年度报告",
        "示例局2021年党务公开工作报告",
        "政府信息公开指南",
        "2021年政务公开工作要点",
    ],
)
def test_false_friends_are_rejected(title: str) -> None:
    found = judge_title(title)
    assert found.judgement is Judgement.REJECT
    assert found.reason


@pytest.mark.parametrize(
    ("title", "is_bare", "year"),
    [
        ("高岭镇_2017年_", True, 2017),
        ("高岭镇2017年", True, 2017),
        ("2022年度", True, 2022),
        ("2020年度政务公开工作总结", True, 2020),
        ("示例市民政局2023年政府信息公开...", True, 2023),
        ("关于清明节放假的通知", False, None),
        ("", False, None),
        ("null", False, None),
    ],
)
def test_everything_else_is_left_to_the_body(title: str, is_bare: bool, year: int | None) -> None:
    found = judge_title(title)
    assert (found.judgement, found.is_bare, found.year) == (Judgement.UNSURE, is_bare, year)


@pytest.mark.parametrize(
    ("title", "shape"),
    [
        ("示例镇2023年政府信息公开工作年度报告", Shape.TEXT),
        ("示例镇2023年政府信息公开工作年度报告（图解）", Shape.INFOGRAPHIC),
        ("【图解】示例镇2023年政府信息公开工作年度报告", Shape.INFOGRAPHIC),
        ("示例镇2023年政府信息公开工作年度报告（图片版）", Shape.IMAGE),
        ("示例镇2023年政府信息公开工作年度报告（超链版）", Shape.LINKED),
        ("示例镇2023年政府信息公开工作年度报告（更正）", Shape.CORRECTION),
        ("示例镇2023年政府信息公开工作年度报告（PDF版）", Shape.FILE),
    ],
)
def test_shapes_of_one_report_share_year_and_agency(title: str, shape: Shape) -> None:
    found = judge_title(title)
    assert (found.judgement, found.shape, found.year, found.agency) == (Judgement.ACCEPT, shape, 2023, "示例镇")


def test_explanation_of_a_report_is_not_taken_for_it() -> None:
    found = judge_title("示例镇2020年政府信息公开工作年度报告解读")
    assert (found.judgement, found.shape) == (Judgement.UNSURE, Shape.INTERPRETATION)


@pytest.mark.parametrize(
    "title",
    [
        "县司法局扎实开展2022年政府信息公开年报工作",
        "市政府办督查2022年政府信息公开年报发布情况",
        "青川县完成2022年政府信息公开年度报告发布",
        "县政务公开办召开2022年政府信息公开年报编制会",
        "县财政局认真做好2022年度政府信息公开年报",
        "我县举办2022年政府信息公开年度报告培训班",
    ],
)
def test_a_clause_is_no_agency(title: str) -> None:
    assert judge_title(title).agency is None


@pytest.mark.parametrize(
    "name",
    [
        "青川县第一中学",
        "武夷山国家公园",
        "兵团第八师石河子市",
        "平潭综合实验区",
        "青川县人民医院",
        "国家税务总局青川县税务局",
    ],
)
def test_names_that_end_as_no_organ_does(name: str) -> None:
    assert judge_title(f"{name}2022年政府信息公开年报").agency == name


def test_two_years_without_a_name_give_none() -> None:
    assert judge_title("示例镇2019年和2020年").year is None


@pytest.mark.parametrize(
    ("label", "rank"),
    [
        ("政府信息公开年报", 0),
        ("信息公开年报 >", 0),
        ("政府信息公开工作年度报告(12)", 0),
        ("示例区民政局政府信息公开年报", 0),
        ("政府信息公开工作报告", 1),
        ("年报", 2),
        ("年度报告", 2),
        ("政府网站年报", None),
        ("法治政府建设年度报告", None),
        ("企业年报", None),
        ("政府工作报告", None),
        ("政府信息公开指南", None),
    ],
)
def test_menu_labels(label: str, rank: int | None) -> None:
    assert label_rank(label) == rank


@given(st.text(max_size=80))
def test_any_text_has_a_judgement(title: str) -> None:
    assert judge_title(title).reason


@given(
    st.sampled_from(["示例镇", "示例市民政局", "示例县人民政府"]),
    st.integers(2004, 2030),
    st.sampled_from(["", "度"]),
    st.sampled_from(["", " ", "\u3000"]),
)
def test_white_space_changes_nothing(agency: str, year: int, degree: str, space: str) -> None:
    found = judge_title(f"{agency}{space}{year}{space}年{degree}政府信息公开{space}工作年度报告")
    assert (found.judgement, found.year, found.agency) == (Judgement.ACCEPT, year, agency)


@pytest.mark.parametrize(
    "title",
    [
        "[2023-01-20] {}2022年政府信息公开工作年度报告",
        "【{}】2022年政府信息公开工作年度报告",
        "{}2022年1月1日至12月31日政府信息公开工作年度报告",
        "★{}2022年政府信息公开工作年度报告",
        "温区财〔2023〕5号 {}2022年政府信息公开工作年度报告",
        "年报：{}2022年政府信息公开工作年度报告",
    ],
)
@pytest.mark.parametrize("name", ["温州市瓯海区财政局", "城北街道办事处", "第八师一四三团", "瓯海区人民政府"])
def test_organ_and_year_in_whatever_stands_around_them(title: str, name: str) -> None:
    found = judge_title(title.format(name))
    assert (found.judgement, found.agency, found.year) == (Judgement.ACCEPT, name, 2022)


def test_a_notice_that_carries_a_report_is_left_to_its_page() -> None:
    assert judge_title("关于公布《瓯海区财政局2022年政府信息公开工作年度报告》的通知").judgement is Judgement.UNSURE
    assert judge_title("关于印发《2022年政府信息公开工作年度报告格式》的通知").judgement is Judgement.REJECT


@pytest.mark.parametrize(
    ("title", "genre"),
    [
        ("瓯海区财政局2022年政府采购信息公开年度报告", Genre.ABOUT),
        ("2022年双随机信息公开报告", Genre.ABOUT),
        ("2022年重大行政决策信息公开年报", Genre.ABOUT),
        ("瓯海区财政局2022年信息公开年度报告", Genre.REPORT),
        ("2022年瓯海区信息公开年度报告", Genre.REPORT),
        ("瓯海区财政局信息公开工作年度报告", Genre.REPORT),
        ("柳河镇信息公开年报（2022年）", Genre.REPORT),
    ],
)
def test_the_disclosure_of_something_else(title: str, genre: Genre) -> None:
    assert genre_of(title) is genre
    assert (judge_title(title).reason == "names the disclosure of something else") == (genre is Genre.ABOUT)
