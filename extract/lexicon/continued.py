"""Addresses at which an article goes on: page 2 of one text, by its own pager."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from extract.document.clean import squeeze
from extract.lexicon.addresses import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: An article of more pages is a list.
MOST_PAGES = 30
_PAGE_NAMED = re.compile(
    r"[\[【(（<《]*(?:第?\d{1,2}页?|下一?页|后一页|余下全文|尾页|末页|next|>+|»+|→)[\]】)）>》→]*", re.IGNORECASE
)
_STEM = re.compile(r"(.*?)(\.[A-Za-z]{2,6})?\Z", re.DOTALL)
_NUMBERED = re.compile(r"[_-](\d{1,2})\Z")


def names_page(text: str) -> bool:
    """Whether a link's text is that of a pager: 2, 下一页, 第2页, >."""
    return _PAGE_NAMED.fullmatch(squeeze(text)) is not None


def is_continuation(url: str, of: str) -> bool:
    """Whether an address is that of a further page of an article: its own with one small number more, behind the name or in the query."""
    page, own = parts_of(url), parts_of(of)
    if (page.scheme, page.netloc) != (own.scheme, own.netloc) or page.path == "":
        return False
    if page.path == own.path:
        return _is_numbered_query(page.query, own.query)
    if page.query != own.query:
        return False
    stem, ending = _parts(page.path)
    own_stem, own_ending = _parts(own.path)
    if own.path.endswith("/"):
        own_stem, own_ending = own.path + "index", ending
    number = _NUMBERED.search(stem)
    if number is None or ending != own_ending or int(number[1]) > MOST_PAGES:
        return False
    return stem[: number.start()] == own_stem


def _is_numbered_query(query: str, own: str) -> bool:
    more = [pair for pair in parse_qsl(query) if pair not in parse_qsl(own)]
    kept = all(pair in parse_qsl(query) for pair in parse_qsl(own))
    return kept and len(more) == 1 and more[0][1].isdecimal() and 0 < int(more[0][1][:4]) <= MOST_PAGES


def _parts(path: str) -> tuple[str, str]:
    found = _STEM.fullmatch(path)
    assert found is not None  # every text has a stem
    return found[1], found[2] or ""


def continuations(links: Iterable[tuple[str, str]], of: str) -> list[str]:
    """The further pages of an article among the links of its page (address, text), in order; the page itself left out."""
    found = (url.partition("#")[0] for url, text in links if names_page(text))
    return list(dict.fromkeys(url for url in found if url != of and is_continuation(url, of)))[:MOST_PAGES]
