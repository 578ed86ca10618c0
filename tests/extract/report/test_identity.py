"""Title, agency, year: the seeds, the real documents, and the forms that titles take."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extract import api
from extract.document.clean import squeeze
from extract.document.detect import TEXT
from extract.lexicon.dates import COVER, published_on
from extract.model import Document, Line, Link
from extract.report.identity import identify, own_lines

SEEDS = Path(__file__).parents[2] / "fixtures" / "seeds"
REAL = Path(__file__).parents[3] / "../shared/real"
CASES = sorted(SEEDS.glob("*.meta.json")) + (sorted(REAL.glob("*.meta.json")) if REAL.exists() else [])


def document_of(meta: Path) -> Path:
    stem = meta.name.removesuffix(".meta.json")
    return next(path for path in sorted(meta.parent.glob(f"{stem}.*")) if path.suffix in (".txt", ".html", ".pdf"))


@pytest.mark.parametrize("meta", CASES, ids=lambda path: path.name.split(".")[0])
def test_what_the_document_says_of_itself(meta: Path) -> None:
    want: dict[str, Any] = json.loads(meta.read_text("utf-8"))
    path = document_of(meta)
    found = api.extract_bytes(path.read_bytes(), source=path.name)
    assert squeeze(found.title or "") == squeeze(want["title"] or "")
    assert found.agency == want["agency"]
    assert found.year == want["year"]
    assert found.form == want["form"]
    assert (found.published.isoformat() if found.published else None) == want["published"]
    assert [squeeze(section.heading) for section in found.sections] == [
        squeeze(heading) for heading in want["sections"]
    ]


def text(*lines: str, **metadata: str) -> Document:
    return Document(TEXT, tuple(Line(line, f"line {n}") for n, line in enumerate(lines, 1)), metadata=metadata)


CHAPTERS = (
    "一、总体情况",
    "全年主动公开信息。",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "六、其他需要报告的事项",
    "无。",
)


@pytest.mark.parametrize(
    ("title", "agency", "year"),
    [
        ("示例市民政局2023年政府信息公开工作年度报告", "示例市民政局", 2023),
        ("2023年度示例市水利局政府信息公开工作年度报告", "示例市水利局", 2023),
        ("示例区2020年政府信息公开年报", "示例区", 2020),
        ("高岭镇2017年政府信息公开年度报告", "高岭镇", 2017),
        ("示例街道2022年政府信息公开工作年度报告", "示例街道", 2022),
        ("示例县人民政府信息公开工作2019年度报告", "示例县人民政府", 2019),
        ("关于示例市财政局2021年度政府信息公开工作的报告", "示例市财政局", 2021),
        ("示例市司法局关于2021年度政府信息公开工作情况的报告", "示例市司法局", 2021),
        ("示例市卫生健康委员会二〇二二年政府信息公开工作年度报告", "示例市卫生健康委员会", 2022),
        ("国家税务总局示例市税务局2023年政府信息公开工作年度报告", "国家税务总局示例市税务局", 2023),
        ("示例市司法局政府信息公开2023年度报告", "示例市司法局", 2023),
        ("2013年度示例市公安局政府信息公开工作报告", "示例市公安局", 2013),
        ("示例大学2019-2020学年信息公开工作年度报告", "示例大学", 2019),
        ("示例市民政局2023年政府信息公开工作年度报告（图片版）", "示例市民政局", 2023),
        ("高岭镇_2017年_政府信息公开年报", "高岭镇", 2017),
        ("【年报】示例市审计局2022年政府信息公开工作年度报告", "示例市审计局", 2022),
        ("示例市教育局（体育局）2022年政府信息公开工作年度报告", "示例市教育局（体育局）", 2022),
        ("示例市教育局(体育局)2022年政府信息公开工作年度报告", "示例市教育局(体育局)", 2022),
    ],
)
def test_agency_and_year_from_the_title(title: str, agency: str, year: int) -> None:
    document = text(title, *CHAPTERS)
    found = identify(document, own_lines(document))
    assert (found.title, found.agency, found.year) == (title, agency, year)


@pytest.mark.parametrize(
    "title",
    [
        "示例市水务局关于印发2022年政府信息公开工作年度报告的通知",
        "关于印发《示例市水务局2022年政府信息公开工作年度报告》的通知",
    ],
)
def test_report_that_a_notice_sends_round(title: str) -> None:
    rows = ("一、本年新收政府信息公开申请数量", "四、结转下年度继续办理", "1.属于三类内部事务信息")
    document = text(*CHAPTERS, *rows, "示例市水务局", "2023年1月20日")
    page = Document("text/html", document.blocks, titles=(f"{title}_示例市人民政府门户网站",))
    found = identify(page, own_lines(page))
    assert (found.title, found.agency, found.year) == (title, "示例市水务局", 2022)


def test_title_that_is_only_the_unit_and_the_year() -> None:
    lines = ("一、概述", "2017年，我镇推进政府信息公开。", "信息公开有序。", "信息公开120条。")
    document = Document("text/html", tuple(Line(line, "") for line in lines), titles=("高岭镇_2017年_密云区人民政府",))
    found = identify(document, own_lines(document))
    assert (found.is_report, found.title, found.agency, found.year) == (True, "高岭镇_2017年", "高岭镇", 2017)


def test_preamble_names_who_compiled_the_report() -> None:
    document = text("2022年政府信息公开工作年度报告", "本报告由示例市水务局根据《条例》编制。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "示例市水务局"


def test_title_on_three_lines_is_joined() -> None:
    document = text("示例市", "卫生健康委员会", "2023年政府信息公开", "工作年度报告", "", *CHAPTERS)
    found = identify(document, own_lines(document))
    assert found.title == "示例市卫生健康委员会2023年政府信息公开工作年度报告"
    assert (found.agency, found.year) == ("示例市卫生健康委员会", 2023)


def test_longest_printed_form_of_the_name_counts() -> None:
    document = text("瓯海区水利局2020年政府信息公开工作年度报告", "由温州市瓯海区水利局编制。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "温州市瓯海区水利局"


def test_organs_of_other_places_with_the_same_name_are_not_taken() -> None:
    document = text("财政局2020年政府信息公开工作年度报告", "按照浙江省财政局和温州市财政局要求编制。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "财政局"


def test_name_that_begins_with_the_last_sign_of_its_county() -> None:
    document = text("区财政局2020年政府信息公开工作年度报告", "请与温州市瓯海区财政局联系。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "温州市瓯海区财政局"


def test_tax_office_with_the_name_of_its_system() -> None:
    document = text("温州市税务局2020年政府信息公开工作年度报告", "国家税务总局温州市税务局编制。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "国家税务总局温州市税务局"


def test_title_of_a_page_that_is_no_report_is_kept() -> None:
    document = Document("text/html", (Line("正文。", ""),), titles=("示例市2023年法治政府建设年度报告",))
    found = identify(document, own_lines(document))
    assert (found.title, found.year) == ("示例市2023年法治政府建设年度报告", None)


def test_source_of_the_page_completes_the_name() -> None:
    document = text("民政局2020年政府信息公开工作年度报告", *CHAPTERS, ContentSource="示例县民政局")
    assert identify(document, own_lines(document)).agency == "示例县民政局"


def test_register_gives_the_official_name() -> None:
    document = text("民政局2020年政府信息公开工作年度报告", *CHAPTERS)
    names = ["示例市示例县民政局", "示例市示例县水利局"]
    assert identify(document, own_lines(document), names).agency == "示例市示例县民政局"


def test_sign_off_names_the_agency_where_no_title_does() -> None:
    document = text(
        "本年报由本局编制，统计期限从2020年1月1日到2020年12月31日。", *CHAPTERS, "示例市水利局", "2021年1月20日"
    )
    found = identify(document, own_lines(document))
    assert (found.title, found.agency, found.year) == (None, "示例市水利局", 2020)


def test_year_is_not_taken_from_the_day_of_publication() -> None:
    document = text("示例市水利局政府信息公开工作年度报告", "2019年，我局公开信息。", *CHAPTERS, PubDate="2021-06-01")
    assert identify(document, own_lines(document)).year == 2019


def test_title_and_statistics_of_different_years_are_said() -> None:
    document = text("示例市水利局2020年政府信息公开工作年度报告", "统计期限为2019年1月1日至12月31日。", *CHAPTERS)
    found = identify(document, own_lines(document))
    assert found.year == 2020
    assert any("2019" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    "title",
    [
        "示例市2023年政府网站工作年度报表",
        "示例中心事业单位法人年度报告书",
        "2024年示例市政府工作报告",
        "示例市2023年法治政府建设年度报告",
        "示例市统计局2023年统计公报",
        "关于做好2023年政府信息公开工作年度报告的通知",
        "示例市水利局信息公开指南",
    ],
)
def test_false_friends_are_no_reports(title: str) -> None:
    sentences = ("本年度工作有序开展。", "公开了信息。", "取得成效。", "继续努力。")
    document = text(title, *sentences)
    found = identify(document, own_lines(document))
    assert not found.is_report
    assert found.year is None


def test_free_form_report_before_2019_is_one() -> None:
    lines = (
        "一、组织机构建设",
        "我局成立了领导小组。",
        "二、制度建设",
        "制定了办法。",
        "三、收费情况",
        "未收费。政府信息公开工作有序。",
    )
    document = text("示例市水利局2013年度政府信息公开工作报告", *lines)
    found = identify(document, own_lines(document))
    assert (found.is_report, found.year) == (True, 2013)


def test_list_of_reports_is_none() -> None:
    titles = [f"示例局{year}年政府信息公开工作年度报告" for year in range(2010, 2024)]
    document = text("政府信息公开年报", *titles)
    assert not identify(document, own_lines(document)).is_report


def test_page_with_nothing_but_the_file_is_the_report() -> None:
    document = Document(
        "text/html",
        (),
        titles=("示例市水利局2023年政府信息公开工作年度报告",),
        links=(Link("http://x/a.pdf", "a", is_attachment=True),),
    )
    found = identify(document, own_lines(document))
    assert (found.is_report, found.year, found.agency) == (True, 2023, "示例市水利局")


def test_site_and_column_names_are_cut_from_the_title() -> None:
    document = Document(
        "text/html",
        tuple(Line(line, "") for line in CHAPTERS),
        titles=("示例市水利局2023年政府信息公开工作年度报告_政府信息公开年报_示例市水利局",),
    )
    assert identify(document, own_lines(document)).title == "示例市水利局2023年政府信息公开工作年度报告"


def test_index_number() -> None:
    document = text("示例市水利局2020年政府信息公开工作年度报告", *CHAPTERS, 索引号="00301/2021-00012")
    assert identify(document, own_lines(document)).index_number == "00301/2021-00012"


def test_notice_that_names_the_chapters_is_no_report() -> None:
    document = text(
        "关于做好2023年政府信息公开工作年度报告编制的通知",
        "各单位：报告包括总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、存在的主要问题及改进情况。",
        "一、总体要求",
        "请按时报送。",
    )
    assert not identify(document, own_lines(document)).is_report


def test_organ_and_date_on_the_cover() -> None:
    document = text("政府信息公开工作年度报告", "（2022年度）", "示例市水务局", "二〇二三年一月十八日", *CHAPTERS)
    found = identify(document, own_lines(document))
    assert (found.title, found.agency, found.year) == ("政府信息公开工作年度报告（2022年度）", "示例市水务局", 2022)
    assert published_on({}, own_lines(document)) == (date(2023, 1, 18), COVER)


def test_region_that_is_in_no_list() -> None:
    document = text("水务局2020年政府信息公开工作年度报告", "如有疑问请与平川县水务局联系。各县区水务局。", *CHAPTERS)
    assert identify(document, own_lines(document)).agency == "平川县水务局"


def test_name_of_the_site_alone_is_no_certain_name() -> None:
    lines = tuple(Line(line, "") for line in CHAPTERS)
    page = Document("text/html", lines, titles=("2022年政府信息公开年报-示例市水务局",))
    found = identify(page, own_lines(page))
    assert found.agency is None
    said = found.statements["agency"]
    assert (said.value, said.where, [one.value for one in said.candidates]) == (
        "示例市水务局",
        "name of the site",
        ["示例市水务局"],
    )
    assert any("示例市水务局" in warning for warning in found.warnings)
