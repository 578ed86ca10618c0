"""What a page's style sheets write beside a list: counts and words in `content`, with the attributes and counters that stand in it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.vocabulary import label_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.pages.markup import Element

_MOST_STYLES, _MOST_RULES, _MOST_ELEMENTS = 20, 2_000, 5_000
_MOST_SHEET, _MOST_SAID = 200_000, 80
_CONTENT = re.compile(r"(?<![\w-])content\s{0,3}:\s{0,3}([^;{}]{1,200})", re.IGNORECASE)
_PART = re.compile(
    r"\"([^\"\n]{0,120})\"|'([^'\n]{0,120})'|attr\(\s{0,3}([\w-]{1,40})[^)]{0,20}\)|counter\(\s{0,3}([\w-]{1,40})[^)]{0,20}\)",
    re.IGNORECASE,
)
_RESET = re.compile(r"counter-(?:reset|set)\s{0,3}:\s{0,3}([\w-]{1,40})\s{1,3}(\d{1,6})", re.IGNORECASE)
_COUNTED = re.compile(r"counter-increment\s{0,3}:\s{0,3}([\w-]{1,40})", re.IGNORECASE)


def styled_words(root: Element) -> Iterator[str]:
    """The words that style sheets of the page itself put into it, each as one text in the form of `label_of`."""
    sheets = [style.text[:_MOST_SHEET] for style in islice(root.iter("style"), _MOST_STYLES) if style.text]
    if not sheets:
        return
    source = "\n".join(sheets)
    counters = _counters(source, root)
    for found in islice(_CONTENT.finditer(source), _MOST_RULES):
        said = "".join(_said(part, root, counters) for part in _PART.finditer(found.group(1)))
        label = label_of(said) if len(said) <= 2 * _MOST_SAID else ""
        if label:
            yield label


def _counters(source: str, root: Element) -> dict[str, str]:
    """Counters that are set to a number and never counted up: those number nothing, they state."""
    written = (one.get("style") or "" for one in islice(root.iter(), _MOST_ELEMENTS) if isinstance(one.tag, str))
    counted = set(_COUNTED.findall(source))
    return {name: value for name, value in _RESET.findall("\n".join((source, *written))) if name not in counted}


def _said(part: re.Match[str], root: Element, counters: dict[str, str]) -> str:
    quoted, single, attribute, counter = part.groups()
    if attribute is not None:
        values = (one.get(attribute.lower()) for one in islice(root.iter(), _MOST_ELEMENTS) if isinstance(one.tag, str))
        return next((value for value in values if value), "")[:_MOST_SAID]
    return counters.get(counter, "") if counter is not None else quoted or single or ""
