"""Counts of rows and pages: in the words of a page, and in the calls and variables of its scripts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree

from crawler.lists import pager
from crawler.lists.marks import Mark, Scene, is_short, names_of
from crawler.lists.vocabulary import key_of, vocabulary
from crawler.pages.markup import collapse, text_of
from crawler.pages.script import read_scripts
from crawler.pages.script_values import HOLE_BEGIN, Value, holes_of, shown, texts_of
from extract.document.numerals import is_whole
from extract.lexicon.dates import YEAR, han_number, years_in
from extract.lexicon.page_parts import NO_TEXT, SITE_TAGS
from extract.lexicon.titles import label_rank
from extract.messages import localizable

if TYPE_CHECKING:
    from crawler.pages.markup import Element
    from crawler.pages.script import Script, Use
    from crawler.pages.script_requests import ScriptCall

_N = r"(\d{1,6}|[一二两三四五六七八九十]{1,3})"
_UNIT = r"(?:条|篇|个|项|件|则|份|记录|信息|文章|数据|结果|行)"
_TOTALS = re.compile(
    rf"(?:总?共(?:有|计)?|总计有?|合计|一共有?|全部|查询到|找到|检索到|收录|收到|发布)(?:文章|信息|记录|数据|年报|年?度?报告)?\s*[:：]?\s*{_N}\s*{_UNIT}"
    rf"|(?:总记录数?|记录总?数|总条数|总数|信息总数|文章总数|条数|总计|合计|总共|共计)\s*[:：]\s*(\d{{1,6}})(?!\s*[页頁/]|\d)"
    r"|(\d{1,6})\s*(?:条|篇)\s*(?:记录|信息|数据|结果|文章)"
    r"|(?:of|total(?:\s*of)?)\s*[:：]?\s*(\d{1,6})\s*(?:entries|items|results|records|rows|reports|articles)"
    r"|\b(\d{1,6})\s*(?:entries|items|results|records|reports)\b"
    r"|\b(?:showing|displaying|shown)\s*:?\s*\d{1,6}\s*(?:of|/|out of)\s*(\d{1,6})\b"
    r"|\d\s*[-–~至到]\s*\d{1,5}\s*(?:条|项|篇|个)?\s*[,，/／、]?\s*(?:共|总共|of)\s*(\d{1,6})",
    re.IGNORECASE,
)
_PAGES = re.compile(
    rf"(?:总?共有?|总计有?|合计|分为?|一共有?|[/／])\s*[:：]?\s*{_N}\s*[页頁]"
    r"|(?:总页数|页数|总页码|[页頁][数數]总?计?)\s*[:：]?\s*(\d{1,4})(?!\s*[/／\d])"
    r"|(?:页次|页码|当前页?|第)\s*[:：]?\s*\d{1,4}\s*[页頁]?\s*[/／]\s*(?:共|总)?\s*(\d{1,4})"
    r"|(?:page|p\.)\s*\d{1,4}\s*(?:of|/)\s*(\d{1,4})|(\d{1,4})\s*pages\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    r"(?:(?:page|p\.?|第|[页頁]码?|[页頁]次)\s*[:：]?\s*)?(\d{1,3})\s*(?:[/／|]|of|之)\s*(\d{1,4})(?:\s*(?:[页頁]|pages?))?",
    re.IGNORECASE,
)
_FRACTION_TEXT = 14
_FRACTION_TAGS = ("div", "span", "p", "td", "li", "em", "b", "strong", "i", "font", "label", "a", "button", "cite")
#: Inside a pager a bare number with its unit counts, too; but not a size of pages, and not the page one is on.
_IN_PAGER = re.compile(rf"(?<![\d第到每])(?<!每页)(?<!每页 )(\d{{1,6}})\s*+(?:({_UNIT})|[页頁])(?!\s*+[/／])")
#: Words in which a number is none of rows: when a page was renewed, how often it was read.
_NO_COUNT = re.compile(r"(?:更新|发布|访问|浏览|点击|阅读|在线|今日|您是第).{0,20}")
#: What is not a list's own text: its rows, and what stands in every page of the site.
_FRAME = frozenset({*SITE_TAGS, "select", "option"})
#: The same in words without blanks, near the list only, where little else is counted.
_BESIDE_COUNT = re.compile(
    r"(?<![\d第每前近新.:：/-])(?<!每页)(?<!每页[:：])(?<!显示)(\d{1,5})(?:条|篇|份)(?!/?每|/页)|\d{1,5}[-–~至到]\d{1,5}条?[/／共,，]+(?:总数|共)?(\d{1,5})(?!\d)"
    r"|(?:总数|总量|总计|合计|总共|共计)[:：]?(\d{1,5})(?![\d/年页])"
)
_NO_NUMBER = re.compile(r"(?:共有?|共计|总计)(?:条|篇|份|页)")
_HEADED = re.compile(rf"(.{{3,40}}?)[(（\[](?!{YEAR}\D)(\d{{1,4}})[条篇份]?[)）\]]")
_MOST_BESIDE, _MOST_LABELLED = 600, 400
_NOT_SAID = frozenset({*NO_TEXT, "option"})
_MAX_COUNT = 200_000
_MAX_PAIRS = 5_000
_MAX_OPTIONS = 600
_MOST_FIELDS = 60
#: Fields that say what a service is to do.
_METHODS = frozenset({"action", "act", "method", "m", "do", "op", "cmd", "a", "func", "service", "type"})


def _number(text: str) -> int:
    return int(text) if text.isascii() else han_number(text.replace("两", "二"))


def text_marks(scene: Scene) -> Iterator[Mark]:
    """Counts in the words of a page, outside of its rows."""
    words = _NO_COUNT.sub(" ", _text_outside_rows(scene))
    for pattern, kind in ((_TOTALS, "total"), (_PAGES, "pages")):
        for found in pattern.finditer(words):
            number = _number(next(group for group in found.groups() if group))
            if 0 < number < _MAX_COUNT:
                yield Mark(kind, collapse(found.group(0)), number)
    for element in scene.root.iter(*_FRACTION_TAGS):
        yield from _fraction(element, scene)
        if vocabulary().has_name("pager", names_of(element)) and is_short(element) and element not in scene.rows:
            for found in _IN_PAGER.finditer(text_of(element)):
                kind = "total" if found.group(2) else "pages"
                yield Mark(kind, collapse(found.group(0)), int(found.group(1)))


def near_counts(scene: Scene, tops: Sequence[Element], rows: int) -> Iterator[Mark]:
    """Counts of more rows than are shown beside the list, in words, labels and pictures' texts; and counts that can't be read."""
    for top in tops:
        said = _all_words(top)
        yield from _counts_beside(said[:_MOST_BESIDE], rows)
        for element in islice(top.iter(), _MOST_LABELLED):
            for name in ("aria-label", "title", "alt"):
                yield from _counts_beside(re.sub(r"\s", "", str(element.get(name) or "")[:_MOST_BESIDE]), rows)
    for heading in scene.root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        found = _HEADED.fullmatch(re.sub(r"\s", "", text_of(heading)[:60]))
        if found is not None and label_rank(found.group(1)) is not None and rows < int(found.group(2)):
            yield Mark("total", found.group(0), int(found.group(2)))
        yield from _badge(heading, rows)


def _badge(heading: Element, rows: int) -> Iterator[Mark]:
    """The number that stands by itself in a heading of reports: `年报<sup>18</sup>`."""
    for child in heading:
        number = text_of(child) if isinstance(child.tag, str) else ""
        if is_whole(number) and rows < int(number) < _MAX_COUNT and not years_in(number):
            name = text_of(heading).replace(number, "").strip()
            if label_rank(name) is not None:
                yield Mark("total", text_of(heading), int(number))


def _all_words(element: Element) -> str:
    """The words in an element without white space; a picture says what stands for it."""
    parts: list[str] = []
    for step, one in islice(etree.iterwalk(element, events=("start", "end")), _MOST_LABELLED):
        is_read = isinstance(one.tag, str) and one.tag not in _NOT_SAID
        if step == "start" and is_read:
            parts += [one.text or "", (one.get("alt") or "") if one.tag == "img" else ""]
        elif step == "end" and one is not element:
            parts.append(one.tail or "")
    return re.sub(r"\s", "", "".join(parts))


def _counts_beside(said: str, rows: int) -> Iterator[Mark]:
    words = _NO_COUNT.sub(" ", said)
    for found in _BESIDE_COUNT.finditer(words):
        number = int(next(group for group in found.groups() if group))
        if rows < number < _MAX_COUNT and not years_in(str(number)):
            yield Mark("total", found.group(0), number)
    for found in _NO_NUMBER.finditer(words):
        yield Mark("promise", found.group(0))


def styled_marks(said: Iterable[str], rows: int) -> Iterator[Mark]:
    """Marks in the words that a style sheet writes."""
    words = vocabulary()
    for label in said:
        if any(words.is_label(kind, label) for kind in ("next", "last", "load")) or words.speaks_of("promise", label):
            yield Mark("promise", label)
        yield from _counts_beside(label, rows)
        for pattern, kind in ((_TOTALS, "total"), (_PAGES, "pages")):
            for found in pattern.finditer(label):
                yield Mark(kind, label, _number(next(group for group in found.groups() if group)))


def _fraction(element: Element, scene: Scene) -> Iterator[Mark]:
    """`1 / 2` alone in an element."""
    if element in scene.rows or len(list(islice(element.iter(), 8))) > 6:
        return
    text = text_of(element)
    found = _FRACTION.fullmatch(text) if len(text) <= _FRACTION_TEXT else None
    if found is None or not 1 <= int(found.group(1)) <= int(found.group(2)):
        return
    around = [element, *islice(element.iterancestors(), 3)]
    if not any(one.tag in _FRAME or vocabulary().has_name("no_pager", names_of(one)) for one in around):
        yield Mark("pages", text, int(found.group(2)))


def _text_outside_rows(scene: Scene) -> str:
    """The page's words without those of its rows and of its scripts."""
    parts: list[str] = []
    stack: list[tuple[Element, bool]] = [(scene.root, False)]
    while stack:
        element, is_tail = stack.pop()
        if is_tail:
            parts.append(element.tail or "")
            continue
        if not isinstance(element.tag, str) or element.tag in NO_TEXT or element.tag == "title":
            continue
        if element in scene.rows:
            continue
        parts.append(element.text or "")
        for child in reversed(element):
            stack.append((child, True))
            stack.append((child, False))
    return collapse(" ".join(parts))


@dataclass(frozen=True, slots=True)
class ScriptMarks:
    """What scripts say of further pages.

    Attributes:
        marks: Counts, and pagers that are drawn without counts.
        services: Requests for further rows, with a hole where the page goes.
    """

    marks: tuple[Mark, ...]
    services: tuple[ScriptCall, ...]


def script_marks(scripts: Sequence[Script], sources: Sequence[str], data: Sequence[str], rows: int) -> ScriptMarks:
    """Marks in the scripts of a page.

    Args:
        scripts: As read.
        sources: Their texts.
        data: Texts that hold data besides, those of the scripts included.
        rows: How many rows the page has: tells a count of rows from one of pages.
    """
    marks: dict[tuple[str, int | None], Mark] = {}
    services: list[ScriptCall] = []
    known = pager.script_pager("\n".join(sources))
    if known is not None:
        _note(marks, Mark("pages", _pager_call(sources), known.pages))
        if known.records:
            _note(marks, Mark("total", _pager_call(sources), known.records))
    for mark in (*told_counts("\n".join(data), rows), *told_flags("\n".join(data))):
        _note(marks, mark)
    for script in scripts:
        for use in script.uses:
            for mark in _marks_of_use(use, rows, is_known=known is not None):
                _note(marks, mark)
        for mark in _marks_of_constants(script.constants):
            _note(marks, mark)
        services += [call for call in script.calls if is_paged_service(call)]
    return ScriptMarks(tuple(marks.values()), tuple(services))


#: A value of an object, or what a component gets in an attribute: `"totalPages": 3`, `pagination: true`.
_PAIR = re.compile(r"([A-Za-z_]\w{1,24})[\"']?\s{0,2}:\s{0,2}[\"']?(\d{1,6}|true)(?![\w.])")
_NEAR, _BESIDE = 200, 8  # characters, and values with known names, between the values of one object


_ITEMS = "numberofitems"  # schema.org's count of an ItemList


def told_counts(source: str, rows: int) -> Iterator[Mark]:
    """Counts in data that a page brings along, of more than it shows: beside the number or the size of a page only."""
    keys = vocabulary().keys
    beside = keys.size | keys.page | keys.pages
    every = beside | keys.total | keys.either
    known = [one for one in _pairs(source) if one[1] in every]
    for number, (place, key, value) in enumerate(known):
        around = known[max(0, number - _BESIDE) : number + _BESIDE + 1]
        near = {other for at, other, _ in around if abs(at - place) <= _NEAR}
        if key != _ITEMS and not (near - {key}) & beside:
            continue
        if key in keys.pages and value > 1:
            yield Mark("pages", f"{key}: {value}", value)
        elif key in keys.total | keys.either and value > rows:
            yield Mark("total", f"{key}: {value}", value)


def scroll_marks(scripts: Sequence[Script], sources: Sequence[str], handler: str) -> Iterator[Mark]:
    """A mark where scrolling calls what the page doesn't define: it may load more.

    Args:
        handler: What the page itself does as it is loaded, scrolled, touched.
    """
    defined = {name for script in scripts for name in script.functions}
    unknown = _unknown_call(read_scripts([handler])[0], defined) if "(" in handler else ""
    if unknown:
        yield Mark("place", collapse(handler)[:80])
    for script, source in zip(scripts, sources, strict=False):
        unknown = _unknown_call(script, defined)
        if unknown and vocabulary().script["scroll"].search(source):
            yield Mark("place", localizable(f"a script calls {unknown}() as the page is scrolled"))


def _unknown_call(script: Script, defined: Set[str]) -> str:
    """A function that a script calls and the page doesn't define; empty if there is none."""
    words = vocabulary()
    is_known = (words.script["builtin"].search, words.names["no_pager"].search, words.script["plugins"].search)
    names = (name for name in _plain_calls(script) if name not in defined)
    return next((name for name in names if not any(known(name) for known in is_known)), "")


def _plain_calls(script: Script) -> Iterator[str]:
    """Functions that a script calls by their bare names, those left out that its callers give it."""
    for use in script.uses:
        if not use.is_made and use.name not in script.parameters and re.fullmatch(r"[A-Za-z_$][\w$]*", use.name):
            yield use.name


#: What an answer counts in its head: `X-Total-Count: 18`, `Content-Range: items 0-5/18`.
_COUNTED = re.compile(r"x-(?:total-?count|total|pagination-total|total-?records)", re.IGNORECASE)
_RANGE = re.compile(r"[a-z]+ \d{1,6}-\d{1,6}/(\d{1,6})", re.IGNORECASE)


def header_counts(headers: Sequence[tuple[str, str]], rows: int) -> Iterator[Mark]:
    """Counts in an answer's header of more rows than it brought."""
    for name, value in headers:
        given = value.strip()[:40]
        ranged = _RANGE.fullmatch(given) if name.lower() == "content-range" else None
        counted = given if _COUNTED.fullmatch(name) else ranged.group(1) if ranged is not None else ""
        if is_whole(counted) and rows < int(counted) < _MAX_COUNT and not given.startswith("bytes"):
            yield Mark("total", f"{name}: {given}", int(counted))


def meta_counts(scene: Scene, rows: int) -> Iterator[Mark]:
    """Counts that a page gives for machines: `<meta name="total" content="18">`, `<meta itemprop="numberOfItems" content="18">`."""
    keys = vocabulary().keys
    for meta in islice(scene.root.iter("meta"), _MOST_LABELLED):
        value = (meta.get("content") or "").strip()
        if not is_whole(value) or int(value) >= _MAX_COUNT:
            continue
        for name in (meta.get(attribute) or "" for attribute in ("name", "property", "itemprop", "id")):
            key = key_of(name.rpartition(":")[2])
            if key in keys.total | keys.either and int(value) > rows:
                yield Mark("total", f"{name}: {value}", int(value))
            elif key in keys.pages and int(value) > 1:
                yield Mark("pages", f"{name}: {value}", int(value))


#: Whether there is more, as data says it: `"hasMore": true`, `isEnd: false`, minified `hasNext:!0`.
_FLAG = re.compile(r"([A-Za-z_]\w{1,24})[\"']?\s{0,2}:\s{0,2}(true|false|!0|!1)(?!\w)")


def told_flags(source: str) -> Iterator[Mark]:
    """Words of data that say that a list goes on."""
    keys = vocabulary().keys
    for found in islice(_FLAG.finditer(source), _MAX_PAIRS):
        key, is_true = key_of(found.group(1)), found.group(2) in ("true", "!0")
        if key in (keys.goes_on if is_true else keys.ended):
            yield Mark("plugin", collapse(found.group(0)))


def _pairs(source: str) -> Iterator[tuple[int, str, int]]:
    """Names with whole numbers in a source: (place, key, number)."""
    for pair in islice(_PAIR.finditer(source), _MAX_PAIRS):
        if pair.group(2) != "true" and int(pair.group(2)) < _MAX_COUNT:
            yield pair.start(), key_of(pair.group(1)), int(pair.group(2))


def option_texts(scene: Scene) -> Iterator[Mark]:
    """Counts in attributes that hold a component's options (`data-options="total:18,pageSize:6"`), or that it pages at all."""
    for element in scene.root.iter():
        for name, value in element.attrib.items() if isinstance(element.tag, str) else ():
            if name.startswith("data-") and ":" in value and len(value) <= _MAX_OPTIONS:
                yield from _told_options(value)


def _told_options(value: str) -> Iterator[Mark]:
    keys = vocabulary().keys
    for found in islice(_PAIR.finditer(value), 40):
        key = key_of(found.group(1))
        if found.group(2) == "true":
            if key in keys.paged or key == "page":
                yield Mark("plugin", collapse(value)[:90])
        elif key in keys.pages:
            yield Mark("pages", collapse(found.group(0)), int(found.group(2)))
        elif key in keys.total:
            yield Mark("total", collapse(found.group(0)), int(found.group(2)))


def _note(marks: dict[tuple[str, int | None], Mark], mark: Mark) -> None:
    marks.setdefault((mark.kind, mark.number), mark)


def _pager_call(sources: Sequence[str]) -> str:
    found = re.search(r"\b(?:createPage\w*|Pager)\s*\([^)]{0,100}\)?", "\n".join(sources))
    return collapse(found.group(0)) if found else localizable("a pager's script")


def _marks_of_use(use: Use, rows: int, *, is_known: bool) -> Iterator[Mark]:
    """Counts in the options of a call; a call that draws a pager without any is a mark too."""
    options = _options(use.arguments)
    is_plugin = vocabulary().script["plugins"].search(use.name) is not None
    if not options and not is_plugin:
        return
    counts = dict(_counts(options, rows))
    has_size = any(key in vocabulary().keys.size | vocabulary().keys.page for key in options)
    quote = _shown_use(use)
    if is_plugin or (has_size and counts):
        for kind, number in counts.items():
            yield Mark(kind, quote, number)
    if not counts and ((is_plugin and not is_known and _is_drawn(use, options)) or _is_paged(options)):
        yield Mark("plugin", quote)


def _is_drawn(use: Use, options: Mapping[str, str]) -> bool:
    """Whether a pager's call says something of this list, by options or by two numbers."""
    numbers = [value for value in use.arguments if isinstance(value, str) and value.isascii() and is_whole(value)]
    return bool(options) or len(numbers) >= 2


def _is_paged(options: Mapping[str, str]) -> bool:
    """Whether options are those of a list of several pages."""
    return options.get("page") == "true" or any(
        value not in ("false", "0") for key, value in options.items() if key in vocabulary().keys.paged
    )


def _options(arguments: Sequence[Value]) -> dict[str, str]:
    """The plain values of all objects among the arguments, by normalised name."""
    found: dict[str, str] = {}
    for argument in arguments:
        if isinstance(argument, Mapping):
            for name, value in argument.items():
                if isinstance(value, str):
                    found.setdefault(key_of(name), value)
                elif isinstance(value, Mapping):
                    found |= {key_of(key): inner for key, inner in value.items() if isinstance(inner, str)}
    return found


def _counts(options: Mapping[str, str], rows: int) -> Iterator[tuple[str, int]]:
    """Counts among options: (`total` or `pages`, number). A bare `total` of fewer than the rows there are counts pages."""
    keys = vocabulary().keys
    has_size = any(key in keys.size and is_whole(value) for key, value in options.items())
    for key, value in options.items():
        if not re.fullmatch(r"\d{1,6}", value):
            continue
        number = int(value)
        if key in keys.pages:
            yield "pages", number
        elif key in keys.total:
            yield ("total" if key != "total" or number >= rows else "pages"), number
        elif key in keys.either:
            yield ("total" if has_size or number >= rows > 1 else "pages"), number


def _marks_of_constants(constants: Mapping[str, Value]) -> Iterator[Mark]:
    keys = vocabulary().keys
    for name, value in constants.items():
        if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{0,5}", value):
            continue
        key = key_of(name)
        if key in keys.pages:
            yield Mark("pages", f"var {name} = {value}", int(value))
        elif key in keys.total and key not in ("total", "items"):
            yield Mark("total", f"var {name} = {value}", int(value))


def _shown_use(use: Use) -> str:
    inner = ", ".join(shown(" ".join(texts_of(argument)))[:40] for argument in use.arguments if argument is not None)
    return f"{use.name}({inner})"[:110]


def is_paged_service(call: ScriptCall) -> bool:
    """Whether a request of a script may bring further rows: it has a page among its fields, or a hole that is called so."""
    if call.kind in ("location", "submit", "open") or is_avoided(call.url):
        return False
    keys = vocabulary().keys
    names = [*holes_of(call.url), *holes_of(call.body)]
    if any(key_of(name) in keys.page | keys.offset for name in names):
        return True
    query = call.url.partition("?")[2]
    fields = [pair.partition("=") for pair in query.split("&")]
    if any(key_of(key) in keys.page and HOLE_BEGIN in value for key, _, value in fields):
        return True
    return isinstance(call.body, Mapping) and any(
        key_of(key) in keys.page and isinstance(value, str) and HOLE_BEGIN in value for key, value in call.body.items()
    )


def is_avoided(url: str) -> bool:
    """Whether a service is none that lists anything, by its name or the method that it is asked for: a login, a counter, a suggestion."""
    script = vocabulary().script
    path, mark, query = url.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&")[:_MOST_FIELDS])
    names = [f"{path}{mark}", *(value for key, _, value in pairs if key_of(key) in _METHODS)]
    return any(script["avoid"].search(script["avoid_not"].sub("", name)) for name in names)
