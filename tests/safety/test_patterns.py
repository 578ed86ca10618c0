"""No pattern of the packages grows faster than the text that it is applied to.

A page of a few hundred bytes must not hold a process for hours. `tests.safety.patterns` finds the patterns and the texts; what it finds is
either mended (one scan forward, possessive quantifiers, a start that can't be in the middle of a run) or stands here with what bounds its text.
"""

from __future__ import annotations

import re

import pytest

from tests.safety.patterns import Found, beginnings, growth, patterns

#: Patterns that may grow, because their text can't.
BOUNDED = {
    "extract.audit.names._ASIDE": "labels of the official forms",
    "extract.document.clean._TAG": "text up to its last `>`, so that each `<` finds its end (without_tags)",
    "extract.document.clean._NAMED_TAG": "text up to its last `>`, so that each `<` finds its end (without_tags)",
    "extract.document.detect._HEADER_CHARSET": "100 characters (_DECLARED_CHARS)",
    "extract.document.detect._META_CHARSET": "the first 4,096 bytes of a page (_SNIFF_BYTES)",
    "extract.report.agency._ASIDE": "the first 3,000 characters of a text (_compiled_by)",
    "extract.web.css._COLOUR_WORD": "values of up to 300 characters (_LONGEST_VALUE)",
    "extract.web.facts._CALL": "values of up to 300 characters (_LONGEST_VALUE)",
    "extract.web.html._DOCTYPE": "the first 2,000 characters of a page",
}


@pytest.mark.slow
def test_no_pattern_grows_faster_than_its_text() -> None:
    grown = {found.place: growth(found) for found in patterns() if found.place not in BOUNDED}
    assert {place: how for place, how in grown.items() if how is not None} == {}


def test_exceptions_are_there() -> None:
    assert set(BOUNDED) <= {found.place for found in patterns()}


@pytest.mark.parametrize(
    "text",
    [
        r"<!--.*?-->",
        r"<script\b([^>]*unitbuild\.js[^>]*(?:\"[^\"]*\"[^>]*)*)>",
        r"(?:门户网站|门户|网站)+\Z",
        r"\s*[\[(]?\s*20\d\d\Z",
        r"\bname\s*=\s*[\"']?\s*(\w+)",
        r"(?:[-\w]|[^\x00-\x7f])+\]",
        r"(a+)+b",
    ],
)
def test_growth_is_seen(text: str) -> None:
    assert growth(Found("here", re.compile(text, re.DOTALL), frozenset({"search"}))) is not None


def test_beginnings_stop_before_the_end() -> None:
    assert "<script " in beginnings(re.compile(r"<script\s[^>]*src=x"))
