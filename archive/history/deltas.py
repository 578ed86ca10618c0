"""Delta storage (diff against a stored page): for bytes that differ in noise only, so that nothing that was fetched is lost.

Counters, clocks and tokens make most pages differ at every visit. Stored anew each time they would be nine tenths of an archive; stored as
what differs, a visit costs some hundred bytes of the visit log, and the page can be made again to the byte. Both pages are meant without
content encoding.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, TypedDict

from archive.history import scan
from archive.index import addresses, runs
from archive.warc.checks import Damage
from archive.warc.digests import digest_of
from archive.warc.records import read_record
from archive.warc.visit_log import VisitLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database

    from archive.files.folder import Archive
    from archive.warc.visit_log import StoredDelta

#: Of a digest in a visit log: `sha256:` and 100 bits, which name a payload beyond doubt. A digest can't be compressed.
DIGEST_CHARS = 27
#: Pieces of a page that are compared: each begins at a tag or a line.
_PIECE = re.compile(rb"[<\n]?[^<\n]*")
#: Longer runs of pieces are compared place by place: aligning them would take longer than storing what differs.
_MAX_PIECES = 4000
#: Pieces of a page in order: `[start, stop]` of the stored page, or new bytes as text of one character a byte (ISO 8859-1).
Pieces = list[list[int] | str]


#: How a visit log tells a page: `of`, the first 100 bits of the stored page's payload digest; `is`, the digest of what came; `d`, the pieces.
Told = TypedDict("Told", {"of": str, "is": str, "d": "list[list[int] | str]"})


def told_by(digest: str, before: bytes, after: bytes) -> Told:
    """How a visit log tells the page `after` by the stored page `before`, whose payload has a digest."""
    return {"of": digest[:DIGEST_CHARS], "is": digest_of(after), "d": delta_of(before, after)}


def delta_of(before: bytes, after: bytes) -> Pieces:
    """The pieces that make `after` from `before`."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    places = [0]
    for piece in old:
        places.append(places[-1] + len(piece))
    pieces: Pieces = []

    def keep(first: int, last: int) -> None:
        if places[first] < places[last]:
            pieces.append([places[first], places[last]])

    def add(data: bytes) -> None:
        if data:
            pieces.append(data.decode("latin-1"))

    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    keep(0, start)
    for is_kept, i1, i2, j1, j2 in _runs(inner_old, inner_new):
        if is_kept:
            keep(start + i1, start + i2)
        else:
            add(b"".join(inner_new[j1:j2]))
    keep(len(old) - end, len(old))
    return pieces


def _runs(old: list[bytes], new: list[bytes]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Runs of pieces in order: whether they are the same, and where they stand in both."""
    if max(len(old), len(new)) <= _MAX_PIECES:
        # pieces that stand everywhere are no beginning of a match (autojunk): else a page of two tags costs the cube of its length
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=True).get_opcodes():
            yield tag == "equal", i1, i2, j1, j2
    elif len(old) == len(new):
        at = 0
        for is_kept, run in groupby(zip(old, new, strict=True), key=lambda pair: pair[0] == pair[1]):
            stop = at + sum(1 for _ in run)
            yield is_kept, at, stop, at, stop
            at = stop
    else:
        yield False, 0, len(old), 0, len(new)


def apply_delta(before: bytes, pieces: Pieces) -> bytes:
    """The page that the pieces make from the stored one.

    Raises:
        ValueError: The pieces are of no form that `delta_of` gives.
    """
    made = bytearray()
    for piece in pieces:
        if isinstance(piece, str):
            made += piece.encode("latin-1")
        else:
            start, stop = piece
            if not 0 <= start < stop <= len(before):
                raise ValueError(f"a piece leads to {start}–{stop} of {len(before)} bytes")
            made += before[start:stop]
    return bytes(made)


def make_again(archive: Archive, db: Database, delta: StoredDelta) -> bytes:
    """Reconstruct a page that a visit log holds as a difference.

    Raises:
        ValueError: The base page is not in the index, or what is made isn't what came.
    """
    place = addresses.payload_like(db, delta.base)
    if place is None:
        raise ValueError("the base page of this delta is not in the index")
    page = apply_delta(read_record(archive, place.segment, place.offset).content, delta.pieces)
    if digest_of(page) != delta.digest:
        raise ValueError("what it gives has another digest")
    return page


def check_deltas(archive: Archive, db: Database) -> Iterator[Damage]:
    """Reconstruct every page that visit logs hold as a difference; a damage for each that can't be."""
    for run in runs.runs_with_visits(db):
        for line in scan.visit_lines(db, archive, run):
            if isinstance(line, VisitLine) and line.delta is not None:
                try:
                    make_again(archive, db, line.delta)
                except ValueError as error:
                    at = f"run {run}, {line.at}: a visit can't be made again: {error}"
                    yield Damage("record", at, url=line.url)
