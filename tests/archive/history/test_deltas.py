"""Pages told by their difference from a stored one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.history.deltas import apply_delta, delta_of, told_by
from archive.warc.digests import digest_of

PIECES = st.sampled_from([b"<td>0</td>", b"<p>\xd6\xd0</p>\n", b"\n", b"<", b"text", b"<!-- 17 -->", b"\x00"])
PAGES = st.lists(PIECES, max_size=40).map(b"".join)


@given(PAGES, PAGES)
def test_a_page_is_made_again_to_the_byte(before: bytes, after: bytes) -> None:
    assert apply_delta(before, delta_of(before, after)) == after


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_whatever_the_bytes(before: bytes, after: bytes) -> None:
    assert apply_delta(before, delta_of(before, after)) == after


def test_a_counter_costs_little_and_pages_without_likeness_are_told_whole() -> None:
    page = b"".join(b"<tr><td>%d</td></tr>\n" % number for number in range(9000))
    counted = page.replace(b"<td>4500<", b"<td>4501<").replace(b"<td>8999<", b"<td>9000<")
    assert len(repr(delta_of(page, counted))) < 200
    other = page.replace(b"td", b"th")
    assert apply_delta(page, delta_of(page, other)) == other


def test_what_is_told_names_both_digests() -> None:
    stored = digest_of(b"<p>1</p>")
    told = told_by(stored, b"<p>1</p>", b"<p>2</p>")
    assert stored.startswith(told["of"])
    assert (told["is"], told["d"]) == (digest_of(b"<p>2</p>"), ["<p>2", [4, 8]])


@pytest.mark.parametrize("pieces", [[[0, 99]], [[3, 3]], [[-1, 2]], ["中"]])
def test_pieces_that_lead_nowhere_are_refused(pieces: list[list[int] | str]) -> None:
    with pytest.raises(ValueError, match=r"piece|latin-1"):
        apply_delta(b"0123456789", pieces)
