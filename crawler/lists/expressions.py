"""Expressions of a described list, asked of one answer: JMESPath in JSON, CSS in HTML and XML, XPath after `xpath:`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import chompjs
import cssselect
import jmespath
from jmespath.exceptions import JMESPathError
from lxml import etree
from parsel import Selector

from archive.clock import SHANGHAI
from crawler.lists.row_dates import iso_date
from crawler.lists.values import day_of_epoch, text_value
from crawler.pages import markup
from extract.document.notations import parse_json
from extract.lexicon.dates import YEAR
from extract.messages import localizable

ANSWERS = ("html", "json", "jsonp", "xml", "script")
OBJECTS = ("json", "jsonp", "script")
_XPATH = "xpath:"
_VALUE = re.compile(
    r"::(?:text|attr\([\w:-]+\))\s*\Z|\Axpath:.*(?:@[\w:-]+|text\(\)|string\(.*\)|substring[\w-]*\(.*\)|\bnormalize-space\(.*\)|\bcount\(.*\))\s*\Z"
)
HOLE = re.compile(r"\{([A-Za-z_][\w.]*)\}")
_MOST_ANSWER = 8 << 20


class NotUnderstood(Exception):
    """Raised when an answer is not what a description says, by `open_answer` and `fill`; the text says what is amiss."""


def problem_of(expression: str, answer: str) -> str:
    """Why an expression can't be used; empty if it can."""
    try:
        if answer in OBJECTS:
            jmespath.compile(expression or "@")
        elif expression.startswith(_XPATH):
            etree.XPath(expression.removeprefix(_XPATH))
        else:
            Selector(text="<a></a>").css(expression)
    except (JMESPathError, etree.XPathError, cssselect.SelectorError, ValueError) as error:
        kind = "JMESPath" if answer in OBJECTS else "XPath" if expression.startswith(_XPATH) else "CSS"
        return localizable(f"{expression!r} is no {kind} expression: {error}")
    return ""


def holes_in(template: str) -> tuple[str, ...]:
    """The names of a template's holes: `{page}`. Braces of JSON are none."""
    return tuple(HOLE.findall(template))


def fill(template: str, value_of: Callable[[str], str]) -> str:
    """A template with its holes filled.

    Args:
        value_of: Gives the text for a name.

    Raises:
        NotUnderstood: If nothing fills a hole.
    """

    def one(found: re.Match[str]) -> str:
        value = value_of(found.group(1))
        if not value:
            raise NotUnderstood(localizable(f"nothing fills {{{found.group(1)}}} in {template!r}"))
        return value

    return HOLE.sub(one, template)


class OpenAnswer:
    """One answer of a list, or one of its rows."""

    def __init__(self, inside: Any, *, is_object: bool) -> None:
        self._inside = inside
        self._is_object = is_object

    def many(self, expression: str) -> list[OpenAnswer]:
        """The things that an expression names."""
        if self._is_object:
            found = jmespath.search(expression or "@", self._inside)
            items = found if isinstance(found, list) else list(found.values()) if isinstance(found, dict) else []
            return [OpenAnswer(item, is_object=True) for item in items]
        return [OpenAnswer(item, is_object=False) for item in self._select(expression)]

    def texts(self, expression: str) -> list[str]:
        """All texts that an expression names."""
        if self._is_object:
            found = jmespath.search(expression or "@", self._inside)
            return [text_value(item) for item in (found if isinstance(found, list) else [found]) if item is not None]
        return [self._text(item, expression) for item in self._select(expression)]

    def text(self, expression: str) -> str:
        """The first text that an expression names, without tags; empty if there is none."""
        return next((text for text in self.texts(expression) if text), "")

    def hidden_fields(self, expression: str) -> list[tuple[str, str]]:
        """The hidden fields of the form that an expression names.

        Raises:
            NotUnderstood: If there is no such form.
        """
        form = next(iter(self._select(expression)), None) if not self._is_object else None
        if form is None:
            raise NotUnderstood(localizable(f"the form {expression!r} is not in the page"))
        fields = form.css("input[type=hidden]")
        return [(one.attrib["name"], one.attrib.get("value", "")) for one in fields if one.attrib.get("name")]

    def _select(self, expression: str) -> list[Selector]:
        if expression.startswith(_XPATH):
            return list(self._inside.xpath(expression.removeprefix(_XPATH)))
        return list(self._inside.css(expression))

    def _text(self, item: Selector, expression: str) -> str:
        if _VALUE.search(expression) or not isinstance(item.root, etree._Element):
            return text_value(str(item.get() or ""))
        return markup.collapse(str(item.xpath("string(.)").get() or ""))


def open_answer(text: str, kind: str, after: str = "") -> OpenAnswer:
    """Make an answer ready for expressions.

    Args:
        kind: One of `ANSWERS`.
        after: Words after which a script's literal stands.

    Raises:
        NotUnderstood: If it is none of that kind.
    """
    if len(text) > _MOST_ANSWER:
        raise NotUnderstood(localizable(f"the answer has more than {_MOST_ANSWER} characters"))
    if after:
        _, found, text = text.partition(after)
        if not found:
            raise NotUnderstood(localizable(f"{after!r} is not in the page"))
    if kind not in OBJECTS:
        root = text.removeprefix("\ufeff").strip()
        if not root.startswith("<"):
            raise NotUnderstood(localizable("the answer is no markup"))
        return OpenAnswer(Selector(text=root, type="xml" if kind == "xml" else "html"), is_object=False)
    try:
        value = parse_json(text.lstrip("\ufeff")) if kind == "json" else literal_of(text)
    except ValueError as error:
        raise NotUnderstood(
            localizable(f"the answer is no {'JSON' if kind == 'json' else 'literal'}: {str(error)[:80]}")
        ) from None
    if not isinstance(value, dict | list):
        raise NotUnderstood(localizable("the answer is neither an object nor an array"))
    return OpenAnswer(value, is_object=True)


def literal_of(text: str) -> Any:
    """The first object or array in a script; what stands in the brackets of a JSONP call.

    Raises:
        ValueError: If there is none.
    """
    places = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    if not places:
        raise ValueError("there is no object in it")
    return chompjs.parse_js_object(text[min(places) :])


def day_of(text: str, formats: tuple[str, ...]) -> str | None:
    """An ISO date: by the formats given, as an epoch, or as dates are printed."""
    for form in formats:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=SHANGHAI).date().isoformat()
        except ValueError:
            continue
    if re.fullmatch(r"\d{10}|\d{13}", text.strip()):
        return day_of_epoch(text.strip())
    compact = re.fullmatch(rf"({YEAR})([01]\d)([0-3]\d)(?:\d{{6}})?", text.strip())
    return iso_date("-".join(compact.groups())) if compact else iso_date(text)


def number_in(text: str) -> int | None:
    """The first number in a text; commas between its digits don't count."""
    found = re.search(r"\d[\d,]{0,11}", text)
    return int(found.group(0).replace(",", "")) if found else None
