"""Putting the pieces of a cell together, one policy for all carriers."""

from __future__ import annotations

from collections.abc import Iterable

FIGURE_CHARACTERS = frozenset("0123456789０１２３４５６７８９.,，．-－−+＋%")


def join_pieces(pieces: Iterable[str]) -> str:
    """Join the paragraphs or lines of a cell: labels without a blank, figures with one.

    A label that the author broke over paragraphs is one label. Two figures one under the other are two figures, and
    nobody may read 1 and 0 as 10; the blank between them makes the cell unreadable as a number rather than wrong.
    """
    text = ""
    for piece in pieces:
        clean = " ".join(piece.split())
        if not clean:
            continue
        if (text and text[-1] in FIGURE_CHARACTERS and clean[0] in FIGURE_CHARACTERS) or (
            text[-1:].isascii() and text[-1:].isalpha() and clean[0].isascii() and clean[0].isalpha()
        ):
            text += " "
        text += clean
    return text
