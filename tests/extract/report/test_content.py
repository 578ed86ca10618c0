"""What makes a version: noise never, any word, figure, title or file always."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract import api
from extract.report.content import Content, attachment_name, diff_text
from tests.extract import portal_pages as pages
from tests.extract.portal_pages import FAMILIES, Noise, Report, edit, page

BASE = Report()
DRESSES = (pages.html.escape, pages.spans, pages.spaced)
quick = settings(max_examples=40, deadline=None, derandomize=True)


def content(markup: str, charset: str = "utf-8", url: str = "http://www.shili.gov.cn/a/1.html") -> Content:
    found = api.read_report(markup.encode(charset), source="page", url=url).content
    assert found is not None
    return found


def digest(report: Report, family: str = "trs", noise: Noise | None = None) -> str:
    return content(page(family, report, noise)).digest


SAME = digest(BASE)


@quick
@given(
    st.sampled_from(FAMILIES),
    st.integers(0, 2**32),
    st.sampled_from(DRESSES),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_noise_template_markup_and_encoding_make_no_version(
    family: str, seed: int, dress: Callable[[str], str], charset: str
) -> None:
    markup = page(family, BASE, Noise(seed), dress=dress)
    if charset == "gb18030":
        markup = markup.replace('charset="utf-8"', 'charset="gb2312"')
    assert content(markup, charset).digest == SAME


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<table border="1">', '<table class="MsoNormalTable" width="100%" style="border:1px">'),
        ("<p>", '<p style="text-indent:32px" class="MsoNormal">'),
        ("<p>", "<div>"),
        ("<td>", '<td nowrap="nowrap" valign="top">'),
        ("<tbody>", ""),
        ("</td>", ""),
        ("，", "，<wbr>"),
        (" 1,234 ", "1,234"),
        (" 1,234 ", "&nbsp;１，２３４"),
        ("</table>", "</table><br><p>&nbsp;</p>"),
        ("<p>一是", "<p><br/>一是"),
        ("丰富；", "丰富；</p><p>"),
    ],
)
def test_markup_makes_no_version(old: str, new: str) -> None:
    markup = page("trs", BASE)
    assert old in markup
    changed = markup.replace(old, new)
    if old == "<p>" and new == "<div>":
        changed = changed.replace("</p>", "</div>")
    assert content(changed).digest == SAME


def test_another_address_makes_no_version() -> None:
    assert content(page("trs", BASE), url="https://zwgk.shili.gov.cn/b/2.html").digest == SAME


@pytest.mark.parametrize("place", range(10))
def test_every_figure_of_the_first_table_counts(place: int) -> None:
    numbers = list(BASE.numbers)
    numbers[place] += 1
    assert digest(edit(BASE, numbers=tuple(numbers))) != SAME


@quick
@given(st.integers(0, 24), st.integers(0, 6), st.integers(0, 10**6), st.sampled_from(FAMILIES))
def test_every_figure_of_the_application_table_counts(row: int, column: int, value: int, family: str) -> None:
    rows = [list(values) for values in BASE.rows()]
    same = rows[row][column] == value
    rows[row][column] = value
    assert (digest(edit(BASE, applications=tuple(map(tuple, rows))), family) == SAME) is same


@quick
@given(st.integers(0, 14), st.sampled_from(FAMILIES))
def test_swapping_figures_is_a_revision(place: int, family: str) -> None:
    numbers = list(BASE.challenges)
    numbers[place], numbers[place - 1] = numbers[place - 1], numbers[place]
    assert (digest(edit(BASE, challenges=tuple(numbers)), family) == SAME) is (tuple(numbers) == BASE.challenges)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    "change",
    [
        {"title": "示例市示范区人民政府2023年政府信息公开工作年度报告（更正）"},
        {"title": "示例市示范区人民政府2022年政府信息公开工作年度报告"},
        {"sentences": (*BASE.sentences, "另有一句。")},
        {"sentences": BASE.sentences[:-1]},
        {
            "sentences": (
                "2023年，示范区各级行政机关坚持以公开为常态、不公开为例外，扎实推进政务公开!",
                *BASE.sentences[1:],
            )
        },
        {"problems": BASE.problems.replace("一是", "二是")},
        {"other": "本年度收取信息处理费1元。"},
        {"other": "本年度未收取信息处理费。"},
    ],
    ids=["title", "year", "added", "removed", "sign", "word", "figure in text", "sentence"],
)
def test_words_and_titles_are_revisions(family: str, change: dict[str, object]) -> None:
    assert digest(edit(BASE, **change), family) != SAME


def test_blank_dash_and_zero_differ() -> None:
    markup = page("trs", BASE).replace("<td><p>0</p></td>", "<td><p>@</p></td>", 1)
    seen = {content(markup.replace("@", sign)).digest for sign in ("0", "", "-", "无")}
    assert len(seen) == 4


def test_published_day_is_kept_but_makes_no_version() -> None:
    later = content(page("trs", edit(BASE, published="2024-02-02")))
    assert later.published is not None
    assert later.published.isoformat() == "2024-02-02"
    assert later.digest == SAME


def test_attachments_count_by_name_and_bytes() -> None:
    base = content(page("trs", BASE))
    one = base.with_attachments([("http://x.gov.cn/f/年报.pdf?v=1", b"a")])
    assert one.digest != base.digest
    assert one.digest == base.with_attachments([("年 报.PDF", b"a")]).digest
    assert one.digest != base.with_attachments([("年报.pdf", b"b")]).digest
    assert one.digest != base.with_attachments([("附表.pdf", b"a")]).digest


@quick
@given(st.permutations([("a.pdf", b"1"), ("b.pdf", b"2"), ("c.xls", b"3")]))
def test_order_of_attachments_is_nothing(files: list[tuple[str, bytes]]) -> None:
    base = content(page("trs", BASE))
    assert base.with_attachments(files).digest == base.with_attachments(sorted(files)).digest


@pytest.mark.parametrize(
    ("name", "normal"),
    [
        ("http://x.gov.cn/a/P02.PDF?x=1", "p02.pdf"),
        ("年报 （正文）.docx", "年报(正文).docx"),
        ("/a/%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ("C:\\tmp\\b.doc", "b.doc"),
    ],
)
def test_names_of_attachments(name: str, normal: str) -> None:
    assert attachment_name(name) == normal


def test_report_that_cannot_be_told_from_its_page_has_no_content() -> None:
    markup = f"<body><div class='header'>头</div>{pages.body(BASE)}<div class='footer'>尾</div></body>"
    assert api.read_report(markup.encode(), source="page").content is None


def test_cells_of_texts_stay_apart() -> None:
    head = "示例市水利局2020年政府信息公开工作年度报告\n一、总体情况\n公开。\n二、主动公开政府信息情况\n"
    texts = [head + cells for cells in ("\t1\n\t2\n\t\n", "\t12\n\t\n\t\n", "\t1\n\t\n\t2\n", "\t1\n\t2\n\t-\n")]
    assert len({content(text).digest for text in texts}) == 4


def test_differences_by_sentence() -> None:
    before = content(page("trs", BASE))
    after = content(
        page("jcms", edit(BASE, other="本年度收取信息处理费1元。", sentences=(*BASE.sentences, "另有一句。")), Noise(3))
    )
    found = diff_text(before, after)
    assert found.added == ("另有一句。", "本年度收取信息处理费1元。")
    assert found.removed == ("本年度收取信息处理费0元。",)
    assert found.to_json() == {"added": 2, "removed": 1}


def test_no_differences_between_two_templates() -> None:
    for family in FAMILIES:
        found = diff_text(content(page("trs", BASE)), content(page(family, BASE, Noise(9), dress=pages.spans)))
        assert (found.added, found.removed) == ((), ())


def test_lines_broken_elsewhere_are_no_difference() -> None:
    before = content(page("trs", BASE))
    after = content(page("trs", BASE).replace("丰富；", "丰富；</p><p>").replace("扎实", "<br>扎实"))
    assert diff_text(before, after).to_json() == {"added": 0, "removed": 0}
