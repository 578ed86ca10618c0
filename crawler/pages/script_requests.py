"""The requests that a script would make, by the forms of call and assignment that make one; never made.

Forms known: jQuery's `get`, `post`, `getJSON`, `ajax`, `load`; axios; `fetch`; `XMLHttpRequest`; `location = …`;
the submission of a form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.pages.script_values import HOLE_BEGIN, Folder, Scope, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

_LOCATION = re.compile(r"(?:(?:window|document|self|top|parent|this)\.)*location(?:\.(?:href|search|hash))?\Z")
_LOCATION_CALL = re.compile(r"(?:(?:window|document|self|top|parent)\.)*location\.(?:replace|assign)\Z|window\.open\Z")
_FIELD_SET = re.compile(
    r"(?:document|self|window)(?:\.forms)?(?:\.|\[\s*['\"]?)(?P<form>[\w-]+)['\"]?\]?(?:\.elements)?(?:\.|\[\s*['\"])(?P<field>[\w-]+)(?:['\"]\])?\.value\Z"
    r"|document\.getElementById\(\s*['\"](?P<id>[\w-]+)['\"]\s*\)\.value\Z"
    r"|(?:form|f|\w*[fF]orm)\.(?P<bare>[\w-]+)\.value\Z"
)
_SELECTED = re.compile(
    r"(?:\$|jQuery)\(\s*['\"](?:input)?(?:\[name=)?[#.]?['\"]?(?P<id>[\w-]+)['\"]?\]?['\"]\s*\)|document\.(?:getElementById\(\s*['\"](?P<element>[\w-]+)['\"]\s*\)"
    r"|forms\[\s*['\"]?(?P<index>[\w-]+)['\"]?\s*\]|(?P<name>\w+))"
)
_JQUERY = frozenset({"$", "jQuery", "axios", "$http", "http", "request", "layui", "this", "Vue"})


@dataclass(frozen=True, slots=True)
class ScriptCall:
    """One request that a script would make; every text may have holes.

    Attributes:
        url: Its address as the script gives it; empty for a form that is submitted.
        kind: How it is made: `ajax`, `get`, `fetch`, `xhr`, `location`, `submit`, ….
        body: What is sent: fields, or a text; `JsonText` if as JSON.
        function: The function that makes it, empty outside of named functions.
        parameters: That function's parameters.
        form: Name or id of the form that is submitted.
        fields: Fields that the script sets before that.
        headers: Header fields that the script sets.
        is_loading: It is made as the page loads, not when something is pressed.
    """

    url: str
    kind: str
    method: str = "GET"
    body: Value = None
    function: str = ""
    parameters: tuple[str, ...] = ()
    form: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    headers: Mapping[str, Value] = field(default_factory=dict)
    is_loading: bool = False


@dataclass(frozen=True, slots=True)
class ScriptPlace:
    """Where in a script a node stands: the enclosing function, its parameters, and what names mean there."""

    function: str
    parameters: tuple[str, ...]
    scope: Scope
    is_loading: bool
    is_inside: bool = False


class Requests:
    """Collects what one script asks for.

    Attributes:
        calls: Requests found so far, in their order in the script.
    """

    def __init__(self, fold: Folder) -> None:
        self.calls: list[ScriptCall] = []
        self._fold = fold
        self._fields: dict[str, dict[str, Value]] = {}  # fields of forms, by the function that sets them

    def note_assignment(self, target: str, right: Node, place: ScriptPlace) -> None:
        """`location.href = …`, `form.pageNo.value = n`; other assignments ask for nothing."""
        if _LOCATION.match(target):
            value = self._fold.value(right, place.scope)
            if isinstance(value, str):
                if target.endswith(".search") and not value.startswith("?"):
                    value = f"?{value}"
                self._add(place, value, "location")
            return
        found = _FIELD_SET.match(target)
        if found:
            name = found.group("field") or found.group("id") or found.group("bare")
            self._fields.setdefault(place.function, {})[name] = self._fold.value(right, place.scope)

    def note_call(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """A call of a function by its name as written; calls that ask for nothing are passed over."""
        last = name.rpartition(".")[2]
        head = re.split(r"[.(\[]", name, maxsplit=1)[0]
        make = (
            _MAKERS.get(last) if head in _JQUERY or last in ("fetch", "open", "loadXMLDoc", "submit", "val") else None
        )
        if name in ("axios", "request", "uni.request", "wx.request"):
            make = Requests._make_ajax
        is_location = _LOCATION_CALL.match(name) is not None
        if make is not None and not is_location:
            make(self, name, arguments, place)
        elif is_location and arguments:
            value = self._fold.value(arguments[0], place.scope)
            if isinstance(value, str):
                self._add(place, value, "location" if name != "window.open" else "open")

    def _add(
        self,
        place: ScriptPlace,
        url: Value,
        kind: str,
        method: str = "GET",
        body: Value = None,
        headers: Value = None,
    ) -> None:
        if not isinstance(url, str) or not url:
            return
        given = headers if isinstance(headers, Mapping) else {}
        self.calls.append(
            ScriptCall(
                url,
                kind,
                method,
                body,
                place.function,
                place.parameters,
                headers=given,
                is_loading=place.is_loading,
            )
        )

    def _value(self, arguments: list[Node], number: int, place: ScriptPlace) -> Value:
        return self._fold.value(arguments[number], place.scope) if number < len(arguments) else None

    def _make_get(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """`$.get(url, fields)`, `$("#list").load(url)`, `axios.get(url, {params: fields})`."""
        fields = self._value(arguments, 1, place)
        if isinstance(fields, Mapping) and isinstance(fields.get("params"), Mapping):
            fields = fields["params"]
        self._add(place, with_fields(self._value(arguments, 0, place), fields), name.rpartition(".")[2])

    def _make_post(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        self._add(place, self._value(arguments, 0, place), "post", "POST", self._value(arguments, 1, place))

    def _make_ajax(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """`$.ajax({url, type, data})`, `$.ajax(url, {…})`, `axios({url, method, params, data})`."""
        options = self._value(arguments, 0, place)
        if isinstance(options, str):
            further = self._value(arguments, 1, place)
            options = {"url": options, **(further if isinstance(further, Mapping) else {})}
        if not isinstance(options, Mapping):
            return
        method = str(options.get("type") or options.get("method") or "GET").upper()
        fields = options.get("data") if options.get("data") is not None else options.get("params")
        url = options.get("url")
        if options.get("dataType") == "jsonp":
            callback = {str(options.get("jsonp") or "callback"): options.get("jsonpCallback") or "cb"}
            fields = {**(fields if isinstance(fields, Mapping) else {}), **callback}
        if method == "GET":
            self._add(place, with_fields(url, fields), "ajax", headers=options.get("headers"))
        else:
            self._add(place, url, "ajax", method, fields, options.get("headers"))

    def _make_fetch(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        options = self._value(arguments, 1, place)
        given = options if isinstance(options, Mapping) else {}
        method = str(given.get("method") or "GET").upper()
        self._add(place, self._value(arguments, 0, place), "fetch", method, given.get("body"), given.get("headers"))

    def _make_open(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """`request.open("GET", url)` of XMLHttpRequest."""
        method = str(self._value(arguments, 0, place)).upper()
        if method in ("GET", "POST") and len(arguments) >= 2:
            self._add(place, self._value(arguments, 1, place), "xhr", method)

    def _make_xml(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        self._add(place, self._value(arguments, 0, place), "xml")

    def _make_field(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """`$("#pageNo").val(n)`."""
        found = _SELECTED.match(name)
        if found and arguments and found.group("id"):
            self._fields.setdefault(place.function, {})[found.group("id")] = self._value(arguments, 0, place)

    def _make_submit(self, name: str, arguments: list[Node], place: ScriptPlace) -> None:
        """`$("#pageForm").submit()`, `document.pageForm.submit()`, `form.submit()`."""
        found = _SELECTED.match(name)
        form = next((group for group in found.groups() if group), "") if found else ""
        fields = dict(self._fields.get(place.function, {}))
        if not arguments and (form or fields):
            self.calls.append(ScriptCall("", "submit", "POST", None, place.function, place.parameters, form, fields))


def with_fields(url: Value, fields: Value) -> Value:
    """An address with fields in its query; holes stay as they are."""
    if not isinstance(url, str) or not isinstance(fields, Mapping):
        return url
    pairs = [(key, value) for key, value in fields.items() if isinstance(value, str)]
    query = "&".join(
        f"{quote(key, safe='[]')}={value if HOLE_BEGIN in value else quote(value, safe='')}" for key, value in pairs
    )
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


_MAKERS: dict[str, Callable[[Requests, str, list[Node], ScriptPlace], None]] = {
    "get": Requests._make_get,
    "getJSON": Requests._make_get,
    "getScript": Requests._make_get,
    "load": Requests._make_get,
    "jsonp": Requests._make_get,
    "post": Requests._make_post,
    "ajax": Requests._make_ajax,
    "request": Requests._make_ajax,
    "fetch": Requests._make_fetch,
    "open": Requests._make_open,
    "loadXMLDoc": Requests._make_xml,
    "val": Requests._make_field,
    "submit": Requests._make_submit,
}
