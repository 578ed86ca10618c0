"""Tags and elements of a page's text by one scan forward: what is never closed costs one look at the rest, not one for each opening.

For the few things that are wanted before a tree is worth its price. A tag is what stands between `<name` and the next `>`, as in the
patterns that this replaces; on a page of many openings without an end those took the square of its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag: its name in lower case, what stands between name and `>`, and its place in the text."""

    name: str
    attributes: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """An element up to its first closing tag: the opening one, what stands between both, and where it ends."""

    tag: Tag
    content: str
    end: int

    @property
    def start(self) -> int:
        """Where its opening tag begins."""
        return self.tag.start


def tags(text: str, *names: str, start: int = 0) -> Iterator[Tag]:
    """Every opening tag of these names, in order."""
    opening = _opening(names)
    position = start
    while (found := opening.search(text, position)) is not None:
        close = text.find(">", found.end())
        if close < 0:
            return
        yield Tag(found.group(1).lower(), text[found.end() : close], found.start(), close + 1)
        position = close + 1


def elements(text: str, *names: str, to_end: bool = False) -> Iterator[Span]:
    """Every element of these names up to its first closing tag, in order; what stands inside one is not looked at.

    Args:
        to_end: Whether one that is never closed goes on to the text's end, as browsers have it of scripts; else it is left out.
    """
    closed: dict[str, bool] = {}
    position = 0
    while True:
        tag = next((tag for tag in tags(text, *names, start=position) if closed.get(tag.name, True)), None)
        if tag is None:
            return
        end = _closing(tag.name).search(text, tag.end)
        if end is None and to_end:
            yield Span(tag, text[tag.end :], len(text))
            return
        if end is None:
            closed[tag.name] = False
            position = tag.end
            continue
        yield Span(tag, text[tag.end : end.start()], end.end())
        position = end.end()


def without(text: str, *names: str, to_end: bool = False) -> str:
    """The text with a blank in place of every element of these names; `to_end` as for `elements`."""
    parts, position = [], 0
    for span in elements(text, *names, to_end=to_end):
        parts += [text[position : span.start], " "]
        position = span.end
    return "".join([*parts, text[position:]])


def without_comments(text: str) -> str:
    """The text with a blank in place of every comment; one that is never closed stays."""
    return _replaced(text, "<!--", "-->")


def _replaced(text: str, opening: str, closing: str) -> str:
    parts, position = [], 0
    while (start := text.find(opening, position)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        parts += [text[position:start], " "]
        position = end + len(closing)
    return "".join([*parts, text[position:]])


@lru_cache(maxsize=64)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"<({'|'.join(names)})\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def _closing(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}(?=[\s/>]|\Z)\s*+>?", re.IGNORECASE)
