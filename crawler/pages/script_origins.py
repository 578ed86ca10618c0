"""Whether the origin of a value in a page's scripts is evident: the script itself, the page, the clock, or a request that is known.

Nothing is run. What comes from elsewhere (a store of the browser, a message, a name that nobody sets, an unknown function) is not evident.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crawler.pages.script_functions import FUNCTIONS
from crawler.pages.script_program import CALLS, arguments_of_call, callee_of, last_name, text_of_node

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from tree_sitter import Node

    from crawler.pages.script_program import Function, Program

_MAX_DEPTH = 40
_LITERALS = frozenset(
    ["string", "number", "true", "false", "null", "undefined", "regex", "this", "super", "comment", "string_fragment"]
)
#: Nodes that are evident if all of their parts are.
_PARTS = frozenset(
    [
        "binary_expression", "unary_expression", "update_expression", "ternary_expression", "parenthesized_expression",
        "sequence_expression", "array", "object", "spread_element", "template_string", "template_substitution",
    ]
)  # fmt: skip
#: What every page has, as far as it only says something of the page, the reader's machine and the clock.
_GLOBALS = frozenset(
    [
        "document", "window", "self", "location", "navigator", "screen", "Math", "JSON", "Date", "Object", "Array",
        "String", "Number", "Boolean", "RegExp", "console", "$", "jQuery", "jq", "performance", "event", "undefined",
        "NaN", "Infinity", "globalThis", "Image", "Set", "Map", "Error", "Element", "Node", "Promise", "Symbol", "Intl",
        "XMLHttpRequest", "ActiveXObject", "XDomainRequest", "FormData", "URLSearchParams", "URL", "Headers", "Option",
        "layui", "layer", "axios", "body", "head", "IntersectionObserver", "MutationObserver", "ResizeObserver", "module", "exports",
    ]
)  # fmt: skip
#: Names that nobody gives to anything else.
_ALWAYS = frozenset({"$", "jQuery", "document", "undefined"})
_PURE = frozenset(
    [
        "parseInt", "parseFloat", "String", "Number", "Boolean", "Array", "isNaN", "isFinite", "encodeURIComponent",
        "encodeURI", "decodeURIComponent", "decodeURI", "escape", "unescape", "atob", "btoa", "$", "jQuery", "Date",
        "Object", "createElement", "getElementsByTagName", "getElementById", "matchMedia", "getComputedStyle", "confirm", "prompt",
    ]
)  # fmt: skip
#: Properties of events, requests and windows that hold what came from elsewhere.
_ARRIVES = frozenset(["data", "detail", "newValue", "result", "state"])
_KEPT_ELSEWHERE = re.compile(
    r"\A(?:(?:window|self|top|globalThis)\.)?(?:localStorage|sessionStorage|indexedDB|caches|opener|parent|top)\b"
    r"|\A(?:window|self|top|parent)\.name\Z|\A(?:document|window\.document)\.cookie\Z|\A(?:window\.)?history\.state\b"
    r"|\A(?:window\.)?navigator\.serviceWorker\.(?!register\b)"
)
_ITERATES = frozenset(
    [
        "each", "forEach", "map", "filter", "some", "every", "reduce", "reduceRight", "find", "findIndex", "sort",
        "replace", "replaceAll", "flatMap", "grep", "from",
    ]
)  # fmt: skip
_TIMERS = frozenset(["setTimeout", "setInterval", "requestAnimationFrame", "requestIdleCallback", "nextTick"])
_OBSERVES = frozenset(["IntersectionObserver", "MutationObserver", "ResizeObserver", "Promise"])
_EVENTS = frozenset(
    [
        "on", "one", "bind", "live", "delegate", "addEventListener", "attachEvent", "hover", "ready", "toggle", "resize",
        "click", "dblclick", "change", "keyup", "keydown", "keypress", "input", "submit", "scroll", "focus", "blur",
        "mouseover", "mouseout", "mouseenter", "mouseleave", "mousedown", "mouseup", "mousemove", "load", "animate",
        "fadeIn", "fadeOut", "slideUp", "slideDown", "slideToggle", "fadeTo", "show", "hide", "queue", "css", "attr", "html",
        "text", "val", "addClass", "removeClass", "width", "height", "prop", "append", "prepend", "wrap",
    ]
)  # fmt: skip
#: Here functions get their names: who calls them by these counts.
_EXTENDS = frozenset(["$", "jQuery", "extend", "assign", "fn", "noConflict"])
_SETTLES = frozenset(["then", "catch", "finally", "done", "always", "success", "fail", "error"])
#: Calls whose requests are judged by their addresses, wherever they stand.
_REQUESTS = re.compile(
    r"\A(?:(?:\$|jQuery|axios|\$http|http|request)\.(?:get|post|ajax|getJSON|getScript|request|put|delete)|fetch|window\.fetch|axios|"
    r"loadXMLDoc|(?:uni|wx)\.request)\Z"
)
_CODES = 3  # as many characters by their numbers name a letter; more of them a text that can't be read here


class Origins:
    """Judges the values of one program.

    Args:
        ids: Names of the page's elements, which are names in scripts as well.
    """

    def __init__(self, program: Program, ids: Collection[str] = ()) -> None:
        self._program = program
        self._ids = ids
        self._known: dict[int, bool] = {}

    def is_evident(self, node: Node | None, depth: int = 0) -> bool:
        """Whether a value's origin is evident. A circle adds nothing to what the rest of it says."""
        if node is None or node.type in _LITERALS or node.type in FUNCTIONS:
            return True
        if depth > _MAX_DEPTH:
            return False
        if node.id in self._known:
            return self._known[node.id]
        self._known[node.id] = True
        found = self._judge(node, depth + 1)
        self._known[node.id] = found
        return found

    def _judge(self, node: Node, depth: int) -> bool:
        if node.type in _PARTS:
            return all(self.is_evident(child, depth) for child in node.named_children)
        judge = _JUDGES.get(node.type)
        return judge is not None and judge(self, node, depth)

    def _name(self, node: Node, depth: int) -> bool:
        name = text_of_node(node)
        if name in _ALWAYS:
            return True
        for around in self._program.around(node):
            if name in around.parameters or name in around.values:
                is_given = name in around.parameters
                given = not is_given or self.parameter_is_evident(around, around.parameters.index(name), depth)
                return given and self._are_evident(around.values.get(name, ()), depth)
        if name in self._program.globals:
            return self._are_evident(self._program.globals[name], depth)
        return name in _GLOBALS or name in self._ids or name in self._program.by_name or name == "arguments"

    def _are_evident(self, values: Iterable[Node], depth: int) -> bool:
        return all(self.is_evident(value, depth) for value in values)

    def _member(self, node: Node, depth: int) -> bool:
        if _KEPT_ELSEWHERE.match(text_of_node(node)):
            return False
        holder = node.child_by_field_name("object")
        name = text_of_node(node.child_by_field_name("property"))
        if name in _ARRIVES and holder is not None and self._may_have_arrived(holder):
            return False
        return self.is_evident(holder, depth)

    def _may_have_arrived(self, holder: Node) -> bool:
        """Whether something is an event, or holds one: then what it brings came from elsewhere."""
        root = holder
        while root.type == "member_expression" and (inner := root.child_by_field_name("object")) is not None:
            root = inner
        name = text_of_node(root)
        owner = next(
            (one for one in self._program.around(holder) if name in one.parameters or name in one.values), None
        )
        return (owner is not None and name in owner.parameters and self._is_event(owner)) or name == "event"

    def _is_event(self, function: Function) -> bool:
        """Whether a function is called with an event: it is given to what listens, or set as `on…`."""
        parent = function.node.parent
        if parent is not None and parent.type == "assignment_expression":
            target = text_of_node(parent.child_by_field_name("left")).rpartition(".")[2]
            return target.startswith("on")
        call = _call_around(function.node)
        return call is not None and last_name(callee_of(call)) in _EVENTS

    def _subscript(self, node: Node, depth: int) -> bool:
        is_kept = _KEPT_ELSEWHERE.match(text_of_node(node)) is not None
        return not is_kept and self.is_evident(node.child_by_field_name("object"), depth)

    def _pair(self, node: Node, depth: int) -> bool:
        return self.is_evident(node.child_by_field_name("value"), depth)

    def _assigned(self, node: Node, depth: int) -> bool:
        return self.is_evident(node.child_by_field_name("right"), depth)

    def _awaited(self, node: Node, depth: int) -> bool:
        return all(self.is_evident(child, depth) for child in node.named_children)

    def _call(self, node: Node, depth: int) -> bool:
        callee = callee_of(node)
        if callee is None or is_request(node):
            return callee is not None
        arguments = arguments_of_call(node)
        is_coded = last_name(callee) == "fromCharCode" and len(arguments) > _CODES
        if is_coded or not all(self.is_evident(argument, depth) for argument in arguments):
            return False
        called = self._functions_called(callee)
        if called:
            return all(self.is_evident(value, depth) for function in called for value in function.returns)
        if callee.type != "identifier":
            return self.is_evident(callee, depth)
        return text_of_node(callee) in _PURE or text_of_node(callee) in _GLOBALS

    # parameters

    def parameter_is_evident(self, function: Function, number: int, depth: int = 0) -> bool:
        """Whether all that a function may be called with is evident."""
        if depth > _MAX_DEPTH:
            return False
        if not self._place_is_evident(function.node, number, depth, is_named=bool(function.name)):
            return False
        if not function.name:
            return True
        for call in self._program.calls_of.get(function.name, ()):
            arguments = arguments_of_call(call)
            if number < len(arguments) and not self.is_evident(arguments[number], depth):
                return False
        uses = self._program.uses.get(function.name, ())
        return all(self._place_is_evident(use, number, depth, is_named=True) for use in uses)

    def _place_is_evident(self, node: Node, number: int, depth: int, *, is_named: bool) -> bool:
        """Whether what a function is called with is evident from where it, or its name, stands."""
        parent = node.parent
        while parent is not None and parent.type == "parenthesized_expression":
            node, parent = parent, parent.parent
        if parent is None:
            return True
        if parent.type in CALLS and (called := callee_of(parent)) is not None and called.id == node.id:
            arguments = arguments_of_call(parent)
            return number >= len(arguments) or self.is_evident(arguments[number], depth)
        if parent.type == "assignment_expression":
            return self._is_set_as_known(parent, depth)
        call = _call_around(node)
        if call is None:
            return is_named or parent.type not in ("arguments", "pair")
        return self._given_to(call, depth)

    def _is_set_as_known(self, assignment: Node, depth: int) -> bool:
        """Whether a function that is set as something's property is called by the page, by an element, or by a request."""
        left = assignment.child_by_field_name("left")
        if left is None or left.type != "member_expression":
            return True
        name = text_of_node(left.child_by_field_name("property"))
        holder = text_of_node(left.child_by_field_name("object"))
        is_own = holder in ("window", "self", "this") or holder.endswith((".fn", ".prototype", ".exports", ".extend"))
        if name.startswith("on") or is_own:
            return True
        root = left
        while root.type == "member_expression" and (inner := root.child_by_field_name("object")) is not None:
            root = inner
        values = self._program.globals.get(text_of_node(root), ())
        return bool(values) and all(value.type in ("object", *FUNCTIONS) for value in values)

    def _given_to(self, call: Node, depth: int) -> bool:
        """Whether what a call gives to a function is evident."""
        callee = callee_of(call)
        name = last_name(callee)
        if is_request(call) or name in _EVENTS or name in _TIMERS or name in _OBSERVES:
            return True
        holder = callee.child_by_field_name("object") if callee is not None else None
        if name in _ITERATES:
            is_static = text_of_node(holder) in ("$", "jQuery", "Array", "_")
            arguments = arguments_of_call(call)
            return self.is_evident(arguments[0] if is_static and arguments else holder, depth)
        if name in _SETTLES:
            return self.is_evident(holder, depth)
        called = self._functions_called(callee)
        if called:
            return all(self._calls_back_evidently(function, depth) for function in called)
        return name in _EXTENDS

    def _functions_called(self, callee: Node | None) -> list[Function]:
        """The page's own functions that a call calls: by their name, or where they stand."""
        while callee is not None and callee.type == "parenthesized_expression" and callee.named_children:
            callee = callee.named_children[0]
        if callee is None:
            return []
        if callee.type in FUNCTIONS:
            return [self._program.functions[callee.id]] if callee.id in self._program.functions else []
        return list(self._program.by_name.get(text_of_node(callee), ())) if callee.type == "identifier" else []

    def _calls_back_evidently(self, function: Function, depth: int) -> bool:
        """Whether a function of the page calls its callbacks only with what is evident."""
        begin, end = function.node.start_byte, function.node.end_byte
        named = (call for name in function.parameters for call in self._program.calls_of.get(name, ()))
        called = (call for call in named if begin <= call.start_byte < end)
        return all(self.is_evident(argument, depth) for call in called for argument in arguments_of_call(call))


def is_request(call: Node) -> bool:
    """Whether a call is a request that is judged by its address."""
    callee = callee_of(call)
    if call.type == "new_expression":
        return text_of_node(callee) in ("XMLHttpRequest", "ActiveXObject", "XDomainRequest")
    name = last_name(callee)
    is_load = name == "load" and any(one.type in ("string", "binary_expression") for one in arguments_of_call(call)[:1])
    return _REQUESTS.match(text_of_node(callee)) is not None or is_load


def _call_around(node: Node) -> Node | None:
    """The call that something is given to, by itself or inside of an object or array."""
    parent = node.parent
    while parent is not None and parent.type in ("pair", "object", "array", "parenthesized_expression", "arguments"):
        if parent.type == "arguments":
            return parent.parent
        parent = parent.parent
    return None


_JUDGES: dict[str, Callable[[Origins, Node, int], bool]] = {
    "identifier": Origins._name,
    "shorthand_property_identifier": Origins._name,
    "member_expression": Origins._member,
    "subscript_expression": Origins._subscript,
    "pair": Origins._pair,
    "assignment_expression": Origins._assigned,
    "augmented_assignment_expression": Origins._assigned,
    "await_expression": Origins._awaited,
    "call_expression": Origins._call,
    "new_expression": Origins._call,
}
