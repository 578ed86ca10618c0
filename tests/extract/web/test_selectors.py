"""Selectors match the elements that cssselect2, an independent implementation, matches."""

from __future__ import annotations

import cssselect2
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from extract.web.selectors import Matcher, parse_selectors

_TREES = (
    (
        '<html><body id="a"><div class="x y"><p>1<span class="x">2</span></p><p class="y" title="t"></p></div><table><tr><td class="x">3</td>'
        '<td title="t-u" lang="t-u"><b class="z x">4</b><b>5</b><i></i><b id="i">6</b></td></tr><tr class="y"><td>7<a href="#">8</a></td></tr>'
        "</table></body></html>"
    ),
    (
        '<html><body><table id="i" class="z"><tbody><tr><td>1</td><td><span><span class="x"><b>2</b></span></span></td><td></td></tr>'
        '<tr class="x" title="u t"><td class="y">3</td><td><p>4</p>5<p class="y z"> </p><input checked><input type=radio checked><input disabled></td></tr></tbody>'
        "</table><div><div><div class='x'><span title='t'>6</span></div></div></div></body></html>"
    ),
)
_ROOTS = tuple(etree.fromstring(tree, etree.HTMLParser()) for tree in _TREES)

_TAGS = st.sampled_from(["", "*", "td", "tr", "p", "span", "b", "div", "table", "SPAN"])
_NTH = st.sampled_from(["odd", "even", "n", "2n+1", "2n", "-n+2", "3", "n + 2", "-2n+3", "0n+1", "+1", "-1"])
_SIMPLE = st.one_of(
    st.sampled_from(
        [
            ".x",
            ".y",
            ".z",
            ".x.y",
            "#a",
            "#i",
            ".\\78 ",  # the space ends the escape
            "[title]",
            "[title=t]",
            '[title="t"]',
            "[title~=t]",
            "[title|=t]",
            "[title^=t]",
            "[title$=u]",
            "[title*='-']",
            "[title='T' i]",
            "[class~=x]",
            "[lang|='t']",
            "[title^='']",
            ":empty",
            ":root",
            ":first-child",
            ":last-child",
            ":only-child",
            ":first-of-type",
            ":last-of-type",
            ":only-of-type",
            ":link",
            ":any-link",
            ":checked",
            ":disabled",
        ]
    ),
    st.builds(
        "{}({})".format, st.sampled_from([":nth-child", ":nth-last-child", ":nth-of-type", ":nth-last-of-type"]), _NTH
    ),
)
_FLAT = st.builds(lambda tag, parts: tag + "".join(parts) or "*", _TAGS, st.lists(_SIMPLE, max_size=2))
#: Without `*`: cssselect2 0.10 takes `:not(*)` for matching everything, the standard for nothing.
_NAMED = _FLAT.filter(lambda text: "*" not in text.partition("[")[0])
_COMPOUNDS = st.one_of(
    _FLAT,
    st.builds(
        "{}{}({})".format,
        _TAGS,
        st.sampled_from([":not", ":is", ":where"]),
        st.lists(_NAMED, min_size=1, max_size=2).map(",".join),
    ),
)
_SELECTORS = st.builds(
    lambda first, rest: first + "".join(link + compound for link, compound in rest),
    _COMPOUNDS,
    st.lists(st.tuples(st.sampled_from([" ", ">", " > ", "+", " ~ ", "~", " + "]), _COMPOUNDS), max_size=3),
)


def _theirs(text: str, root: etree._Element) -> set[etree._Element]:
    compiled = cssselect2.compile_selector_list(text)
    wrapper = cssselect2.ElementWrapper.from_html_root(root)
    return {
        element.etree_element for element in wrapper.iter_subtree() if any(element.matches(one) for one in compiled)
    }


def _ours(text: str, root: etree._Element, *, fold: bool = False) -> set[etree._Element]:
    matcher = Matcher(fold=fold)
    parsed = parse_selectors(text, fold=fold)
    return {element for element in root.iter() for selector in parsed if matcher.matches(selector, element)}


@settings(max_examples=400, deadline=None)
@given(text=_SELECTORS, root=st.sampled_from(_ROOTS))
def test_the_same_elements(text: str, root: etree._Element) -> None:
    """Generated selectors over trees with every kind of part."""
    assert _ours(text, root) == _theirs(text, root)


@settings(max_examples=100, deadline=None)
@given(one=_COMPOUNDS, other=_COMPOUNDS)
def test_the_same_weight(one: str, other: str) -> None:
    """Which of two selectors is heavier decides the cascade."""
    theirs = [cssselect2.compile_selector_list(text)[0].specificity for text in (one, other)]
    parsed = [parse_selectors(text) for text in (one, other)]
    assume(all(parsed))  # `#a#i` matches nothing and isn't kept
    assert [selectors[0].weight for selectors in parsed] == theirs


@pytest.mark.parametrize(
    "text",
    [
        "",
        ">",
        "p >",
        "p > > b",
        "p,",
        "p:",
        ".",
        "#",
        "p[",
        "p[title=",
        "p:nth-child(x)",
        "p:made-up",
        "b::",
        "p(",
        "a::before b",
        "%",
    ],
)
def test_what_is_no_selector_matches_nothing(text: str) -> None:
    """One part that can't be read makes the whole list void."""
    assert parse_selectors(text) == []
    assert parse_selectors(f"p, {text or '%'}") == []


@pytest.mark.parametrize("text", ["p:hover", "a:visited", "td:focus-within p", "p::selection", "p::-webkit-scrollbar"])
def test_what_a_page_at_rest_never_is(text: str) -> None:
    """The mouse is nowhere, nothing is selected."""
    assert parse_selectors(text) == []


@pytest.mark.parametrize("text", ["p:lang(zh)", "td:has(b)", "p:dir(ltr) b"])
def test_what_cant_be_judged_is_taken_as_fitting(text: str) -> None:
    """Such a rule may apply: it raises doubts and hides nothing."""
    assert [selector.certain for selector in parse_selectors(text)] == [False]


def test_names_in_quirks_mode() -> None:
    """Classes and ids don't differ by case there."""
    root = _ROOTS[0]
    assert not _ours(".X", root)
    assert _ours(".X", root, fold=True) == _ours(".x", root)
    assert _ours("#A td", root, fold=True) == _ours("#a td", root)


def test_a_long_chain_ends() -> None:
    """Descendants of descendants are tried once each, not in every combination."""
    root = etree.fromstring("<div>" * 150 + "x" + "</div>" * 150, etree.HTMLParser(huge_tree=True))
    deepest = [*root.iter("div")][-1]
    [selector] = parse_selectors("p " + "div " * 40 + "div")
    assert not Matcher().matches(selector, deepest)
