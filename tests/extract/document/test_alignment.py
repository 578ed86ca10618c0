"""What strangers wrote is compared at a bounded cost, however it is arranged."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.history.deltas import apply_delta, delta_of
from archive.site.pages.diff import text_pieces
from extract.document.alignment import opcodes
from extract.report.content import diff_text

#: Few elements, many times, in an order that shares no long run: the cube of the length for a plain alignment.
ADVERSE = {
    "two and four": ("ab", "acbd"),
    "two, turned": ("ab", "baa"),
    "one and its breaks": ("a", "ab"),
    "three": ("abc", "acb"),
    "five": ("abcde", "adbec"),
}
LENGTH = 3800
MOST_S = 1.5  # of a busy machine; the plain alignment takes minutes


def _texts(name: str) -> tuple[str, str]:
    before, after = ADVERSE[name]
    return "x" + before * (LENGTH // len(before)) + "y", "z" + after * (LENGTH // len(after)) + "w"


def _content(words: str) -> Any:
    return SimpleNamespace(text=[], lines=["".join(f"公开{one}件。" for one in words)])


@pytest.mark.parametrize("name", ADVERSE)
def test_an_adverse_arrangement_costs_what_its_length_costs(name: str) -> None:
    before, after = _texts(name)
    began = time.process_time()
    pages = [b"".join(b"<" + one.encode() for one in words) for words in (before, after)]
    assert apply_delta(pages[0], delta_of(*pages)) == pages[1]
    assert text_pieces([before], [after])
    assert text_pieces(list(before), list(after))
    assert time.process_time() - began < 3 * MOST_S
    for words in (1900, 600):
        began = time.process_time()
        found = diff_text(_content(before[:words]), _content(after[:words]))
        assert found.added, "what came is named all the same"
        assert time.process_time() - began < MOST_S


@given(st.text("abc", max_size=40), st.text("abc", max_size=40))
def test_steps_lead_from_one_to_the_other(before: str, after: str) -> None:
    for times in (1, 60):
        old, new = before * times, after * times
        steps = opcodes(old, new)
        assert "".join(old[a:b] if kind == "equal" else new[c:d] for kind, a, b, c, d in steps) == new
        assert all(old[a:b] == new[c:d] for kind, a, b, c, d in steps if kind == "equal")
        assert [0, *(step[2] for step in steps)][: len(steps)] == [step[1] for step in steps]
