"""Controls that say themselves that they go on with a list, whatever the thing around them is called.

A slider's, a calendar's or a search's own controls are bound by its script and show pictures, days or words. A thing that is called 下一页 or
加载更多年报 and calls a function of the page is none of them, even inside something with the name of one.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from crawler.lists.vocabulary import label_of, vocabulary
from crawler.pages.markup import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.pages.markup import Element

_HANDLERS = ("on", "@", "v-on", "ng-click")
_CALL = re.compile(r"javascript:.{0,80}?\(", re.IGNORECASE | re.DOTALL)
_LABEL = 24
_INSIDE = 200
#: What sliders and calendars show.
_SHOWN = ("img", "picture", "video", "td", "canvas", "svg")


def calls_a_function(element: Element) -> bool:
    """Whether pressing an element calls a function that is written at it."""
    href = (element.get("href") or "").strip()
    is_call = _CALL.match(href) is not None and "void" not in href.lower()
    return is_call or any(name.startswith(_HANDLERS) and "(" in value for name, value in element.attrib.items())


def is_explicit(element: Element) -> bool:
    """Whether a control says that it goes on with a list, calls a function, and stands beside no pictures or days."""
    if not isinstance(element.tag, str) or not calls_a_function(element):
        return False
    around = [element, *islice(element.iterancestors(), 2)]
    if not _says_so(element, around):
        return False
    named = next((one for one in around if vocabulary().has_name("no_pager", one.get("class") or "")), element)
    return next(named.iter(*_SHOWN), None) is None


def _says_so(element: Element, around: Sequence[Element]) -> bool:
    """Whether a control's label goes on with a list, or is a number inside something that is called a pager."""
    said = text_of(element)
    label = label_of(said) if len(said) <= _LABEL else ""
    names = " ".join(f"{one.get('class') or ''} {one.get('id') or ''}" for one in around)
    is_number = re.fullmatch(r"[1-9]\d?", label) is not None and vocabulary().has_name("pager", names)
    return is_number or vocabulary().is_label("explicit", label)


def holds_explicit(element: Element) -> bool:
    """Whether such a control stands inside of an element."""
    return any(is_explicit(one) for one in islice(element.iter(), _INSIDE))
