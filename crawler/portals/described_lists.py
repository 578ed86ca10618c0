"""`[[list]]` tables of a portal's definition: lists that no family knows, described by their requests and by expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawler.lists.described import PAGE_HOLES, ListDescription
from crawler.lists.expressions import ANSWERS, OBJECTS, holes_in, problem_of
from crawler.portals.table import DefinitionError, DefinitionTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_METHODS = ("GET", "POST")
#: Whom the crawler says that it is, and for whom it asks, is not for a definition to say.
_FORBIDDEN_HEADERS = ("cookie", "authorization", "user-agent", "host")


def read_lists(data: Any, source: str) -> tuple[ListDescription, ...]:
    """Read all tables.

    Raises:
        DefinitionError: With file and key, for anything that is not understood.
    """
    if not isinstance(data, list):
        raise DefinitionError(f"{source}: list: write [[list]] with two brackets, once for each list")
    return tuple(_read(DefinitionTable(item, source, f"list[{number}]")) for number, item in enumerate(data, start=1))


def _read(table: DefinitionTable) -> ListDescription:
    answer = table.text("answer") or ("script" if table.has("script") else "html")
    if answer not in ANSWERS:
        raise table.error("answer", f"must be one of {', '.join(ANSWERS)}, not {answer!r}")
    page = DefinitionTable(table.mapping("page"), table.file, f"{table.name}.page")
    article = DefinitionTable(table.mapping("article"), table.file, f"{table.name}.article")
    found = ListDescription(
        column=table.text("column"),
        url=table.text("url"),
        more=table.text("more"),
        method=table.text("method").upper(),
        form=table.mapping("form"),
        json=table.mapping("json"),
        body=table.text("body"),
        headers={name: str(value) for name, value in table.mapping("headers").items()},
        first=page.number("first", range(-1, 1000), 1),
        step=page.number("step", range(1, 10_000), 1),
        size=table.number("size", range(1, 1001), 0),
        carry=table.text("carry"),
        answer=answer,
        script=table.text("script"),
        rows=table.text("rows", required=True),
        title=table.text("title", required=True),
        link=table.text("link", required=True),
        date=table.text("date"),
        agency=table.text("agency"),
        files=table.text("files"),
        dates=table.texts("dates"),
        total=table.text("total"),
        pages=table.text("pages"),
        next=table.text("next"),
        once=table.truth("once"),
        lists=table.texts("lists"),
        article=article.text("url"),
    )
    for part in (page, article, table):
        part.done()
    _check(found, table)
    return found


def _check(found: ListDescription, table: DefinitionTable) -> None:
    if found.method not in ("", *_METHODS):
        raise table.error("method", f"must be GET or POST, not {found.method!r}")
    if sum(bool(body) for body in (found.form, found.json, found.body)) > 1:
        raise table.error("form", "give only one of form, json and body")
    for name in found.headers:
        if name.lower() in _FORBIDDEN_HEADERS:
            raise table.error("headers", f"{name} is not for a definition to set")
    for key, template in _templates(found):
        for hole in holes_in(template):
            if hole not in PAGE_HOLES:
                raise table.error(key, f"nothing fills {{{hole}}}; holes are {', '.join(PAGE_HOLES)}")
            if hole in ("offset", "from", "to", "size") and not found.size:
                raise table.error(key, f"{{{hole}}} needs size, the number of rows a page")
    for key, expression in _expressions(found):
        problem = problem_of(expression, found.answer)
        if problem:
            raise table.error(key, problem)
    if not (found.is_paged or found.once or found.total or found.pages):
        raise table.error(
            "once", "nothing says how the list ends: give total, pages, next, more, {page} in a request, or once = true"
        )


def _templates(found: ListDescription) -> Iterator[tuple[str, str]]:
    yield from (("url", found.url), ("more", found.more), ("body", found.body))
    for key, values in (("form", found.form), ("json", found.json), ("headers", found.headers)):
        yield from ((key, text) for text in _texts(values))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)


def _expressions(found: ListDescription) -> Iterator[tuple[str, str]]:
    """Expressions by their keys; those in the holes of a template over the row included."""
    for key in ("rows", "title", "date", "agency", "files", "total", "pages", "next"):
        expression = getattr(found, key)
        if expression:
            yield key, expression
    for key, template in (("link", found.link), ("article.url", found.article)):
        holes = holes_in(template)
        yield from ((key, hole) for hole in holes if found.answer in OBJECTS)
        if template and not holes and key == "link":
            yield key, template
    yield from (("lists", expression) for expression in found.lists)


def as_table(found: ListDescription) -> Mapping[str, Any]:
    """The table as it may be written: the inverse of reading it."""
    plain = ListDescription(rows="", title="", link="")
    table: dict[str, Any] = {}
    for key in _ORDER:
        value = getattr(found, key)
        if value != getattr(plain, key):
            table[key] = list(value) if isinstance(value, tuple) else value
    page = {key: getattr(found, key) for key in ("first", "step") if getattr(found, key) != 1}
    if page:
        table["page"] = page
    if found.article:
        table["article"] = {"url": found.article}
    return table


_ORDER = (
    *("column", "url", "more", "method", "form", "json", "body", "headers", "size", "carry", "answer", "script"),
    *("rows", "title", "link", "date", "agency", "files", "dates", "total", "pages", "next", "once", "lists"),
)
