"""Whose report it is: what each place of a document says, and what they say together."""

from __future__ import annotations

import pytest

from extract.document.detect import TEXT
from extract.model import RELIABLE, Document, Line, Statement
from extract.report.identity import identify, own_lines

CHAPTERS = ("一、总体情况", "全年有序。", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况")
BARE = "2023年政府信息公开工作年度报告"


def said(*lines: str, titles: tuple[str, ...] = (), register: tuple[str, ...] = (), **metadata: str) -> Statement:
    kind = "text/html" if titles else TEXT
    document = Document(kind, tuple(Line(line, "") for line in lines), titles=titles, metadata=metadata)
    return identify(document, own_lines(document), register).statements["agency"]


def certain(statement: Statement) -> str | int | None:
    return statement.value if statement.confidence >= RELIABLE else None


@pytest.mark.parametrize(
    ("area", "text", "agency"),
    [
        ("临水工业园区", "全年有序。", "临水工业园区"),
        ("云屏综合实验区", "本报告由云屏综合实验区管理委员会编制。", "云屏综合实验区管理委员会"),
        ("云屏风景名胜区", "请与云屏风景名胜区管委会联系。", "云屏风景名胜区管委会"),
        ("苏州工业园区", "全年有序。", "苏州工业园区"),
        ("北屏新区", "各部门落实。", "北屏新区"),
        ("浦东新区", "全年有序。", "浦东新区人民政府"),
        ("滨海新区", "全年有序。", "滨海新区"),  # there is a 滨海县, too
        ("盐城市滨海新区", "全年有序。", "盐城市滨海新区"),
        ("武汉市东湖区", "全年有序。", "武汉市东湖区"),
        ("天津市滨海新区", "全年有序。", "天津市滨海新区人民政府"),
        ("湖北省神农架林区", "全年有序。", "湖北省神农架林区人民政府"),
        ("温州市瓯海区", "全年有序。", "温州市瓯海区人民政府"),
        ("阿克苏地区", "全年有序。", "阿克苏地区"),
        ("平原区", "请登录平原区人民政府门户网站。", "平原区人民政府"),
        ("青松县柳河镇", "柳河镇人民政府推进公开。", "青松县柳河镇"),
        ("城北街道", "全年有序。", "城北街道"),
    ],
)
def test_an_area_is_its_government_only_where_that_is_printed_or_registered(area: str, text: str, agency: str) -> None:
    found = said(f"{area}{BARE}", *CHAPTERS, text)
    assert certain(found) == agency


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年，通过实验区政府门户网站公布信息6100余条。",
        "2023年，全区政府信息公开方面共有行政诉讼案件2件。",
        "2023年，各乡镇人民政府公开信息。",
        "2023年，依托县政府门户网站公开信息。",
        "2023年度我局办公室受理申请3件。",
        "本报告由本机关办公室编制。",
        "本报告由县政府办公室、县大数据局编制。",
    ],
)
def test_a_sentence_names_nobody(sentence: str) -> None:
    found = said(BARE, *CHAPTERS, sentence)
    assert (found.value, found.candidates) == (None, ())


def test_an_area_under_an_upper_government_s_office() -> None:
    assert certain(said(f"兴安盟{BARE}", *CHAPTERS, "兴安盟行政公署", "2024年1月20日")) == "兴安盟行政公署"


def test_a_government_named_by_the_last_sign_of_its_area() -> None:
    assert certain(said(f"县政府{BARE}", *CHAPTERS, "请与青松县人民政府办公室联系。")) == "青松县人民政府"


def test_the_year_in_brackets_before_the_name() -> None:
    assert certain(said("（2023年度）", "青松县民政局", BARE[5:], *CHAPTERS)) == "青松县民政局"


@pytest.mark.parametrize(("head", "value"), [("青松县第一中学", "青松县第一中学"), ("全面推进", None)])
def test_a_title_s_head_that_ends_as_no_organ_does(head: str, value: str | None) -> None:
    found = said(f"{head}{BARE}", *CHAPTERS)
    assert (certain(found), found.value) == (None, value)


@pytest.mark.parametrize("head", ["全区", "全县", "我局", "本机关", "各镇", "全市政府系统", "市局", "省厅", "县级"])
def test_a_title_that_speaks_of_itself_names_nobody(head: str) -> None:
    assert said(f"{head}{BARE}", *CHAPTERS).value is None


def test_a_sentence_counts_where_the_name_is_printed_elsewhere_too() -> None:
    found = said(BARE, *CHAPTERS, "2023年，石桥县水务局公开信息。", ContentSource="石桥县水务局")
    assert (certain(found), {one.where for one in found.candidates}) == ("石桥县水务局", {"source's label", "sentence"})


def test_an_issuer_in_the_line_of_the_head() -> None:
    found = said(
        BARE, "发布机构：石桥县卫生健康局　发布时间：2024-01-18", *CHAPTERS, "2023年，通过县政府门户网站公布信息。"
    )
    assert (certain(found), found.where) == ("石桥县卫生健康局", "issuer's label")


def test_the_source_alone_is_a_candidate_and_never_the_hosting_site() -> None:
    found = said(BARE, "日期：2025-01-23 来源：青松县柳河镇", *CHAPTERS, titles=("青松县人民政府 - 2024年年报", BARE))
    assert (certain(found), found.value) == (None, "青松县柳河镇")
    assert {(one.value, one.where) for one in found.candidates} == {
        ("青松县柳河镇", "source's label"),
        ("青松县人民政府", "name of the hosting site"),
    }


def test_the_register_makes_the_source_certain() -> None:
    found = said(BARE, *CHAPTERS, ContentSource="柳河镇", register=("青松县柳河镇人民政府", "青松县人民政府"))
    assert certain(found) == "青松县柳河镇人民政府"


def test_the_register_gives_a_zone_its_committee() -> None:
    found = said(f"云屏综合实验区{BARE}", *CHAPTERS, register=("云屏综合实验区管理委员会",))
    assert certain(found) == "云屏综合实验区管理委员会"


@pytest.mark.parametrize(
    ("title", "signature", "agency"),
    [
        ("平川县水务局", "平川县财政局", None),
        ("瓯海区财政局", "温州市瓯海区财政局", "温州市瓯海区财政局"),
        ("平川县人民政府", "平川县人民政府办公室", "平川县人民政府"),
        ("", "平川县财政局", "平川县财政局"),
    ],
)
def test_title_and_signature(title: str, signature: str, agency: str | None) -> None:
    found = said(f"{title}{BARE}", *CHAPTERS, signature, "2024年1月20日")
    assert certain(found) == agency
    if agency is None:
        assert [one.value for one in found.candidates] == ["平川县水务局", "平川县财政局"]


def test_the_title_stands_against_the_office_that_publishes() -> None:
    found = said(f"平川县水务局{BARE}", *CHAPTERS, 发布机构="平川县大数据中心")
    assert (certain(found), found.confidence) == ("平川县水务局", RELIABLE)


def test_two_issuers_are_both_told() -> None:
    found = said(BARE, *CHAPTERS, "本报告由平川县财政局编制。", 发布机构="平川县水务局")
    assert (found.value, [one.value for one in found.candidates]) == (None, ["平川县水务局", "平川县财政局"])


@pytest.mark.parametrize(
    "lead",
    [
        "现公布",
        "请查阅",
        "01 ",
        "关于做好",
        "松财〔2024〕1号 ",
        "松财发〔2024〕3号：",
        "标题：",
        "附件2.",
        "敬请查阅：",
    ],
)
def test_words_and_numbers_before_a_name_are_no_part_of_it(lead: str) -> None:
    assert certain(said(f"{lead}长澜市松溪区财政局{BARE}", *CHAPTERS, "全年有序。")) == "长澜市松溪区财政局"


def test_words_that_begin_the_name_of_a_place_stay() -> None:
    assert certain(said(f"公安县财政局{BARE}", *CHAPTERS, "全年有序。")) == "公安县财政局"


def test_names_below_each_other_at_the_end_are_a_list_and_no_signature() -> None:
    assert certain(said(BARE, *CHAPTERS, "附件：各部门名单", "石桥县审计局", "石桥县财政局")) is None
    assert certain(said(BARE, *CHAPTERS, "石桥县审计局", "2024年1月18日")) == "石桥县审计局"


def test_one_that_sums_up_and_one_that_writes_are_two() -> None:
    text = "本报告由石桥县人民政府办公室汇总，石桥县审计局编制。"
    assert certain(said(BARE, text, *CHAPTERS)) is None
    assert certain(said(BARE, "本报告由石桥县审计局编制，报送石桥县人民政府办公室。", *CHAPTERS)) == "石桥县审计局"


def test_a_label_that_names_the_sites_government_beside_another_source_is_in_doubt() -> None:
    both = {"发布机构": "石桥县人民政府", "来源": "石桥县审计局"}
    assert certain(said(BARE, *CHAPTERS, titles=(BARE,), **both)) is None
    assert certain(said(BARE, *CHAPTERS, titles=(BARE,), 发布机构="石桥县人民政府")) == "石桥县人民政府"
    assert (
        certain(said(BARE, *CHAPTERS, titles=(BARE,), 发布机构="石桥县审计局", 来源="石桥县人民政府办公室"))
        == "石桥县审计局"
    )


@pytest.mark.parametrize(
    "title",
    [
        "石桥县市场监管局 石桥县知识产权局",
        "中共石桥县委 石桥县人民政府",
        "石桥县公安局石桥县看守所",
    ],
)
def test_two_organs_in_one_title_are_two(title: str) -> None:
    found = said(f"{title}{BARE}", *CHAPTERS)
    assert found.value is None
    assert len(found.candidates) == 2


@pytest.mark.parametrize("group", ["区直部门-", "区直部门—", "县级部门 - ", "市级单位–", "【区直部门】"])
def test_the_group_of_a_list_is_no_part_of_the_name(group: str) -> None:
    assert certain(said(f"{group}白泉区教育局{BARE}", *CHAPTERS)) == "白泉区教育局"


def test_parts_of_one_organ_stay_together() -> None:
    for name in ("石桥县公安局交通警察大队", "国家税务总局石桥县税务局", "石桥县行政审批服务局"):
        assert certain(said(f"{name}{BARE}", *CHAPTERS)) == name


@pytest.mark.parametrize(
    ("office", "agency"),
    [
        ("平川县水务局办公室", "平川县水务局"),
        ("平川县水务局政务公开领导小组办公室", "平川县水务局"),
        ("平川县水务局信息中心", "平川县水务局"),
        ("平川县高岭镇人民政府党政办公室", "平川县高岭镇人民政府"),
        ("云屏综合实验区管理委员会办公室", "云屏综合实验区管理委员会办公室"),
        ("平川县机构编制委员会办公室", "平川县机构编制委员会办公室"),
        ("平川县人民政府办公室", "平川县人民政府办公室"),
        ("平川县政务公开办公室", "平川县政务公开办公室"),
        ("平川县防汛抗旱指挥部办公室", "平川县防汛抗旱指挥部办公室"),
    ],
)
@pytest.mark.parametrize("place", ["compiled", "issued", "signed"])
def test_an_office_within_an_organ_speaks_for_the_organ(office: str, agency: str, place: str) -> None:
    lines, labels = [BARE, *CHAPTERS], {}
    if place == "compiled":
        lines.append(f"本报告由{office}编制。")
    elif place == "issued":
        labels["发布机构"] = office
    else:
        lines += [office, "2024年1月12日"]
    assert certain(said(*lines, **labels)) == agency


def test_an_office_and_its_organ_are_no_two_agencies() -> None:
    found = said(BARE, *CHAPTERS, "本报告由平川县水务局办公室编制。", 发布机构="县水务局", 来源="平川县水务局")
    assert certain(found) == "平川县水务局"
