"""What a page's scripts would ask for, and what they call: read from their syntax trees, never run.

Portals draw pagers and fill lists by scripts. Which address such a script would ask for mostly stands in it, with a hole where the number of
the page goes. The forms of requests are known to `script_requests`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.pages.script_functions import FUNCTIONS, name_by_assignment, parameters_of, runs_on_loading, script_parser
from crawler.pages.script_requests import Requests, ScriptCall, ScriptPlace
from crawler.pages.script_values import HOLE, Folder, Value, arguments_of, hole

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

#: Bounds on what a hostile page may cost: bytes of one script, nodes of its tree, scripts of one page.
MAX_SCRIPT = 200_000
MAX_NODES = 60_000
MAX_SCRIPTS = 40
_MOST_TEXTS = 5_000

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
        self._requests = Requests(self._fold)
        self._uses: list[Use] = []
        self._functions: dict[str, tuple[str, ...]] = {}
        self._texts: list[str] = []
        self._parameters: set[str] = set()

    @property
    def constants(self) -> dict[str, Value]:
        return self._fold.constants

    def read(self) -> Script:
        """Read it."""
        self._read_constants()
        stack = [(self._root, ScriptPlace("", (), {}, is_loading=True))]
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
            _with_started(self._requests.calls, self._uses),
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

    def _enter(self, node: Node, place: ScriptPlace) -> ScriptPlace:
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
            return ScriptPlace(place.function, place.parameters, scope, is_loading, is_inside=True)
        self._functions.setdefault(name, parameters)
        return ScriptPlace(name, parameters, scope, is_loading=name == "onload", is_inside=True)

    def _on_text(self, node: Node, place: ScriptPlace) -> None:
        """A text, or a sum of texts as a whole."""
        parent = node.parent
        if parent is not None and parent.type == "binary_expression" and _is_sum(parent, self._fold):
            return
        if node.type == "binary_expression" and not _is_sum(node, self._fold):
            return
        value = self._fold.value(node, place.scope)
        if isinstance(value, str) and len(self._texts) < _MOST_TEXTS:
            self._texts.append(value)

    def _on_declaration(self, node: Node, place: ScriptPlace) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if not place.is_inside or name is None or value is None:
            return
        if not place.function and self._fold.text(name) in self._changed:
            return
        folded = self._fold.value(value, place.scope)
        if isinstance(folded, str | Mapping) and isinstance(place.scope, dict):
            place.scope[self._fold.text(name)] = folded

    def _on_assignment(self, node: Node, place: ScriptPlace) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        target = self._fold.text(left)
        if target.endswith((".src", '["src"]', "['src']")):
            self._note_source(self._fold.value(right, place.scope), place)
            return
        self._requests.note_assignment(target, right, place)

    def _on_import(self, node: Node, place: ScriptPlace) -> None:
        """`import {draw} from "/js/rest.js"`."""
        source = node.child_by_field_name("source")
        self._uses.append(Use("import", (self._fold.value(source, {}),), is_loading=True))

    def _note_source(self, value: Value, place: ScriptPlace) -> None:
        """What an element is given to load; where a function's caller says what, the caller counts."""
        if not (isinstance(value, str) and set(HOLE.findall(value)) & set(place.parameters)):
            self._uses.append(Use(SET_SOURCE, (value,), place.is_loading))

    def _on_new(self, node: Node, place: ScriptPlace) -> None:
        made = node.child_by_field_name("constructor")
        if made is not None:
            self._note_use(self._fold.text(made, 80), arguments_of(node), place, is_made=True)

    def _on_call(self, node: Node, place: ScriptPlace) -> None:
        function = node.child_by_field_name("function")
        if function is None:
            return
        name, arguments = self._fold.text(function, 200), arguments_of(node)
        self._note_use(name, arguments, place)
        self._requests.note_call(name, arguments, place)

    def _note_use(self, name: str, arguments: list[Node], place: ScriptPlace, *, is_made: bool = False) -> None:
        values = tuple(
            self._fold.value(argument, place.scope) if argument.type in _VALUES else None for argument in arguments[:8]
        )
        self._uses.append(Use(name[-80:], values, place.is_loading, is_made))


def _is_sum(node: Node, fold: Folder) -> bool:
    operator = node.child_by_field_name("operator")
    return operator is not None and fold.text(operator) == "+"


def _with_started(calls: Iterable[ScriptCall], uses: Iterable[Use]) -> tuple[ScriptCall, ...]:
    """The requests; those of functions that are called as the page loads are made then."""
    started = {use.last_name for use in uses if use.is_loading}
    return tuple(
        replace(call, is_loading=True) if call.function and call.function in started else call for call in calls
    )


_VISITS: dict[str, Callable[[_Reader, Node, ScriptPlace], None]] = {
    "variable_declarator": _Reader._on_declaration,
    "assignment_expression": _Reader._on_assignment,
    "new_expression": _Reader._on_new,
    "import_statement": _Reader._on_import,
    "call_expression": _Reader._on_call,
    "string": _Reader._on_text,
    "template_string": _Reader._on_text,
    "binary_expression": _Reader._on_text,
}
