"""Guangdong's 政府信息公开目录平台 (gkmlpt): categories in a script's TREE, rows from `api/all/<category>`.

field guide §4. `page=0` and `page=1` are the same page, `post_count` may exceed what the service ever gives, `page=2` is a 404 in at
least one city, and `url` and `post_url` are two addresses of one report.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from archive.warc.context import Entry
from crawler.families.family import Family, Sign
from crawler.lists.reader import ListReading, SeenRows, SubList, is_answer, text_of_page
from crawler.lists.values import day_of_epoch, day_of_text, text_value, whole_number
from crawler.pages.exchange import NextRequest, PageBytes
from extract.document.notations import parse_json
from extract.document.numerals import is_whole
from extract.lexicon.addresses import join, same_host
from extract.lexicon.titles import label_rank
from extract.model import Link

_SID = re.compile(r"\bSID\s*:\s*['\"]?([\w-]+)")
_TREE = re.compile(r"['\"]?\bTREE['\"]?\s*:\s*(?=\[)")
_FULL_PAGE = 100


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the TREE."""

    id: str
    name: str
    post_count: int
    jump_url: str
    children: tuple[Category, ...]


def read_tree(text: str) -> tuple[Category, ...]:
    """The TREE of a page, a JSON array inside a JavaScript object; empty if there is none."""
    found = _TREE.search(text)
    if found is None:
        return ()
    try:
        nodes, _ = json.JSONDecoder().raw_decode(text, found.end())
    except ValueError:
        return ()
    return tuple(_category(node) for node in nodes if isinstance(node, dict)) if isinstance(nodes, list) else ()


def _category(node: dict[str, Any]) -> Category:
    children = node.get("children")
    return Category(
        id=text_value(node.get("id")),
        name=text_value(node.get("name")),
        post_count=whole_number(node.get("post_count")) or 0,
        jump_url=text_value(node.get("jump_url")),
        children=tuple(_category(child) for child in children if isinstance(child, dict))
        if isinstance(children, list)
        else (),
    )


def report_categories(tree: tuple[Category, ...]) -> list[Category]:
    """The nodes that hold annual reports, by name, with all nodes below them (years, units)."""
    found: list[Category] = []

    def visit(node: Category, inside: bool) -> None:
        inside = inside or label_rank(node.name) is not None
        if inside:
            found.append(node)
        for child in node.children:
            visit(child, inside)

    for node in tree:
        visit(node, False)
    return found


def site_base(url: str) -> str:
    """The host and unit path in front of `/gkmlpt/`: each department and town has its own."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.partition("/gkmlpt")[0], "", ""))


class GkmlptReader:
    """Reads the report categories of one unit's platform."""

    family = "gkmlpt"

    def __init__(self, column_url: str) -> None:
        self._category = urlsplit(column_url).fragment.strip("/")
        self._column: PageBytes | None = None
        self._sid = ""
        self._base = ""
        self._lists: dict[str, tuple[str, int, SeenRows]] = {}
        self._announced: dict[str, int] = {}

    def read(self, page: PageBytes) -> ListReading:
        """Take the platform's page first, then the service's answers."""
        return self._read_platform(page) if self._column is None else self._read_rows(page)

    def _read_platform(self, page: PageBytes) -> ListReading:
        self._column = page
        text = text_of_page(page)
        sid = _SID.search(text)
        self._base = site_base(page.url)
        if sid is None:
            return ListReading(problem="the page names no SID in window._CONFIG")
        self._sid = sid.group(1)
        tree = read_tree(text)
        categories = report_categories(tree)
        lists, ids, problems = [], [], []
        for category in categories:
            target = join(page.url, category.jump_url) if category.jump_url else None
            if target is not None:
                if same_host(target, page.url):
                    lists.append(SubList(target, category.name))
                else:
                    problems.append(f"category {category.name!r} leads to another host and was not followed: {target}")
            elif category.id:
                ids.append(category.id)
        if is_whole(self._category):
            ids.append(self._category)
        if not ids and not lists:
            problems.append(
                "TREE has no category of annual reports" if tree else "the page holds no TREE that can be read"
            )
        requests = tuple(self._request(category, 1, SeenRows()) for category in dict.fromkeys(ids))
        return ListReading(next=requests, lists=tuple(lists), problem="; ".join(problems))

    def _request(self, category: str, number: int, seen: SeenRows) -> NextRequest:
        url = f"{self._base}/gkmlpt/api/all/{category}?page={number}&sid={self._sid}"
        referer = (("Referer", self._column.url),) if self._column else ()
        self._lists[url] = (category, number, seen)
        return NextRequest(url, headers=(("X-Requested-With", "XMLHttpRequest"), *referer))

    def _read_rows(self, page: PageBytes) -> ListReading:
        category, number, seen = self._lists.pop(page.request.url, ("", 0, SeenRows()))
        answer = _answer(page)
        if answer is None:
            return _without_rows(page.status, category, number, seen.count, self._announced.get(category, 0))
        announced = _announced(answer)
        self._announced[category] = announced or 0
        rows, files = [], []
        for article in answer["articles"]:
            entry = self._entry(article) if isinstance(article, dict) else None
            if entry is not None:
                rows.append(entry)
                files += [(entry.url, link) for link in attachments_of(article.get("attachment"), entry.url)]
        fresh = seen.add(tuple(rows))
        if fresh and ((announced or 0) > seen.count or len(rows) >= _FULL_PAGE):
            return ListReading(tuple(rows), (self._request(category, number + 1, seen),), attachments=tuple(files))
        problem, end = _end_of(category, announced, seen.count, is_empty_page=not rows)
        return ListReading(tuple(rows), problem=problem, end=end, attachments=tuple(files))

    def _entry(self, article: dict[str, Any]) -> Entry | None:
        base = self._column.url if self._column else self._base
        url = join(base, text_value(article.get("url"))) or join(base, text_value(article.get("post_url")))
        if url is None:
            return None
        parts, column = urlsplit(url), urlsplit(base)
        if parts.netloc == column.netloc and parts.scheme != column.scheme:
            # These hosts answer well on one scheme and badly on the other: keep to the one that answered.
            url = urlunsplit(parts._replace(scheme=column.scheme))
        shown = (article.get("display_publish_time"), article.get("first_publish_time"), article.get("create_time"))
        day = next((day for day in map(day_of_epoch, shown) if day), None) or day_of_text(article.get("created_at"))
        return Entry(
            url=url,
            title=text_value(article.get("title")),
            date=day,
            agency=text_value(article.get("publisher")) or None,
        )


def _answer(page: PageBytes) -> dict[str, Any] | None:
    if not is_answer(page):
        return None
    try:
        answer = parse_json(text_of_page(page))
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and isinstance(answer.get("articles"), list) else None


def _announced(answer: dict[str, Any]) -> int | None:
    """The rows that an answer counts, by whichever of its two counts is greater."""
    classify = answer.get("classify")
    posts = classify.get("post_count") if isinstance(classify, dict) else None
    counts = [whole_number(count) for count in (answer.get("total"), posts)]
    return max((count for count in counts if count is not None), default=None)


def _without_rows(status: int, category: str, number: int, count: int, announced: int) -> ListReading:
    """What an answer without rows says of a category that gave `count` rows so far and counts `announced`."""
    if number <= 1:
        return ListReading(problem=f"category {category}, page {number} answered {status} without rows")
    if status == 404 and count < announced <= _FULL_PAGE:
        # The first page has room for all: what it lacks is never given, and some cities answer 404 to any second page (§4.2).
        return ListReading(
            end=f"category {category}: {count} rows on the only page, though the site counts {announced}"
        )
    return ListReading(problem=f"category {category} gave {count} rows, then page {number} answered {status}")


def _end_of(category: str, announced: int | None, count: int, *, is_empty_page: bool) -> tuple[str, str]:
    """The problem and the end of a category behind which no further page is asked."""
    if announced is not None and announced > count:
        if count and is_empty_page:
            # An orderly empty page is the end: the count includes posts that the service never gives (field guide §4.2).
            return "", f"category {category}: {count} rows, then an empty page, though the site counts {announced}"
        problem = f"category {category} counts {announced} rows, the service gave {count}"
    else:
        problem = ""
    return problem, f"category {category}: {count} rows" if count else f"empty: category {category} has no rows"


def attachments_of(value: Any, base: str) -> list[Link]:
    """The files of a row: a list of objects, or the same as a JSON text."""
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError:
            return []
    found = []
    for item in value if isinstance(value, list) else []:
        url = join(base, text_value(item.get("url"))) if isinstance(item, dict) else None
        if url is not None:
            found.append(Link(url, text_value(item.get("name")), is_attachment=True))
    return found


def _open(text: str, page: PageBytes, column_url: str) -> GkmlptReader:
    is_column = column_url.partition("#")[0] == page.request.url.partition("#")[0]
    return GkmlptReader(column_url if is_column else page.request.url)


FAMILY = Family(
    "gkmlpt",
    _open,
    about="Guangdong 信息公开目录平台",
    lists="`api/all/<category>`",
    ends="all counted rows, or an orderly empty page; a 404 is incomplete",
    signs=(
        Sign(10, "address /gkmlpt/", r"/gkmlpt/(?:index|annualreport|policy|guide|content|api)", in_address=True),
        Sign(
            20,
            "window._CONFIG with SID and TREE",
            r"\A(?>[\s\S]*?_CONFIG\s*+=\s*+\{)(?=[\s\S]{0,20000}\bSID\s*:)(?=[\s\S]*\bTREE\s*:)",
        ),
    ),
)
