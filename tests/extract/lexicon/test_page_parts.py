"""Names of elements: what holds an article, what stands around it."""

from __future__ import annotations

import pytest

from extract.lexicon.page_parts import (
    article_classes,
    article_ids,
    container_name,
    container_tag,
    is_chrome,
    is_noise_name,
)


@pytest.mark.parametrize(
    ("name", "weak"),
    [
        ("trs_editor", False),
        ("vsb_content_4", False),
        ("zoom_x", False),
        ("content", True),
        ("sidebar", None),
        ("", None),
    ],
)
def test_names_that_may_hold_a_report(name: str, weak: bool | None) -> None:
    assert container_name(name) is weak


@pytest.mark.parametrize(("tag", "weak"), [("ucapcontent", False), ("article", True), ("div", None)])
def test_tags_that_may_hold_a_report(tag: str, weak: bool | None) -> None:
    assert container_tag(tag) is weak


def test_the_crawler_looks_for_the_surest_first() -> None:
    assert article_ids()[:3] == ("zoom", "ucap-content", "vsb_content")
    assert article_classes()[0] == "trs_editor"
    assert article_classes()[-2:] == ("content", "article")


@pytest.mark.parametrize(
    ("names", "in_list", "in_article", "around"),
    [
        ("site-nav", True, True, True),
        ("navigator", False, False, True),
        ("qrcode", False, True, False),
        ("dqwz", True, False, False),
        ("aside left", False, False, True),
        ("list-box", False, False, False),
    ],
)
def test_chrome_by_what_it_is_around(names: str, in_list: bool, in_article: bool, around: bool) -> None:
    assert (is_chrome(names, "list"), is_chrome(names, "article"), is_chrome(names, "container")) == (
        in_list,
        in_article,
        around,
    )


def test_buttons_and_counters_inside_an_article() -> None:
    assert is_noise_name("bdsharebuttonbox")
    assert not is_noise_name("table-box")
