"""What a page's scripts would ask for, and what they call: read from their syntax trees, never run.

Portals draw pagers and fill lists by scripts. Which address such a script would ask for mostly stands in it, with a hole where the number of
the page goes. Forms known: jQuery's `get`, `post`, `getJSON`, `ajax`, `load`; axios; `fetch`; `XMLHttpRequest`; `location = …`;
the submission of a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.pages.script_functions import FUNCTIONS, name_by_assignment, parameters_of, runs_on_loading, script_parser
from crawler.pages.script_values import HOLE, HOLE_BEGIN, Folder, Scope, Value, arguments_of, hole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

#: Bounds on what a hostile page may cost: bytes of one script, nodes of its tree, scripts of one page.
MAX_SCRIPT = 200_000
MAX_NODES = 60_000
MAX_SCRIPTS = 40
_MOST_TEXTS = 5_000

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
#: Names that are changed after their declaration: `page++`, `page += 1`, `page = n`.
_CHANGES = re.compile(
    r"(?<![\w.$])([A-Za-z_$][\w$]{0,40})(?:\+\+|--|\s?[+*-]=)|(?:\+\+|--)([A-Za-z_$][\w$]{0,40})|(?:[;{})\n]|\A)\s{0,40}([A-Za-z_$][\w$]{0,40})\s?=(?![=>])"
)
#: Expressions whose value is evident where they stand as arguments.
_VALUES = frozenset(
    {
        "string",
        "number",
        "identifier",
        "array",
        "object",
        "template_string",
        "true",
        "false",
        "member_expression",
    }
)
_PACKED = re.compile(r"\beval\s{0,3}\(\s{0,3}function\s{0,3}\(")
#: The name under which it is noted that an element is given something to load: `script.src = …`.
SET_SOURCE = "src="
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
class Use:
    """A call of any function, with the arguments as far as they are known.

    Attributes:
        name: The function as written: `layui.laypage.render`, `$("#page").pagination`.
        is_loading: It is called as the page loads, not in a function of its own.
        is_made: It is no call but `new`.
    """

    name: str
    arguments: tuple[Value, ...]
    is_loading: bool
    is_made: bool = False

    @property
    def last_name(self) -> str:
        """The function's own name."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Script:
    """One script.

    Attributes:
        calls: Requests that it would make.
        uses: Calls of functions.
        constants: Values of names that are set once outside of functions; a name that is counted up later is a hole.
        starts: What names begin with that are changed later, such as the number of the page.
        functions: The functions that it defines, each with its parameters.
        texts: All texts in it, those that are put together as a whole; may have holes.
        parameters: Names that any of its functions, named or not, gets from its caller.
        is_cut: It was too large to be read whole.
        is_packed: It unpacks a program as it runs, which can't be read.
    """

    calls: tuple[ScriptCall, ...]
    uses: tuple[Use, ...]
    constants: Mapping[str, Value]
    starts: Mapping[str, str]
    functions: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...] = ()
    parameters: frozenset[str] = frozenset()
    is_cut: bool = False
    is_packed: bool = False


def read_scripts(texts: Iterable[str]) -> tuple[Script, ...]:
    """The scripts of one page, in order: constants of earlier ones are known in later ones."""
    constants: dict[str, Value] = {}
    found = []
    for number, text in enumerate(texts):
        if number >= MAX_SCRIPTS:
            break
        reader = _Reader(text, constants)
        found.append(reader.read())
        constants = dict(reader.constants)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a script a node stands: the enclosing function, its parameters, and what names mean there."""

    function: str
    parameters: tuple[str, ...]
    scope: Scope
    is_loading: bool
    is_inside: bool = False


class _Reader:
    """Reads one script."""

    def __init__(self, text: str, constants: Mapping[str, Value]) -> None:
        self._changed = {next(filter(None, found)) for found in _CHANGES.findall(text[:MAX_SCRIPT])}
        source = text.encode("utf-8", "replace")
        self._is_cut = len(source) > MAX_SCRIPT
        source = source[:MAX_SCRIPT]
        self._root = script_parser().parse(source).root_node
        self._fold = Folder(source, dict(constants))
        self._starts: dict[str, str] = {}
        self._calls: list[ScriptCall] = []
        self._uses: list[Use] = []
        self._set: dict[str, dict[str, Value]] = {}  # fields of forms, by the function that sets them
        self._functions: dict[str, tuple[str, ...]] = {}
        self._texts: list[str] = []
        self._parameters: set[str] = set()

    @property
    def constants(self) -> dict[str, Value]:
        return self._fold.constants

    def read(self) -> Script:
        """Read it."""
        self._read_constants()
        stack = [(self._root, _Place("", (), {}, is_loading=True))]
        nodes = 0
        while stack:
            node, place = stack.pop()
            nodes += 1
            if nodes > MAX_NODES:
                self._is_cut = True
                break
            place = self._enter(node, place)
            visit = _VISITS.get(node.type)
            if visit is not None:
                visit(self, node, place)
            stack.extend((child, place) for child in reversed(node.named_children))
        return Script(
            _with_started(self._calls, self._uses),
            tuple(self._uses),
            dict(self.constants),
            dict(self._starts),
            dict(self._functions),
            tuple(self._texts),
            frozenset(self._parameters),
            self._is_cut,
            _PACKED.search(self._fold.text(self._root, MAX_SCRIPT)) is not None,
        )

    def _read_constants(self) -> None:
        for node in self._root.named_children:
            if node.type not in ("variable_declaration", "lexical_declaration"):
                continue
            for declared in node.named_children:
                name, value = declared.child_by_field_name("name"), declared.child_by_field_name("value")
                if declared.type == "variable_declarator" and name is not None and value is not None:
                    self._declare(self._fold.text(name), self._fold.value(value, {}))

    def _declare(self, name: str, value: Value) -> None:
        """A name that is changed later is a hole, and what it begins with is kept."""
        if name in self._changed:
            if isinstance(value, str):
                self._starts[name] = value
            self.constants[name] = hole(name)
        elif value is not None:
            self.constants.setdefault(name, value)

    def _enter(self, node: Node, place: _Place) -> _Place:
        """The place inside a node."""
        if node.type not in FUNCTIONS:
            return place
        named = node.child_by_field_name("name")
        parameters = parameters_of(node, self._fold.text)
        self._parameters.update(parameters)
        name = self._fold.text(named) if named is not None else name_by_assignment(node, self._fold.text)
        # A local scope that the visits below may add to: names of the function's own.
        scope = {**place.scope, **{parameter: hole(parameter) for parameter in parameters}}
        is_loading = place.is_loading and not name and runs_on_loading(node, self._fold)
        if not name:
            return _Place(place.function, place.parameters, scope, is_loading, is_inside=True)
        self._functions.setdefault(name, parameters)
        return _Place(name, parameters, scope, is_loading=name == "onload", is_inside=True)

    def _on_text(self, node: Node, place: _Place) -> None:
        """A text, or a sum of texts as a whole."""
        parent = node.parent
        if parent is not None and parent.type == "binary_expression" and _is_sum(parent, self._fold):
            return
        if node.type == "binary_expression" and not _is_sum(node, self._fold):
            return
        value = self._fold.value(node, place.scope)
        if isinstance(value, str) and len(self._texts) < _MOST_TEXTS:
            self._texts.append(value)

    def _on_declaration(self, node: Node, place: _Place) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if not place.is_inside or name is None or value is None:
            return
        if not place.function and self._fold.text(name) in self._changed:
            return
        folded = self._fold.value(value, place.scope)
        if isinstance(folded, str | Mapping) and isinstance(place.scope, dict):
            place.scope[self._fold.text(name)] = folded

    def _on_assignment(self, node: Node, place: _Place) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        target = self._fold.text(left)
        if target.endswith((".src", '["src"]', "['src']")):
            self._note_source(self._fold.value(right, place.scope), place)
            return
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
            self._set.setdefault(place.function, {})[name] = self._fold.value(right, place.scope)

    def _on_import(self, node: Node, place: _Place) -> None:
        """`import {draw} from "/js/rest.js"`."""
        source = node.child_by_field_name("source")
        self._uses.append(Use("import", (self._fold.value(source, {}),), is_loading=True))

    def _note_source(self, value: Value, place: _Place) -> None:
        """What an element is given to load; where a function's caller says what, the caller counts."""
        if not (isinstance(value, str) and set(HOLE.findall(value)) & set(place.parameters)):
            self._uses.append(Use(SET_SOURCE, (value,), place.is_loading))

    def _on_new(self, node: Node, place: _Place) -> None:
        made = node.child_by_field_name("constructor")
        if made is not None:
            self._note_use(self._fold.text(made, 80), arguments_of(node), place, is_made=True)

    def _on_call(self, node: Node, place: _Place) -> None:
        function = node.child_by_field_name("function")
        if function is None:
            return
        name, arguments = self._fold.text(function, 200), arguments_of(node)
        self._note_use(name, arguments, place)
        last = name.rpartition(".")[2]
        head = re.split(r"[.(\[]", name, maxsplit=1)[0]
        make = (
            _MAKERS.get(last) if head in _JQUERY or last in ("fetch", "open", "loadXMLDoc", "submit", "val") else None
        )
        if name in ("axios", "request", "uni.request", "wx.request"):
            make = _Reader._make_ajax
        is_location = _LOCATION_CALL.match(name) is not None
        if make is not None and not is_location:
            make(self, name, arguments, place)
        elif is_location and arguments:
            value = self._fold.value(arguments[0], place.scope)
            if isinstance(value, str):
                self._add(place, value, "location" if name != "window.open" else "open")

    def _note_use(self, name: str, arguments: list[Node], place: _Place, *, is_made: bool = False) -> None:
        values = tuple(
            self._fold.value(argument, place.scope) if argument.type in _VALUES else None for argument in arguments[:8]
        )
        self._uses.append(Use(name[-80:], values, place.is_loading, is_made))

    def _add(
        self,
        place: _Place,
        url: Value,
        kind: str,
        method: str = "GET",
        body: Value = None,
        headers: Value = None,
    ) -> None:
        if not isinstance(url, str) or not url:
            return
        given = headers if isinstance(headers, Mapping) else {}
        self._calls.append(
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

    def _value(self, arguments: list[Node], number: int, place: _Place) -> Value:
        return self._fold.value(arguments[number], place.scope) if number < len(arguments) else None

    def _make_get(self, name: str, arguments: list[Node], place: _Place) -> None:
        """`$.get(url, fields)`, `$("#list").load(url)`, `axios.get(url, {params: fields})`."""
        fields = self._value(arguments, 1, place)
        if isinstance(fields, Mapping) and isinstance(fields.get("params"), Mapping):
            fields = fields["params"]
        self._add(place, with_fields(self._value(arguments, 0, place), fields), name.rpartition(".")[2])

    def _make_post(self, name: str, arguments: list[Node], place: _Place) -> None:
        self._add(place, self._value(arguments, 0, place), "post", "POST", self._value(arguments, 1, place))

    def _make_ajax(self, name: str, arguments: list[Node], place: _Place) -> None:
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

    def _make_fetch(self, name: str, arguments: list[Node], place: _Place) -> None:
        options = self._value(arguments, 1, place)
        given = options if isinstance(options, Mapping) else {}
        method = str(given.get("method") or "GET").upper()
        self._add(place, self._value(arguments, 0, place), "fetch", method, given.get("body"), given.get("headers"))

    def _make_open(self, name: str, arguments: list[Node], place: _Place) -> None:
        """`request.open("GET", url)` of XMLHttpRequest."""
        method = str(self._value(arguments, 0, place)).upper()
        if method in ("GET", "POST") and len(arguments) >= 2:
            self._add(place, self._value(arguments, 1, place), "xhr", method)

    def _make_xml(self, name: str, arguments: list[Node], place: _Place) -> None:
        self._add(place, self._value(arguments, 0, place), "xml")

    def _make_field(self, name: str, arguments: list[Node], place: _Place) -> None:
        """`$("#pageNo").val(n)`."""
        found = _SELECTED.match(name)
        if found and arguments and found.group("id"):
            self._set.setdefault(place.function, {})[found.group("id")] = self._value(arguments, 0, place)

    def _make_submit(self, name: str, arguments: list[Node], place: _Place) -> None:
        """`$("#pageForm").submit()`, `document.pageForm.submit()`, `form.submit()`."""
        found = _SELECTED.match(name)
        form = next((group for group in found.groups() if group), "") if found else ""
        fields = dict(self._set.get(place.function, {}))
        if not arguments and (form or fields):
            self._calls.append(ScriptCall("", "submit", "POST", None, place.function, place.parameters, form, fields))


def _is_sum(node: Node, fold: Folder) -> bool:
    operator = node.child_by_field_name("operator")
    return operator is not None and fold.text(operator) == "+"


def _with_started(calls: Iterable[ScriptCall], uses: Iterable[Use]) -> tuple[ScriptCall, ...]:
    """The requests; those of functions that are called as the page loads are made then."""
    started = {use.last_name for use in uses if use.is_loading}
    return tuple(
        replace(call, is_loading=True) if call.function and call.function in started else call for call in calls
    )


def with_fields(url: Value, fields: Value) -> Value:
    """An address with fields in its query; holes stay as they are."""
    if not isinstance(url, str) or not isinstance(fields, Mapping):
        return url
    pairs = [(key, value) for key, value in fields.items() if isinstance(value, str)]
    query = "&".join(
        f"{quote(key, safe='[]')}={value if HOLE_BEGIN in value else quote(value, safe='')}" for key, value in pairs
    )
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


_VISITS: dict[str, Callable[[_Reader, Node, _Place], None]] = {
    "variable_declarator": _Reader._on_declaration,
    "assignment_expression": _Reader._on_assignment,
    "new_expression": _Reader._on_new,
    "import_statement": _Reader._on_import,
    "call_expression": _Reader._on_call,
    "string": _Reader._on_text,
    "template_string": _Reader._on_text,
    "binary_expression": _Reader._on_text,
}
_MAKERS: dict[str, Callable[[_Reader, str, list[Node], _Place], None]] = {
    "get": _Reader._make_get,
    "getJSON": _Reader._make_get,
    "getScript": _Reader._make_get,
    "load": _Reader._make_get,
    "jsonp": _Reader._make_get,
    "post": _Reader._make_post,
    "ajax": _Reader._make_ajax,
    "request": _Reader._make_ajax,
    "fetch": _Reader._make_fetch,
    "open": _Reader._make_open,
    "loadXMLDoc": _Reader._make_xml,
    "val": _Reader._make_field,
    "submit": _Reader._make_submit,
}
