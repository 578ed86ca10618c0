"""A column that is no page but XML: a feed, or the data that a script draws. Its records are recognised by what they hold."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from archive.clock import parse_http_date
from archive.index.codes import ProofKind
from archive.warc.context import Entry
from crawler.lists.expressions import day_of
from crawler.lists.reader import ListReading, short_of
from crawler.lists.vocabulary import key_of, vocabulary
from crawler.pages.markup import collapse
from extract.document.numerals import whole_number
from extract.lexicon.addresses import join, names_image
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

_MOST_ELEMENTS, _MOST_PARTS = 50_000, 40
_TITLE = 160


def is_xml(text: str) -> bool:
    """Whether an answer is XML that is no page."""
    head = text.lstrip("\ufeff \t\r\n")[:400].lower()
    is_data = head.startswith(("<?xml", "<rss", "<feed"))
    return is_data and "<html" not in head and "<!doctype html" not in head


def read_xml(text: str, base: str) -> ListReading | None:
    """The records of an answer that name reports; whole only if the answer counts as many. `None` if it has none.

    Args:
        text: The answer.
        base: Its address.
    """
    # The text was decoded already, whatever it says of its coding.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8")
    root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), parser)
    if root is None:
        return None
    found: dict[str, dict[str, Entry]] = defaultdict(dict)
    for element in islice(root.iter(), _MOST_ELEMENTS):
        row = _record(element, base) if isinstance(element.tag, str) else None
        if row is not None:
            found[str(element.tag)].setdefault(row.url, row)
    if not found:
        return None
    rows = tuple(max(found.values(), key=len).values())
    total = next(_totals(root), None)
    if total is None:
        said = localizable("it is data without a count of its rows, and may be the newest of them")
        return ListReading(rows=rows, problem=said, quote=collapse(text[:90]))
    return ListReading(
        rows=rows, problem=short_of(total, len(rows)), proof=ProofKind.TOTAL, quote=str(total), end="one page"
    )


def _record(element: Element, base: str) -> Entry | None:
    """The row that an element is: its parts are a report's title and an address."""
    parts = list(_parts(element))
    titles = [said for _, said in parts if len(said) <= _TITLE and judge_title(said).judgement is Judgement.ACCEPT]
    links = [url for name, said in parts if (url := _address(name, said, base)) is not None]
    if not titles or not links:
        return None
    date = next((day for _, said in parts if said not in titles and (day := _day(said)) is not None), None)
    return Entry(url=links[0], title=max(titles, key=len), date=date)


def _parts(element: Element) -> Iterator[tuple[str, str]]:
    """What an element holds, one level deep: attributes, and texts of its children with their attributes."""
    yield from ((str(name), collapse(str(value))) for name, value in element.attrib.items())
    for child in islice(element, _MOST_PARTS):
        if isinstance(child.tag, str) and not len(child):
            name = _local_name(child.tag)
            yield name, collapse(child.text or "")
            yield from ((f"{name} {key}", collapse(str(value))) for key, value in child.attrib.items())


def _local_name(tag: str) -> str:
    """A tag without its name space, or without a prefix that nothing declares."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def _address(name: str, said: str, base: str) -> str | None:
    is_address = 0 < len(said) <= 500 and " " not in said and ("/" in said or "." in said)
    is_named = any(word in name.lower() for word in ("url", "link", "href", "guid"))
    url = join(base, said) if is_address and (is_named or "/" in said) else None
    return url if url is not None and not names_image(url) and not url.startswith(("http://www.w3.org/",)) else None


def _day(said: str) -> str | None:
    if not 6 <= len(said) <= 40:
        return None
    day = day_of(said, ())
    if day is not None:
        return day
    try:
        return parse_http_date(said).date().isoformat()
    except ValueError:
        return None


def _totals(root: Element) -> Iterator[int]:
    """Counts of rows that the data give."""
    keys = vocabulary().keys.total
    for element in islice(root.iter(), _MOST_ELEMENTS):
        if isinstance(element.tag, str):
            pairs = [(_local_name(element.tag), element.text or ""), *element.attrib.items()]
            numbers = (whole_number(str(value)) for name, value in pairs if key_of(str(name)) in keys)
            yield from (number for number in numbers if number)
