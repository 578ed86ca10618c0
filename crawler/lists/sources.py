"""Where a list's rows may come from besides the markup of its page: data that the page holds, and what its scripts bring.

A script has few ways to bring anything: a request, a stream, another script or frame, or what it holds itself. A list is whole only if each of
them that its page has was read, or is known to bring something else. Where the number of ways is closed, nothing has to be known by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from crawler.lists.counts import is_avoided, is_paged_service
from crawler.lists.marks import Mark, is_off
from crawler.lists.vocabulary import label_of, vocabulary
from crawler.pages.coded import text_of_base64
from crawler.pages.markup import text_of
from crawler.pages.script import SET_SOURCE, Script, Use
from crawler.pages.script_kinds import unread_language
from crawler.pages.script_requests import ScriptCall
from crawler.pages.script_values import HOLE, HOLE_BEGIN, shown
from extract.document.notations import parse_json
from extract.lexicon.addresses import canonical, is_counter, is_file, join, names_image, same_site
from extract.lexicon.titles import Judgement, judge_title
from extract.messages import localizable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from crawler.pages.markup import Element
    from crawler.pages.script_values import Value
    from crawler.pages.script_writes import Writes

#: The mark of a way by which more rows may come.
SOURCE = "source"
_MOST_ASKED = 3
_MOST_NOTED = 3
_MOST_TEXTS, _MOST_TITLE, _MOST_ADDRESS = 4_000, 120, 300
_QUOTE = 90
_MOST_ELEMENTS = 5_000

#: Calls that go somewhere else instead of bringing something here.
_LEADING = frozenset({"location", "submit", "open"})
#: What the platform has to bring something besides requests; all of them take an address.
_STREAMS = frozenset(
    {"WebSocket", "EventSource", "Worker", "SharedWorker", "importScripts", "import", "io", "SockJS", "withUrl"}
)
#: How calls are named, in any library, that bring something from an address.
_BRINGS = re.compile(r"(?:get|post|put|request|fetch|ajax|load|query|send|call|pull|connect)(?![a-z])", re.IGNORECASE)
#: A script of another host that draws lists, by its name.
_DRAWS = re.compile(r"list|pag(?:e|ing)|more|column|xxgk|niandu|nianbao", re.IGNORECASE)
_FRAMES = frozenset({"iframe", "frame", "object", "embed", "portal", "turbo-frame", "include-fragment"})
_GIVES_SOURCE = frozenset({"attr", "setAttribute", "prop"})
#: Elements that load what brings rows; pictures load themselves only.
_MADE = re.compile(r"createElement\Z")
_LOADING = frozenset({"script", "iframe", "frame", "object", "embed"})
#: How a tool names the address that its caller gives it: `open(options.type, options.url)`.
_GIVEN_BY_CALLER = frozenset({"url", "src", "href", "uri", "path", "action", "arguments", "this"})
#: An address that serves data, by its ending or a folder.
_SERVES = re.compile(
    r"\.(?:json|jsonp|do|action|jspx?|aspx?|ashx|asmx|php|cgi|xml|txt|csv)(?:[?#]|\Z)|/(?:api|rest|service|services|ajax|interface|svc)/",
    re.IGNORECASE,
)
_SCRIPT_FILE = re.compile(r"\.m?js(?:[?#]|\Z)", re.IGNORECASE)
_IN_MARKUP = re.compile(
    r"<(script|iframe|frame|object|embed)\b[^<>]{0,300}?\b(?:src|data)\s{0,3}=\s{0,3}[\"']?([^\"'\s<>]{1,300})",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>\"'{}|\\^`,;]+")
_HOST = re.compile(r"\A(?:https?:)?/{0,2}[\w-]+(?:\.[\w-]+)+/", re.IGNORECASE)
_ESCAPED = re.compile(r"%u([0-9A-Fa-f]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32,4000}={0,2}")
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.){6,480})\"")
#: The head of a library: it asks for what its callers tell it.
_LIBRARY = re.compile(r"/\*[!*][^/]{0,600}?(?:licen[sc]e|copyright|\(c\)|\bv\d+\.\d+)", re.IGNORECASE)


@dataclass(slots=True)
class Sources:
    """What may bring further rows of a list.

    Attributes:
        asked: Addresses that may be asked for.
        scripts: Scripts that its scripts load.
        marks: What can't be asked for.
    """

    asked: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, None] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)

    def mark(self, said: str) -> None:
        """Note a way that is closed to us."""
        self.marks.append(Mark(SOURCE, said))


@dataclass(frozen=True, slots=True)
class Around:
    """The page that scripts stand in.

    Attributes:
        root: Its tree.
        url: Its address; links refer to `base`.
        titles: Titles of its rows.
        known: Addresses that are its rows, or lead to its further pages.
    """

    root: Element
    url: str
    base: str
    titles: Collection[str]
    known: Collection[str]


def is_library(source: str) -> bool:
    """Whether a script file is somebody else's tool, by its head."""
    return _LIBRARY.match(source[:800].lstrip("\ufeff \t\r\n;")) is not None


def sources_of(page: Around, scripts: Sequence[Script], data: Iterable[str]) -> Sources:
    """Everything by which further rows may come.

    Args:
        page: The page.
        scripts: Its scripts, read; handlers among them.
        data: Texts of its scripts that are no programs.
    """
    found = Sources()
    for script in scripts:
        _of_requests(page, script, found)
        _of_streams(page, script, found)
        _of_texts(page, script, found)
        _of_calls(page, script, found)
        if script.is_packed:
            found.mark(localizable("a script is packed, and can't be read"))
        if script.is_cut:
            found.mark(localizable("a script is too large to be read whole"))
    _of_elements(page, found)
    for address in _told_addresses(page.root):
        _note(page, address, found, f"{address[:_QUOTE]}")
    _of_data(page, scripts, data, found)
    for url in list(found.asked)[_MOST_ASKED:]:
        found.mark(found.asked.pop(url))
    return found


def note_writes(writes: Writes, found: Sources) -> None:
    """Note what scripts write, or wait for, of which nobody knows where it comes from."""
    for written in writes.unread[:_MOST_NOTED]:
        found.mark(localizable(f"a script writes {written}"))
    for waited in writes.waits[:_MOST_NOTED]:
        found.mark(localizable(f"a script waits for {waited}"))
    for name in writes.modules[:_MOST_NOTED]:
        if vocabulary().script["library"].search(name) is None:
            found.mark(localizable(f"a script loads {name}"))
    if writes.is_cut:
        found.mark(localizable("a script is too large to be read whole"))


def unread_languages(root: Element) -> Iterator[Mark]:
    """Scripts in a language that isn't read here: what they bring nobody knows."""
    for script in islice(root.iter("script"), _MOST_ELEMENTS):
        if kind := unread_language(script):
            yield Mark(SOURCE, localizable(f"a script in {kind[:40]} can't be read"))


# requests


def _of_requests(page: Around, script: Script, found: Sources) -> None:
    for call in script.calls:
        if call.kind in _LEADING or is_paged_service(call) or _is_told_by_caller(call):
            continue
        said = localizable(f"a script asks {call.method} {shown(call.url)[:_QUOTE]}")
        if call.method == "GET" and HOLE_BEGIN not in call.url:
            _note(page, call.url, found, said)
        elif not _is_elsewhere(page, call.url):
            found.mark(said)


def _is_told_by_caller(call: ScriptCall) -> bool:
    """Whether a function asks for what its caller tells it: then the caller's own texts count."""
    names = set(HOLE.findall(call.url))
    return HOLE.fullmatch(call.url) is not None and bool(names & ({*call.parameters} | _GIVEN_BY_CALLER))


def _of_calls(page: Around, script: Script, found: Sources) -> None:
    """Calls of whatever library that are named as if they bring something, and are given a path."""
    for use in script.uses:
        address = use.arguments[0] if use.arguments else None
        is_path = isinstance(address, str) and address.startswith(("/", "./", "../")) and HOLE_BEGIN not in address
        if is_path and _BRINGS.search(use.last_name) and _ADDRESS.fullmatch(str(address)):
            _note(page, str(address), found, localizable(f"a script names {str(address)[:_QUOTE]}"))


def _of_elements(page: Around, found: Sources) -> None:
    """Scripts of other hosts whose names say that they draw lists."""
    for script in islice(page.root.iter("script"), _MOST_ELEMENTS):
        url = join(page.base, script.get("src") or "")
        if url is not None and not same_site(url, page.url) and not is_avoided(url):
            name = urlsplit(url).path.rpartition("/")[2]
            if _DRAWS.search(name) and vocabulary().script["library"].search(url) is None:
                found.mark(localizable(f"the script {url} was not read"))


def _of_streams(page: Around, script: Script, found: Sources) -> None:
    """Streams, other threads, modules; and elements that are made and given an address."""
    makes = any(_MADE.search(use.name) and set(use.arguments[:1]) & _LOADING for use in script.uses if _is_plain(use))
    for use in script.uses:
        value: Value = use.arguments[0] if use.arguments else None
        if use.last_name in _STREAMS:
            _of_stream(page, use.last_name, value, found)
        elif makes and use.name == SET_SOURCE:
            _of_source(page, value, found)
        elif makes and use.last_name in _GIVES_SOURCE and value == "src":
            _of_source(page, next(iter(use.arguments[1:]), None), found)


def _is_plain(use: Use) -> bool:
    return bool(use.arguments) and isinstance(use.arguments[0], str)


def _of_stream(page: Around, name: str, value: Value, found: Sources) -> None:
    address = value if isinstance(value, str) else ""
    if name in ("import", "importScripts") and _SCRIPT_FILE.search(address):
        _note(page, address, found, address)
    elif not address or not _is_elsewhere(page, re.sub(r"\Aws", "http", address)):
        found.mark(f"{name}({shown(address)[:_QUOTE]})")


def _of_source(page: Around, value: Value, found: Sources) -> None:
    """What an element that a script makes is given to load."""
    address = value if isinstance(value, str) else ""
    if set(HOLE.findall(address)) & _GIVEN_BY_CALLER:
        return
    if not address or HOLE_BEGIN in address:
        if not address or not _is_elsewhere(page, address):
            found.mark(localizable(f"a script loads {shown(address)[:_QUOTE]}"))
        return
    _note(page, address, found, localizable(f"a script loads {address[:_QUOTE]}"))


def _is_elsewhere(page: Around, address: str) -> bool:
    """Whether an address is on another site, or known to bring something else."""
    if is_avoided(address):
        return True
    plain = HOLE.sub("", address)
    if address.startswith(HOLE_BEGIN):  # a protocol, or a folder
        return _HOST.match(plain) is not None and not same_site(f"http://{plain.lstrip('/')}", page.url)
    url = join(page.base, HOLE.sub("0", address))
    return url is not None and not same_site(url, page.url)


def _note(page: Around, address: str, found: Sources, said: str) -> None:
    """An address without holes that something on the page loads: to be asked for, unless it is known or brings something else."""
    url = join(page.base, address)
    if url is None or not same_site(url, page.url) or is_avoided(address) or is_counter(url) or names_image(url):
        return
    if canonical(url) == canonical(page.url) or canonical(url) in page.known:
        return
    if _SCRIPT_FILE.search(urlsplit(url).path):
        if vocabulary().script["library"].search(address) is None:
            found.scripts.setdefault(url)
    else:
        found.asked.setdefault(url, said)


# texts


def _of_texts(page: Around, script: Script, found: Sources) -> None:
    """Addresses that stand in a script, whoever asks for them; and what it writes into the page."""
    leads = {call.url for call in script.calls if call.kind in _LEADING}
    for text in script.texts[:_MOST_TEXTS]:
        if "<" in text or "%3C" in text:
            _of_markup(page, unquote(text) if "%3C" in text else text, found)
        elif text.startswith(("ws://", "wss://")):
            _of_stream(page, "WebSocket", text, found)
        elif text not in leads and _serves(text):
            _note(page, text, found, localizable(f"a script names {text[:_QUOTE]}"))


def _serves(text: str) -> bool:
    is_address = len(text) <= _MOST_ADDRESS and _ADDRESS.fullmatch(text) is not None and HOLE_BEGIN not in text
    is_path = is_address and ("/" in text or "." in text[1:]) and not text.startswith(".")
    return is_path and (_SERVES.search(text) is not None or ("/" in text and _SCRIPT_FILE.search(text) is not None))


def _of_markup(page: Around, text: str, found: Sources) -> None:
    for element in _IN_MARKUP.finditer(text[:_MOST_TEXTS]):
        address = element.group(2)
        if HOLE_BEGIN not in address:
            _note(page, address, found, localizable(f"a script loads {address[:_QUOTE]}"))
        elif not _is_elsewhere(page, address):
            found.mark(localizable(f"a script loads {shown(address)[:_QUOTE]}"))


def _told_addresses(root: Element) -> Iterator[str]:
    """Addresses of data that the page tells its scripts: in hidden fields, or as what it loads ahead."""
    for element in islice(root.iter("input", "link", *_FRAMES), _MOST_ELEMENTS):
        if element.tag in _FRAMES:
            address = element.get("src") or element.get("data") or ""
            address = "" if is_file(address) or is_off(element) else address
        else:
            address = _loaded_ahead(element) if element.tag == "link" else _hidden(element)
        if address:
            yield address


def _loaded_ahead(link: Element) -> str:
    is_data = "load" in (link.get("rel") or "") and link.get("as") in ("fetch", "script", "document")
    return (link.get("href") or "") if is_data else ""


def _hidden(field: Element) -> str:
    value = field.get("value") or ""
    is_hidden = (field.get("type") or "").lower() == "hidden"
    return value if is_hidden and "/" in value and _serves(value) else ""


# data


def _of_data(page: Around, scripts: Sequence[Script], data: Iterable[str], found: Sources) -> None:
    """Reports that stand in scripts, data and templates, and not among the rows."""
    if not page.titles:
        return
    shown_titles = {label_of(title) for title in page.titles}
    for text in _texts_with_data(page.root, scripts, data):
        if _names_other_report(text, shown_titles):
            found.mark(localizable(f"a script holds {text[:_QUOTE]}"))
            return


def _texts_with_data(root: Element, scripts: Sequence[Script], data: Iterable[str]) -> Iterator[str]:
    for script in scripts:
        for text in script.texts[:_MOST_TEXTS]:
            for said in _decoded(text):
                yield re.sub(r"<[^<>]{0,400}>", "", said).strip()
    for source in data:
        for quoted in islice(_QUOTED.finditer(source), _MOST_TEXTS):
            yield _unescaped(quoted.group(1))
    for template in islice(root.iter("template", "textarea"), 20):
        for element in islice(template.iter(), _MOST_TEXTS):
            if isinstance(element.tag, str) and not len(element):
                yield text_of(element)


def _decoded(text: str) -> Iterator[str]:
    """A text of a script, and what it says in another coding: `unescape("%u793A…")`, `atob("…")`."""
    if "年" in text and "报" in text:
        yield text
    elif "%u" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    elif _BASE64.fullmatch(text) and (decoded := text_of_base64(text)) is not None:
        yield decoded


def _unescaped(text: str) -> str:
    try:
        return str(parse_json(f'"{text}"'))
    except ValueError:
        return text


def _names_other_report(text: str, titles: Collection[str]) -> bool:
    if not 6 <= len(text) <= _MOST_TITLE or "年" not in text or "报" not in text or HOLE_BEGIN in text:
        return False
    title = judge_title(text)
    if title.judgement is not Judgement.ACCEPT or title.year is None:
        return False
    label = label_of(text)
    return not any(label.startswith(known.rstrip(".…")) or known.startswith(label) for known in titles)
