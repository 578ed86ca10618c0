"""What scripts draw beside a list: components, places that they fill, parts that are loaded from elsewhere or as the page is scrolled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from crawler.lists.marks import Control, Mark, Scene, is_off, names_of, quote_of
from crawler.lists.vocabulary import vocabulary
from crawler.pages.markup import text_of
from extract.lexicon.addresses import canonical, is_file, join, names_image, same_host

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from crawler.pages.markup import Element

_WHOLE_PAGE = 5_000
_PLACES = frozenset({"div", "ul", "ol", "p", "span", "nav", "section", "article"})
#: Parts of a list: empty ones often only part its rows, so they count where a script names them.
_PARTS = frozenset({"li", "tr", "td", "tbody", "table", "dl", "dd", "dt"})
#: What the browser fetches for itself, and what is judged as a link.
_LOADS_ITSELF = frozenset({"img", "script", "link", "a", "area", "source", "video", "audio", "button", "option"})
_WRITTEN_ADDRESS = re.compile(r"\A(?:https?:)?/?/?[\w.~%-]*(?:/[\w.~%-]+|\?\w+=)", re.ASCII)
#: What style sheets and frameworks leave behind in attributes.
_NOTHING_TOLD = re.compile(r"data-(?:v-.*|reactid|spm.*|id)")
#: What a script does to an element without putting rows into it.
_WRITES_NO_ROWS = frozenset(
    [
        "text",
        "val",
        "show",
        "hide",
        "toggle",
        "fadeIn",
        "fadeOut",
        "css",
        "click",
        "addClass",
        "removeClass",
        "attr",
        "innerText",
        "textContent",
        "style",
        "className",
        "value",
        "remove",
    ]
)
_BRACES = re.compile(r"\{\{[^{}]{1,80}\}\}|\{%[^%]{1,80}%\}|<%[^%]{1,80}%>")
_REPEATED = re.compile(r"\s*(?:ko\s+(?:foreach|template|component)|ms-for|v-for|#each)\b")
_SIBLINGS = 200
_ENDLESS_IN = ("v-", "@", "on", "bind", "data-infinite")
_ENDLESS = re.compile(r"infinite|scroll(?:tolower)?\Z|(?:@|v-on:|bind)(?:load|reach|scroll)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """What a page's inline scripts say.

    Attributes:
        text: Of all of them.
        filled: Names of elements that they fill with what is known, and with nothing else.
    """

    text: str = ""
    filled: frozenset[str] = frozenset()


NOTHING_SAID = Said()


def drawn_places(scene: Scene) -> Iterator[Mark]:
    """Components, and empty places called pagers, on a page whose rows a script draws: what is beside them isn't known."""
    for element in islice(scene.root.iter(), _WHOLE_PAGE) if scene.has_scripts else ():
        if isinstance(element.tag, str) and not is_off(element) and drawn_by_script(element):
            around = (element, *islice(element.iterancestors(), 3))
            if not any(vocabulary().has_name("no_pager", names_of(one)) for one in around):
                yield Mark("place", quote_of(element))


def drawn_by_script(element: Element, said: Said = NOTHING_SAID) -> str:
    """What a script draws: `component` by its tag, `place` if it is empty and bears the name of a pager, or one that a script says.

    Args:
        said: What the page's inline scripts say.
    """
    words, tag = vocabulary(), str(element.tag)
    if "-" in tag and (words.has_name("pager", tag) or not words.has_name("elsewhere", tag)):
        return "component"
    if tag == "details":
        return "place" if not any(text_of(one) for one in element if one.tag != "summary") else ""
    return "place" if _is_empty_place(element, said) else ""


def _is_empty_place(element: Element, said: Said) -> bool:
    if len(element) or text_of(element):
        return False
    if element.tag in _PARTS:
        return _is_named_by(element, said)
    return element.tag in _PLACES and _is_filled(element, said)


def _is_filled(element: Element, said: Said) -> bool:
    """Whether something speaks for a script that fills an empty element: its name, what it tells the script, or the script itself."""
    words, names = vocabulary(), names_of(element)
    if words.has_name("pager", names) or words.has_name("drawn", names) or _is_named_by(element, said):
        return True
    return any(_is_told(name) for name in element.attrib)


def _is_named_by(element: Element, said: Said) -> bool:
    """Whether a script does something to an element that may put rows into it."""
    own = element.get("id") or ""
    if not own or own in said.filled:
        return False
    used = re.findall(rf"[\"'#]{re.escape(own)}[\"']\s{{0,2}}\)?\s{{0,2}}(?:\.\s{{0,2}}(\w+))?", said.text)
    return any(method not in _WRITES_NO_ROWS for method in used)


def _is_told(attribute: str) -> bool:
    """Whether an attribute tells a script something: `data-offset`, `hx-get`."""
    return attribute.startswith(("data-", "hx-")) and not _NOTHING_TOLD.fullmatch(attribute)


def unread_part(element: Element, scene: Scene) -> str:
    """A frame without an address, something that carries the address of another part, a bar that isn't full."""
    if element.tag in ("iframe", "frame"):
        source = (element.get("src") or "").strip().lower()
        return "place" if source in ("", "about:blank") or source.startswith("javascript:") else ""
    if element.tag in ("progress", "meter"):
        return "place" if element.get("max") != element.get("value") else ""
    is_place = _carries_address(element, scene) or _is_filled_by_framework(element) or _is_program(element)
    return "place" if is_place else ""


def _is_filled_by_framework(element: Element) -> bool:
    """Whether an attribute, or braces that nobody filled, say that a framework's script draws something here."""
    names = vocabulary().names["directive"]
    if any(names.search(name) for name in element.attrib) or "(" in (element.get("x-data") or ""):
        return True
    return _BRACES.search(element.text or "") is not None


def _is_program(element: Element) -> bool:
    """Whether an element is a program that can't be read: an applet, a control, a data island, a style with a behaviour."""
    if "behavior:url" in (element.get("style") or "").replace(" ", "").lower():
        return True
    is_seen = (element.get("width"), element.get("height")) not in (("0", "0"), ("1", "1"))
    return element.tag in ("applet", "xml") or (element.tag == "object" and bool(element.get("classid")) and is_seen)


def unfilled_marks(scene: Scene) -> Iterator[Mark]:
    """Comments in which a framework keeps what it repeats: `<!-- ko foreach: rest -->`."""
    for comment in islice(scene.root.iter(etree.Comment), _SIBLINGS):
        if _REPEATED.match(comment.text or ""):
            yield Mark("place", quote_of(comment))


def _carries_address(element: Element, scene: Scene) -> bool:
    """Whether an attribute gives a script the address of something else on this host: `data-next="/api/list?p=2"`."""
    if element.tag in _LOADS_ITSELF:
        return False
    for name, value in element.attrib.items():
        if name.startswith(("data-", "hx-")) and _WRITTEN_ADDRESS.match(value):
            url = join(scene.base, value)
            if url is not None and same_host(url, scene.url) and canonical(url) != canonical(scene.url):
                return not is_file(url) and not names_image(url)
    return False


def endless_marks(scene: Scene, elements: Iterable[Element], judged: Set[Element]) -> Iterator[Control]:
    """Attributes on the list, around it or beside it that load more as it scrolls.

    Args:
        judged: Elements of these that were looked at as parts already.
    """
    for element in elements:
        if not isinstance(element.tag, str) or element.tag in ("body", "html", "head", "script"):
            continue
        if any(_ENDLESS.search(name) for name in element.attrib if name.startswith(_ENDLESS_IN)):
            yield Control(Mark("component", quote_of(element)), element)
        elif element not in judged and _carries_address(element, scene):
            yield Control(Mark("place", quote_of(element)), element)
