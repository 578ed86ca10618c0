"""Ways to a further page: what the page's links, functions, forms and scripts would ask for. Each is believed only for what it brings."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from crawler.lists import pager
from crawler.lists.anchors import effective_url
from crawler.lists.counts import is_paged_service
from crawler.lists.marks import Control, Scene, page_number_of
from crawler.lists.vocabulary import key_of, vocabulary
from crawler.pages.exchange import NextRequest
from crawler.pages.script import Script, read_scripts
from crawler.pages.script_requests import ScriptCall
from crawler.pages.script_values import HOLE, HOLE_BEGIN, JsonText, Value, fill, holes_of, texts_of
from extract.lexicon.addresses import canonical, is_article, join, same_host

if TYPE_CHECKING:
    from crawler.pages.markup import Element

#: How a request of a script for further rows is called (`Way.via`).
SERVICE = "service of a script"
_FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")
_JSON_TYPE = ("Content-Type", "application/json")
_CALL = re.compile(
    r"\A\s*+(?:javascript:)?\s*+(?:return\s++|void\(0\);?)?\s*+([\w.$]++)\s*+\(([^()]*+)\)", re.IGNORECASE
)
_POSTBACK = re.compile(r"__doPostBack\(\s*\\?['\"]([^'\"\\]+)\\?['\"]\s*,\s*\\?['\"]([^'\"\\]*)\\?['\"]")
_NO_ADDRESS = ("void", "history.go", "history.back", "window.print", "window.close")
#: Requests for page 2 that may fail before the list is given up, guesses apart; and for a later page, whose way is known.
_MOST_WAYS, _MOST_LATER = 8, 3
_MAX_CONTROLS = 40
_MAX_FIELDS = 200
_MAX_BODY = 400_000


@dataclass(frozen=True, slots=True)
class Way:
    """A request that may bring a further page.

    Attributes:
        via: How it was found, for people: `link`, `function goPage()`, `postback`, `form`, `script pager`, `guess ?page=`.
        number: The page it leads to; `None` for the next one.
        is_given: The site wrote the address itself; else it was put together.
        is_named: The site named the field that carries the page, by a form or a function.
        is_for_script: A script takes the answer: it is no page of its own.
    """

    via: str
    request: NextRequest
    number: int | None = None
    is_given: bool = False
    is_named: bool = False
    is_for_script: bool = False


class WayFinder:
    """Finds the ways on one page to the page `wanted`, the surest first.

    Args:
        scene: The page.
        controls: Its marks that are elements.
        scripts: Its scripts.
        sources: Their texts.
        first: The address of the list's first page: pagers by script name their files beside it.
        wanted: The number of the page that comes next.
    """

    def __init__(
        self,
        scene: Scene,
        controls: Sequence[Control],
        scripts: Sequence[Script],
        sources: Sequence[str],
        first: str,
        wanted: int,
    ) -> None:
        self._scene = scene
        self._controls = sorted(
            controls[:_MAX_CONTROLS],
            key=lambda control: (control.mark.number != wanted, control.mark.kind not in ("next", "more")),
        )
        self._scripts = scripts
        self._calls = [call for script in scripts for call in script.calls]
        self._source = "\n".join(sources)
        self._first = first
        self._wanted = wanted

    def find(self) -> tuple[Way, ...]:
        """All ways, each request once."""
        found: dict[object, Way] = {}
        for way in self._all():
            if same_host(way.request.url, self._scene.url) and not is_article(way.request.url):
                key = (canonical(way.request.url), way.request.method, way.request.body)
                known = found.get(key)
                if known is None or (way.is_given and not known.is_given):
                    found[key] = way
        here = canonical(self._scene.url)
        return tuple(way for way in found.values() if way.request.method != "GET" or canonical(way.request.url) != here)

    def _all(self) -> Iterator[Way]:
        for control in self._controls:
            yield from self._links(control)
        for control in self._controls:
            if control.mark.number in (None, self._wanted) and control.mark.kind != "last":
                yield from self._postbacks(control)
                yield from self._functions(control)
        yield from self._forms()
        yield from self._script_pager()
        yield from self._plugins()
        yield from self._addresses()
        yield from self._services()

    # 1. links and options

    def _links(self, control: Control) -> Iterator[Way]:
        link = _link_of(control.element)
        url = join(self._scene.base, link.get("value") or "") if link.tag == "option" else None
        if link.tag != "option":
            url = effective_url(link, self._scene.base) or join(self._scene.base, _data_address(link))
        if url is None or control.mark.kind == "last" or _is_script_call(link, url):
            return
        number = control.mark.number
        if number is None and control.mark.kind == "number":
            number = page_number_of(url, self._scene.url)
        yield Way("link", NextRequest(url), number, is_given=True)

    # 2. functions that a control calls

    def _functions(self, control: Control) -> Iterator[Way]:
        link = _link_of(control.element)
        for text in (link.get("onclick") or "", link.get("href") or "", _handler(link)):
            for call in self._inline(text):
                yield from self._bound(call, [], "script in a link")
            called = _CALL.match(text)
            if called is not None and called.group(1) not in _NO_ADDRESS:
                yield from self._called(called.group(1).rpartition(".")[2], called.group(2), control)

    def _called(self, name: str, arguments: str, control: Control) -> Iterator[Way]:
        """What a function would ask for, called as the control calls it."""
        given = [part.strip().strip("'\"") for part in arguments.split(",")] if arguments.strip() else []
        number = str(control.mark.number or self._wanted)
        filled = [number if part in ("this", "event") else part for part in given]
        for call in self._calls:
            if call.function == name:
                yield from self._bound(call, filled or [str(self._wanted)], f"function {name}()")

    def _inline(self, text: str) -> list[ScriptCall]:
        """`location.href = 'list_' + 2 + '.html'` in the link itself."""
        if "location" not in text and "submit" not in text:
            return []
        code = re.sub(r"\A\s*javascript:", "", text, flags=re.IGNORECASE)
        return [call for script in read_scripts([code]) for call in script.calls]

    def _bound(self, call: ScriptCall, arguments: Sequence[str], via: str) -> Iterator[Way]:
        """The request of a function that is called with arguments; holes that mean the page are the page."""
        values = dict(zip(call.parameters, arguments, strict=False))
        whole: Value = {"url": call.url, "body": call.body, "fields": dict(call.fields)}
        whole = fill(whole, values)
        names = list(dict.fromkeys(holes_of(whole)))
        keys = vocabulary().keys.page
        if len(names) == 1 or all(key_of(name) in keys for name in names):
            whole = fill(whole, dict.fromkeys(names, str(self._wanted)))
        if not isinstance(whole, Mapping) or holes_of(whole):
            return
        fields = whole["fields"]
        if call.kind == "submit":
            yield from self._submitted(call.form, fields if isinstance(fields, Mapping) else {}, f"{via} submits")
        elif isinstance(whole["url"], str):
            request = request_of(self._scene.base, whole["url"], call.method, whole["body"])
            if request is not None:
                is_for_script = call.kind not in ("location", "open")
                yield Way(via, request, self._wanted, is_named=True, is_for_script=is_for_script)

    # 3. ASP.NET's form that is sent back

    def _postbacks(self, control: Control) -> Iterator[Way]:
        link = _link_of(control.element)
        found = _POSTBACK.search(f"{link.get('href') or ''} {link.get('onclick') or ''}")
        if found is None:
            return
        form = next((one for one in link.iterancestors() if one.tag == "form"), None)
        form = form if form is not None else next(iter(self._scene.root.iter("form")), None)
        if form is not None:
            target = {"__EVENTTARGET": found.group(1), "__EVENTARGUMENT": found.group(2)}
            yield self._sent(form, target, "postback")

    # 4. forms

    def _forms(self) -> Iterator[Way]:
        for control in self._controls:
            if control.mark.kind == "form":
                form = next((one for one in control.element.iterancestors() if one.tag == "form"), None)
                name = control.element.get("name") or control.element.get("id") or ""
                if form is not None and name:
                    yield self._sent(form, {name: str(self._wanted)}, "form")

    def _submitted(self, name: str, fields: Mapping[str, Value], via: str) -> Iterator[Way]:
        """The form that a script submits after it has set fields."""
        plain = {key: value for key, value in fields.items() if isinstance(value, str)}
        forms = list(islice(self._scene.root.iter("form"), 20))
        named = [form for form in forms if name in (form.get("id"), form.get("name"))] if name else []
        for form in named or [form for form in forms if _has_fields(form, plain)]:
            yield self._sent(form, plain, via)

    def _sent(self, form: Element, fields: Mapping[str, str], via: str) -> Way:
        """A form as a browser would send it, with some fields set."""
        names = {field.get("id"): field.get("name") for field in form.iter("input", "select") if field.get("id")}
        given = {names.get(key) or key: value for key, value in fields.items()}
        pairs = [(name, given.pop(name) if name in given else value) for name, value in form_fields(form)]
        pairs += list(given.items())
        action = join(self._scene.base, form.get("action") or "") or self._scene.url
        if (form.get("method") or "get").lower() == "post":
            body = urlencode(pairs).encode()[:_MAX_BODY]
            request = NextRequest(action, "POST", (_FORM_TYPE,), body)
        else:
            request = NextRequest(urlunsplit(urlsplit(action)._replace(query=urlencode(pairs))))
        return Way(via, request, self._wanted, is_named=True)

    # 5. pagers by script whose names are known

    def _script_pager(self) -> Iterator[Way]:
        known = pager.script_pager(self._source)
        if known is None:
            return
        numbers = (self._wanted, self._wanted - 1) if known.is_one_based else (self._wanted - 1, self._wanted)
        for number in numbers:
            yield Way("script pager", NextRequest(known.address(self._first, number)), self._wanted, is_named=True)

    # 6. options of pager plugins

    def _plugins(self) -> Iterator[Way]:
        placeholder = vocabulary().script["placeholder"]
        for script in self._scripts:
            for use in script.uses:
                for text in texts_of(use.arguments):
                    if len(text) < 300 and placeholder.search(text) and not re.search(r"[<>\s]", text):
                        url = join(self._scene.base, placeholder.sub(str(self._wanted), text))
                        if url is not None:
                            yield Way("plugin's address", NextRequest(url), self._wanted, is_named=True)

    # 7. addresses with one hole anywhere in the scripts

    def _addresses(self) -> Iterator[Way]:
        for call in self._calls:
            is_one_hole = len(set(HOLE.findall(call.url))) == 1 and self._may_be_page(call.url)
            if call.kind in ("location", "open") and is_one_hole:
                via = f"address in {call.function}()" if call.function else "address in a script"
                yield from self._bound(call, [], via)
            elif call.kind == "submit" and call.fields and holes_of(dict(call.fields)):
                yield from self._bound(call, [], "form of a script")

    def _may_be_page(self, url: str) -> bool:
        """Whether the hole of an address may be the number of a page: not the words that a search asks for on a page of its own."""
        path, _, query = url.partition("?")
        if HOLE.fullmatch(url) or HOLE_BEGIN in path or not path:
            return not HOLE.fullmatch(url)
        target = join(self._scene.base, path)
        names = [key for pair in query.split("&") for key, _, value in [pair.partition("=")] if HOLE_BEGIN in value]
        keys = vocabulary().keys.page | vocabulary().keys.offset
        is_here = target is not None and urlsplit(target).path == urlsplit(self._scene.url).path
        return is_here or any(key_of(name) in keys for name in [*names, *HOLE.findall(url)])

    # 8. services that bring further rows

    def _services(self) -> Iterator[Way]:
        for call in self._calls:
            if is_paged_service(call):
                yield from self._bound(call, [], SERVICE)


def _link_of(element: Element) -> Element:
    """The link of a control: itself, what it stands in, or what stands in it."""
    if element.tag in ("a", "option", "button", "input"):
        return element
    around = next((one for one in islice(element.iterancestors(), 3) if one.tag in ("a", "button")), None)
    inside = next(iter(element.iter("a")), None)
    return around if around is not None else inside if inside is not None else element


def _data_address(link: Element) -> str:
    """An address that a script takes from the element: `data-url="list_2.html"`."""
    return next((value for name in ("data-url", "data-href", "data-link", "data-src") if (value := link.get(name))), "")


def _handler(link: Element) -> str:
    """What Vue and its kin call: `@click="go(2)"`."""
    return next(
        (value for name, value in link.attrib.items() if name.startswith(("@click", "v-on:click", "ng-click"))), ""
    )


def _is_script_call(link: Element, url: str) -> bool:
    """Whether an address was only guessed from the arguments of a function that has none."""
    href = (link.get("href") or "").strip().lower()
    has_address = bool(href) and not href.startswith(("javascript:", "#"))
    return not has_address and link.tag != "option" and not re.search(r"\.\w{2,5}(?:[?#]|\Z)|[?&]\w+=", url)


def _has_fields(form: Element, fields: Mapping[str, str]) -> bool:
    names = {field.get(name) for field in form.iter("input", "select") for name in ("id", "name")}
    return bool(fields) and any(field in names for field in fields)


def form_fields(form: Element) -> list[tuple[str, str]]:
    """The fields that a browser would send, without buttons."""
    pairs = []
    for field in islice(form.iter("input", "select", "textarea"), _MAX_FIELDS):
        name, kind = field.get("name"), (field.get("type") or "").lower()
        if not name or kind in ("submit", "button", "image", "reset", "file") or field.get("disabled") is not None:
            continue
        if kind in ("checkbox", "radio") and field.get("checked") is None:
            continue
        value = field.get("value") or ""
        if field.tag == "select":
            options = list(field.iter("option"))
            chosen = next((one for one in options if one.get("selected") is not None), options[0] if options else None)
            value = (chosen.get("value") or "") if chosen is not None else ""
        pairs.append((name, value))
    return pairs


def request_of(base: str, url: str, method: str, body: Value) -> NextRequest | None:
    """The request of a script, all of whose holes are filled; `None` if it is none."""
    target = join(base, url)
    if target is None or method not in ("GET", "POST"):
        return None
    if method == "GET" or body is None:
        return NextRequest(target, method)
    if isinstance(body, JsonText):
        return NextRequest(target, method, (_JSON_TYPE,), json_bytes(body.value))
    if isinstance(body, Mapping):
        pairs = [(key, value) for key, value in body.items() if isinstance(value, str)]
        return NextRequest(target, method, (_FORM_TYPE,), urlencode(pairs).encode())
    return NextRequest(target, method, (_FORM_TYPE,), body.encode()) if isinstance(body, str) else None


def json_bytes(value: Value) -> bytes:
    """A folded value as JSON; numbers, `true` and `null` are what they look like."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: Value) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if isinstance(value, str) and value.isascii() and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    return {"true": True, "false": False, "null": None}.get(value, value) if isinstance(value, str) else None


#: Functions of systems whose scripts are not in the page, and the field that they ask with (field guide §9: 慧兰 eportal).
_DIALECTS = (("next(", "currentPage"),)


def guesses(
    first: str, wanted: int, ending: str = "html", skipped: Iterable[str] = (), quotes: Iterable[str] = ()
) -> tuple[Way, ...]:
    """Addresses that nobody names: by the usual fields of a query, and by the usual names of files. At most five.

    Args:
        first: The address of the first page.
        wanted: The number of the page wanted.
        ending: That of the files, where the first page's address has none.
        skipped: Guesses that are not worth a request.
        quotes: What the marks of further pages say; a known function among them names a field.
    """
    parts = urlsplit(first)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    own = [name for name in fields if key_of(name) in vocabulary().keys.page]
    ways = []
    told = [field for call, field in _DIALECTS if any(f":{call}" in quote or f'"{call}' in quote for quote in quotes)]
    for name in own or (*told, *vocabulary().guess_query):
        query = urlencode({**fields, name: str(wanted)})
        ways.append(_guess(f"?{name}=", urlunsplit((parts.scheme, parts.netloc, parts.path, query, "")), wanted))
    named = re.fullmatch(r"(.*?)(?:_\d++)?\.(s?html?)", parts.path.rpartition("/")[2], re.DOTALL)
    if (named or parts.path.endswith("/")) and not own:
        stem, ending = (named.group(1) or "index", named.group(2)) if named else ("index", ending)
        for number in (wanted - 1, wanted):
            ways.append(
                _guess("_n" if number == wanted else "_n-1", urljoin(first, f"{stem}_{number}.{ending}"), wanted)
            )
    left_out = frozenset(skipped)
    return tuple(way for way in ways if way.via not in left_out)[:5]


def _guess(name: str, url: str, wanted: int) -> Way:
    return Way(f"guess {name}", NextRequest(url, is_guess=True), wanted)


def first_ways(ways: Sequence[Way]) -> list[Way]:
    """Ways to page 2, the surest first: what the site wrote, then what was put together, then its links to later pages."""
    exact, following, others = _given(ways, 2)
    return [*exact, *following, *[way for way in ways if not way.is_given][:_MOST_WAYS], *others]


def later_ways(ways: Sequence[Way], wanted: int, via: Container[str], later: Mapping[int, Way]) -> list[Way]:
    """Ways to a later page, the surest first.

    Args:
        via: How pages were fetched: what was put together is tried again only if it brought one.
        later: Links to pages by their numbers, wherever they stood.
    """
    exact, following, _ = _given(ways, wanted)
    made = [way for way in ways if not way.is_given and way.via in via]
    earlier = [later[wanted]] if wanted in later else []
    others = [way for number, way in sorted(later.items()) if number > wanted]
    return [*exact, *following, *earlier, *made[:_MOST_LATER], *others]


def _given(ways: Sequence[Way], wanted: int) -> tuple[list[Way], list[Way], list[Way]]:
    """What the site wrote itself: to the page wanted, to the next one, to those behind it."""
    given = [way for way in ways if way.is_given]
    exact = [way for way in given if way.number == wanted]
    following = [way for way in given if way.number is None]
    return exact, following, [way for way in given if way.number is not None and way.number > wanted]


def by_pattern(requests: Sequence[NextRequest], wanted: int) -> Way | None:
    """The page `wanted` by the pattern of the requests that brought the pages before it: pagers that end too early exist.

    Args:
        requests: For the pages read so far, the first one included.
    """
    if len(requests) < 2:
        return None
    one, other = requests[-1], requests[-2]
    last, before = urlsplit(one.url), urlsplit(other.url)
    if one.method == "POST":
        body = _counted_up(one.body or b"", other.body or b"", wanted)
        request = NextRequest(one.url, "POST", (_FORM_TYPE,), body.encode(), is_guess=True)
        return Way("pattern", request, wanted) if body else None
    query = _counted_up(last.query.encode(), before.query.encode(), wanted)
    if query:
        return Way("pattern", NextRequest(urlunsplit((*last[:3], query, "")), is_guess=True), wanted)
    number = re.search(r"(?<=[_/-])(\d{1,3})(?=(?:\.s?html?)?/?\Z)", last.path)
    if number and last.path != before.path and int(number.group(1)) in (wanted - 1, wanted - 2):
        path = f"{last.path[: number.start()]}{int(number.group(1)) + 1}{last.path[number.end() :]}"
        return Way("pattern", NextRequest(urlunsplit((*last[:2], path, last.query, "")), is_guess=True), wanted)
    return None


def _counted_up(last: bytes, before: bytes, wanted: int) -> str:
    """Fields with the page's number counted up by one; empty if none is it."""
    pairs = parse_qsl(last.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(parse_qsl(before.decode("utf-8", "replace"), keep_blank_values=True))
    hits = [key for key, value in pairs if value in (str(wanted - 1), str(wanted - 2)) and fields.get(key) != value]
    if len(hits) != 1:
        return ""
    return urlencode([(key, str(int(value) + 1) if key == hits[0] else value) for key, value in pairs])
