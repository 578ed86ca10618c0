"""No list is called whole because a pager wasn't understood; none is called incomplete because something looks like one."""

from __future__ import annotations

import pytest

from archive.index.codes import ProofKind
from tests.crawler.lists.sites import PagedSite, load, rows, walk

PAGERS = load("pagers.toml")
LOOKALIKES = load("lookalikes.toml")
NAMED = [name for name, pager in PAGERS.items() if pager.get("follows") == "all"]
#: The kinds of the first two parts, counted in the acceptance table.
FIRST = list(PAGERS)[: list(PAGERS).index("trs-four")]


@pytest.mark.parametrize("name", PAGERS)
def test_no_pager_is_passed_over(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name]))
    assert not outcome.is_whole or len(outcome.entries) == 18, outcome.reason
    assert outcome.is_whole or outcome.last is not None
    if not outcome.is_whole:
        assert outcome.reason


@pytest.mark.parametrize("name", NAMED)
def test_what_the_page_names_is_followed_to_the_end(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name]))
    assert [entry.title for entry in outcome.entries] == [title for _, title, _ in rows(18)], outcome.reason
    assert outcome.is_whole, outcome.reason
    assert outcome.last is not None
    assert outcome.last.proof in (ProofKind.TOTAL, ProofKind.PAGES, ProofKind.MARKS)
    assert not outcome.last.way.startswith("guess")
    assert len(outcome.requests) <= 6, [request.url for request in outcome.requests]


@pytest.mark.parametrize("name", [name for name in PAGERS if name not in NAMED])
def test_a_pager_that_names_no_address_leaves_the_list_incomplete_with_its_quote(name: str) -> None:
    outcome = walk(PagedSite(PAGERS[name], knows=False))
    assert not outcome.is_whole
    assert len(outcome.entries) == 6
    assert outcome.last is not None
    assert outcome.last.quote
    assert len(outcome.requests) <= 8, [request.url for request in outcome.requests]


@pytest.mark.parametrize("name", LOOKALIKES)
def test_what_only_looks_like_a_pager_leaves_a_list_whole(name: str) -> None:
    outcome = walk(PagedSite({"html": LOOKALIKES[name], "asks": "query page"}, total=6, knows=False))
    assert outcome.is_whole, outcome.reason
    assert len(outcome.entries) == 6
    assert len(outcome.requests) <= 3, [request.url for request in outcome.requests]
