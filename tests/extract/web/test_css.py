"""Style sheets and `style` attributes → declarations of interest, as a screen would apply them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.web.css import declarations, media_applies, parse_sheet


def _values(text: str) -> dict[str, str]:
    return {name: declared.value for name, declared in declarations(text).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COLOR : Red ;; width:1px", {"color": "red", "width": "1px"}),
        ("color:red;color:blue", {"color": "blue"}),
        ("color:red!important;color:blue", {"color": "red"}),
        ("color:red ! important;color:blue", {"color": "red"}),
        (
            "background:#fff url(a;b.png) no-repeat",
            {"background-color": "#fff", "background-image": "#fff url(a;b.png) no-repeat"},
        ),
        ("background:url('x') center", {"background-color": "transparent", "background-image": "url('x') center"}),
        ("background:rgba(0, 0, 0, .5)", {"background-color": "rgba(0, 0, 0, .5)", "background-image": "none"}),
        ("font:bold 9px/1.2 serif", {"font-size": "9px", "font-family": "serif"}),
        ("font:small-caps x-small serif", {"font-size": "x-small", "font-family": "serif"}),
        ("margin:1px 2px 3px 4px", {"margin-top": "1px", "margin-left": "4px", "margin-right": "2px"}),
        ("margin:1px 2px", {"margin-top": "1px", "margin-left": "2px", "margin-right": "2px"}),
        ("inset:1px", {"top": "1px", "right": "1px", "bottom": "1px", "left": "1px"}),
        ("overflow:hidden", {"overflow-x": "hidden", "overflow-y": "hidden"}),
        ("col\\6f r:red", {"color": "red"}),
        ("content:'A;B'", {"content": "'A;B'"}),
        ("color:red/* ; */;/*color:blue*/", {"color": "red"}),
        ("border-left:2px solid red;text-align:center", {"border-left-width": "2px"}),
        ("border:none", {f"border-{side}-width": "0" for side in ("top", "right", "bottom", "left")}),
        ("padding:1px 2px", {"padding-left": "2px", "padding-right": "2px", "padding-top": "1px"}),
        ("list-style:inside decimal", {"list-style-type": "decimal"}),
        ("gap:4px 1em", {"column-gap": "1em"}),
        ("color", {}),
    ],
)
def test_declarations(text: str, expected: dict[str, str]) -> None:
    """Shorthands are taken apart, importance and order decide."""
    assert _values(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("screen", True),
        ("all", True),
        ("", True),
        ("print", False),
        ("print, screen", True),
        ("only screen and (min-width: 600px)", True),
        ("(max-width:768px)", False),
        ("not screen", False),
        ("not print", True),
        ("(min-resolution: 2dppx)", None),
        ("screen and (orientation:portrait)", False),
        ("(prefers-color-scheme: dark)", False),
    ],
)
def test_media(query: str, expected: bool | None) -> None:
    """A screen of 1440 pixels in a light room."""
    assert media_applies(query or "all") is expected


def _rules(css: str) -> list[tuple[str, dict[str, str]]]:
    return [(rule.selector.key, {k: v.value for k, v in rule.declarations.items()}) for rule in parse_sheet(css)]


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        (".a{color:red}.b,.c{color:blue}", [(".a", "red"), (".b", "blue"), (".c", "blue")]),
        ("<!-- .a{color:red} -->", [(".a", "red")]),
        ("@import url('x.css');.a{color:red}", [(".a", "red")]),
        ("@media print{.a{color:red}}.b{color:blue}", [(".b", "blue")]),
        ("@media screen{.a{color:red}", [(".a", "red")]),
        ("@font-face{font-family:x;src:url(a)}.a{color:red}", [(".a", "red")]),
        ("@keyframes k{0%{color:red}to{color:blue}}", []),
        (".a{background:url(data:x;y{z});color:red}", [(".a", "red")]),
        (".a{content:'}';color:red}", [(".a", "red")]),
        (".a{color:red;/* } */}.b{color:blue}", [(".a", "red"), (".b", "blue")]),
        (".a{color:red;.b &{color:blue}}", [(".a", "red"), ("*", "blue")]),
        ("}} .a{color:red}", [(".a", "red")]),
        (".a{color:red} /* open", [(".a", "red")]),
    ],
)
def test_sheets(css: str, expected: list[tuple[str, str]]) -> None:
    """Blocks, conditions, nesting, and what is damaged."""
    found = [(key, values["color"]) for key, values in _rules(css) if "color" in values]
    assert sorted(found) == sorted(expected)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abc.#*:{}();,'\"@/\\ \n!->&[]=0%") | st.text())
def test_anything_is_read(text: str) -> None:
    """No text breaks the reader."""
    parse_sheet(f"td{{color:red}} {text}")
    declarations(f"color:{text}")


@pytest.mark.parametrize(
    "piece",
    [
        "url(",
        '"',
        "'\\'",
        "/*",
        "a{",
        "}",
        "color:",
        "a:not(",
        "(",
        "{;",
        ".a ",
        "[a=",
        "<!--",
        "\\6",
        "a(b(c",
        "a," * 9 + "{",
    ],
)
def test_a_hostile_sheet_takes_no_longer_than_its_length_asks(piece: str) -> None:
    """A hundred thousand repetitions are read in about ten times the time of ten thousand."""
    begun = time.process_time()
    parse_sheet("td{color:red} " + piece * 30_000)
    declarations("color:red;" + piece * 30_000)
    assert time.process_time() - begun < 5.0
