"""JSON answers that carry an article → `Document`: shells of Shanghai districts, UCAP, Jiangxi, gkmlpt (field guide §4, §5, §8).

The article is the longest markup among the fields that those systems use for it; other fields give title, date and source.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, unquote_plus

from extract.document.clean import collapse, squeeze, without_tags
from extract.document.detect import JSON, decode_text
from extract.document.json_text import load_json
from extract.document.limits import check_size
from extract.errors import DocumentTooLarge, UnreadableDocument
from extract.lexicon.dates import from_epoch
from extract.lexicon.report_marks import count_markers
from extract.lexicon.titles import is_report_title, judge_title
from extract.model import Document, Limits, Line, Link
from extract.web.html import read_markup
from extract.web.links import absolute, is_file

_BODIES = (
    "infocontent",
    "contenthtml",
    "content",
    "body",
    "html",
    "doccontent",
    "doc_content",
    "detail",
    "text",
    "articlecontent",
    "zw",
)
_TITLES = ("articletitle", "title", "doctitle", "infotitle", "showtitle", "name")
_LONGEST_TITLE = 90
_DATES = (
    "publishedtimestr", "pubdate", "pubdatestr", "display_publish_time", "publishdate", "publishtime", "display_date", "infodate",
    "first_publish_time", "publishedtime", "createtime", "docreltime", "showdate", "date",
)  # fmt: skip
_SOURCES = ("dept", "publisher", "source", "contentsource", "docsource", "organname", "department", "laiyuan")
_INDEXES = ("identifier", "indexnumber", "index_number", "indexno", "syh")
_EMPTY = frozenset({"", "null", "undefined", "none"})
_MAX_NODES = 200_000
_MAX_LEVELS = 40
#: So many marks of the official forms make a field a report's; in fields of any name only where so much is written.
_REPORT = 4
_SHORTEST_REPORT = 400
_SHORTEST_JSON = 20
_MOST_ESCAPES = 3
_TAG = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9]{0,12}[\s/>]|!)")
_ESCAPED_TAG = re.compile(r"&(?:amp;)*(?:lt|#0*60|#[xX]0*3[cC]);/?[A-Za-z]", re.IGNORECASE)
#: Markup whose signs are written by their numbers: %u4E00, or as in a script's string (one that was escaped twice).
_IN_NUMBERS = re.compile(r"(?:%u|\\u)003[cC]")
_BY_NUMBER = re.compile(r"(?:%u|\\u)([0-9A-Fa-f]{4})|\\([nrt\"'/])")
_HAN_BY_NUMBER = re.compile(r"\\u[4-9][0-9A-Fa-f]{3}")
_MANY = 20
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]++={0,2}+\s*+")
_QUOTED_TAG = re.compile(r"%(?:25)*3C/?[A-Za-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Article:
    """A field that holds an article; `weight` is larger for more text, and for text with markup; `marks` are those of the official forms."""

    holder: dict[str, Any]
    key: str
    markup: str
    weight: float
    marks: int


def read(data: bytes, limits: Limits, url: str | None = None) -> Document:
    """Read a JSON answer.

    Raises:
        DocumentTooLarge: Too many bytes, values or levels of nesting.
        UnreadableDocument: Not JSON, or no field of it holds an article.
    """
    check_size(data, limits)
    try:
        answer = load_json(decode_text(data))
    except RecursionError as error:
        raise DocumentTooLarge("the JSON is nested too deeply") from error
    except ValueError as error:
        raise UnreadableDocument(f"the JSON is damaged ({error}); fetch it again") from error
    fields = list(_objects(answer))
    articles = [*_articles(fields)]
    chosen = _reports(articles)
    if len(chosen) < 2:
        return _read_one(fields, max(articles, key=lambda one: one.weight, default=None), limits, url)
    first, *others = (_read_one(_own_objects(fields, one, chosen), one, limits, url) for one in chosen)
    return replace(first, further=tuple(others))


def _reports(articles: list[_Article]) -> list[_Article]:
    """Articles that are reports, in the order of the answer; of several fields of one object the one that says most."""
    by_holder: dict[int, _Article] = {}
    for article in articles:
        known = by_holder.get(id(article.holder))
        if article.marks >= _REPORT and (known is None or article.weight > known.weight):
            by_holder[id(article.holder)] = article
    return list(by_holder.values())


def _own_objects(fields: list[dict[str, Any]], article: _Article, reports: list[_Article]) -> list[dict[str, Any]]:
    """The objects that hold one report of several, and no other."""
    others = [report.holder for report in reports if report is not article]
    return [
        field for field in fields if _holds(field, article.holder) and not any(_holds(field, other) for other in others)
    ]


def _read_one(fields: list[dict[str, Any]], article: _Article | None, limits: Limits, url: str | None) -> Document:
    """The document of one article, described by the objects around it; without an article that of its files.

    Raises:
        UnreadableDocument: There is neither.
    """
    key = article.key if article is not None else ""
    if article is None:
        # an article whose text is in its files: title, date and links are what there is
        near = [candidate for candidate in fields if _first([candidate], _TITLES, is_date=False) is not None]
        if not near or not any(_files(near, url)):
            raise UnreadableDocument("the JSON answer holds no article (no field such as content, body, infocontent)")
        inner = Document(JSON, ())
    else:
        holder = article.holder
        near = [holder, *(candidate for candidate in fields if candidate is not holder and _holds(candidate, holder))]
        inner = read_markup(article.markup, limits, url=url, media_type=JSON, prefix=f"{key}: ", whole=True)
    metadata = {**inner.metadata}
    for name, keys in (
        ("ArticleTitle", _TITLES),
        ("PubDate", _DATES),
        ("ContentSource", _SOURCES),
        ("索引号", _INDEXES),
    ):
        value = _first(near, keys, is_date=name == "PubDate")
        if value is not None:
            metadata[name] = value
    for label, value in _named_values(near):
        metadata.setdefault(label, value)
    metadata |= _title_by_its_words(near, metadata.get("ArticleTitle", ""))
    titles = (metadata["ArticleTitle"],) if "ArticleTitle" in metadata else ()
    links = dict.fromkeys((*inner.links, *_files(near, url)))
    blocks = inner.blocks
    if not blocks and titles:
        blocks = (Line(titles[0], key or "title"),)
    return replace(
        inner,
        blocks=blocks,
        titles=(*titles, *inner.titles),
        metadata=metadata,
        links=tuple(links),
        container=f"${key}" if key else None,
    )


def _objects(answer: Any) -> Iterator[dict[str, Any]]:
    """Every object of the answer, outer ones first; JSON inside strings is opened too."""
    stack: list[tuple[Any, int]] = [(answer, 0)]
    seen = 0
    while stack:
        value, level = stack.pop()
        seen += 1
        if seen > _MAX_NODES or level > _MAX_LEVELS:
            raise DocumentTooLarge(f"the JSON answer has more than {_MAX_NODES} values or {_MAX_LEVELS} levels")
        if isinstance(value, dict):
            yield value
            stack.extend((child, level + 1) for child in reversed(list(value.values())))
        elif isinstance(value, list):
            stack.extend((child, level + 1) for child in reversed(value))
        elif isinstance(value, str) and _is_json(value):
            stack.append((json.loads(value), level + 1))


@lru_cache(maxsize=16)
def _is_json(value: str) -> bool:
    """Whether a string holds an answer of its own."""
    if value[:1] not in "{[" or value[-1:] not in "}]" or len(value) <= _SHORTEST_JSON:
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _articles(fields: list[dict[str, Any]]) -> Iterator[_Article]:
    """Fields that hold an article: named so, or whatever their name markup with the marks of a report."""
    for candidate in fields:
        for key, value in candidate.items():
            if not isinstance(value, str) or not value.strip() or _is_json(value):
                continue
            is_named = key.lower() in _BODIES
            if not is_named and len(value) < _SHORTEST_REPORT:
                continue
            markup = _unescaped(value)
            text = "".join(without_tags(markup, "").split())
            marks = count_markers(text)
            if is_named or ("<" in markup and marks >= _REPORT):
                yield _Article(candidate, key, markup, len(text) * (1.0 if "<" in markup else 0.5), marks)


def _unescaped(text: str) -> str:
    """Markup that was escaped, once or several times, as it was before."""
    for _ in range(_MOST_ESCAPES):
        if _TAG.search(text):
            plain = text.replace("<\\/", "</")
            return _BY_NUMBER.sub(_sign, plain) if len(_HAN_BY_NUMBER.findall(plain)) >= _MANY else plain
        if _ESCAPED_TAG.search(text):
            text = html.unescape(text)
        elif _QUOTED_TAG.search(text):
            text = unquote(text) if " " in text else unquote_plus(text)
        elif _IN_NUMBERS.search(text):
            text = _BY_NUMBER.sub(_sign, text)
        elif (decoded := _from_base64(text)) is not None:
            text = decoded
        else:
            return text
    return text


def _sign(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else {"n": "\n", "r": "\r", "t": "\t"}.get(found[2], found[2])


def _from_base64(text: str) -> str | None:
    """The markup that a field holds in base64, if it does."""
    if len(text) < _SHORTEST_REPORT or _BASE64.fullmatch(text) is None:
        return None
    try:
        plain = decode_text(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return None
    return plain if _TAG.search(plain) else None


def _holds(outer: Any, inner: dict[str, Any]) -> bool:
    if outer is inner:
        return True
    if isinstance(outer, dict):
        return any(_holds(child, inner) for child in outer.values() if isinstance(child, dict | list))
    if isinstance(outer, list):
        return any(_holds(child, inner) for child in outer)
    return False


def _first(objects: list[dict[str, Any]], keys: tuple[str, ...], *, is_date: bool) -> str | None:
    for key in keys:
        for candidate in objects:
            for name, value in candidate.items():
                if name.lower() != key or isinstance(value, bool):
                    continue
                if is_date and isinstance(value, int) and value > 100_000_000:
                    return from_epoch(value).isoformat()
                if isinstance(value, str):
                    text = collapse(without_tags(value, ""))
                    if text.lower() not in _EMPTY:
                        return text
    return None


def _title_by_its_words(objects: list[dict[str, Any]], known: str) -> dict[str, str]:
    """The title of a report in a field of any name, where the usual ones hold none."""
    if is_report_title(squeeze(known)):
        return {}
    for candidate in objects:
        for value in candidate.values():
            if isinstance(value, str) and len(value) <= _LONGEST_TITLE:
                text = collapse(without_tags(value, ""))
                if is_report_title(squeeze(text)) and judge_title(text).year is not None:
                    return {"ArticleTitle": text}
    return {}


def _named_values(objects: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """UCAP's `{"name": "索引号", "value": "…"}` pairs."""
    for holder in objects:
        for candidate in _objects(holder):
            name, value = candidate.get("name"), candidate.get("value")
            if (
                isinstance(name, str)
                and isinstance(value, str)
                and value.strip().lower() not in _EMPTY
                and len(name) <= 12
            ):
                yield collapse(name), collapse(value)


def _files(objects: list[dict[str, Any]], base: str | None) -> Iterator[Link]:
    for holder in objects:
        for candidate in _objects(holder):
            address = next(
                (
                    v
                    for k, v in candidate.items()
                    if k.lower() in ("attachurl", "url", "fileurl", "path") and isinstance(v, str)
                ),
                None,
            )
            label = next(
                (
                    v
                    for k, v in candidate.items()
                    if k.lower() in ("attachname", "name", "filename", "title") and isinstance(v, str)
                ),
                "",
            )
            if address and is_file(address):
                url = absolute(address, base)
                if url is not None:
                    yield Link(url, collapse(label), is_attachment=True)
