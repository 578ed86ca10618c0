"""Elements and tags by one scan forward: the same as the plain patterns where everything is closed, and cheap where nothing is."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.pages.markup import meta_of, title_of, visible_text
from crawler.pages.tags import elements, tags, without, without_comments
from extract.document.clean import without_tags

_PIECES = st.lists(
    st.sampled_from(
        ["<a href='x'>", "</a>", "</a >", "<A>", "<b>", "</b>", "<abbr>", "文字", " ", "<", ">", "<!--", "-->", "<script>", "</script>", "<title>", "</title", "x='y>z'"]
    ),
    max_size=25,
)  # fmt: skip


@given(_PIECES)
def test_as_the_patterns_that_they_replace(pieces: list[str]) -> None:
    text = "".join(pieces)
    anchor = re.compile(r"<a\b[^>]*>.*?</a(?=[\s/>]|\Z)\s*>?", re.IGNORECASE | re.DOTALL)
    assert without(text, "a") == anchor.sub(" ", text)
    script = re.compile(r"<(script|title)\b[^>]*>.*?(?:</\1(?=[\s/>]|\Z)\s*>?|\Z)", re.IGNORECASE | re.DOTALL)
    assert without(text, "script", "title", to_end=True) == script.sub(" ", text)
    assert without_comments(text) == re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    assert without_tags(text) == re.sub(r"<[^>]*>", " ", text)
    assert without_tags(text, "", named=True) == re.sub(r"</?[A-Za-z][^>]*>", "", text)
    assert [tag.attributes for tag in tags(text, "a")] == re.findall(r"<a\b([^>]*)>", text, re.IGNORECASE)


def test_what_is_in_them() -> None:
    text = "<P>1</p><record a='b'>x<p>2</record ><RECORD>y"
    assert [(span.tag.name, span.tag.attributes, span.content) for span in elements(text, "record")] == [
        ("record", " a='b'", "x<p>2")
    ]
    assert [span.content for span in elements(text, "record", to_end=True)] == ["x<p>2", "y"]
    assert [span.content for span in elements("<a>1<b>2</b>3", "a", "b")] == ["2"]


@pytest.mark.parametrize(
    "opening",
    [
        "<!--",
        "<title ",
        "<title>",
        "<meta ",
        "<style",
        "<script>",
        "<a x>",
        "<a ",
        "<",
        "</a",
        "<!-- -- >",
        "<noscript><a>",
        "<meta name= ",
    ],
)
def test_half_a_megabyte_without_an_end_is_read_at_once(opening: str) -> None:
    text = opening * (500_000 // len(opening))
    began = time.process_time()
    visible_text(text)
    visible_text(text, with_links=False)
    title_of(text)
    meta_of(text, "ArticleTitle")
    assert time.process_time() - began < 3
