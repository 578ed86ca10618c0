"""The scripts of one page as one program: what its names stand for, which functions it has, and by whom these are called."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crawler.pages.script_functions import FUNCTIONS, name_by_assignment, parameters_of, script_parser
from crawler.pages.script_values import arguments_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tree_sitter import Node

#: Bounds on what a hostile page may cost, for all of its scripts together.
MAX_SOURCE = 400_000
MAX_NODES = 120_000
_MOST_TEXT = 120
_DECLARES = frozenset({"variable_declarator"})
_ASSIGNS = frozenset({"assignment_expression", "augmented_assignment_expression"})
CALLS = frozenset({"call_expression", "new_expression"})


@dataclass(slots=True)
class Function:
    """One function.

    Attributes:
        node: Its node.
        name: Its last name, empty if it has none.
        parameters: Names of its parameters.
        values: What the names declared in it are set to.
        returns: What it returns.
    """

    node: Node
    name: str = ""
    parameters: tuple[str, ...] = ()
    values: dict[str, list[Node]] = field(default_factory=lambda: defaultdict(list))
    returns: list[Node] = field(default_factory=list)


def text_of_node(node: Node | None, most: int = _MOST_TEXT) -> str:
    """A node as written, or its beginning."""
    written = node.text if node is not None else None
    return written[:most].decode("utf-8", "replace") if written else ""


def callee_of(call: Node) -> Node | None:
    """What a call calls, or what `new` makes."""
    return call.child_by_field_name("function") or call.child_by_field_name("constructor")


def last_name(callee: Node | None) -> str:
    """A function's own name where it is called: `append` of `$("#x").append`."""
    if callee is None:
        return ""
    named = callee.child_by_field_name("property") if callee.type == "member_expression" else callee
    return text_of_node(named)


def arguments_of_call(call: Node) -> list[Node]:
    """A call's arguments, comments between them left out."""
    return [one for one in arguments_of(call) if one.type != "comment"]


class Program:
    """All scripts of a page.

    Attributes:
        calls: All calls, `new` among them.
        assignments: All assignments.
        functions: By the number of their nodes.
        by_name: By their last names.
        uses: Places where a function's name stands and isn't called there.
        is_cut: It was too large to be read whole.
    """

    def __init__(self, sources: Iterable[str]) -> None:
        self.calls: list[Node] = []
        self.waits: list[Node] = []
        self.assignments: list[Node] = []
        self.functions: dict[int, Function] = {}
        self.by_name: dict[str, list[Function]] = defaultdict(list)
        self.calls_of: dict[str, list[Node]] = defaultdict(list)
        self.uses: dict[str, list[Node]] = defaultdict(list)
        self.globals: dict[str, list[Node]] = defaultdict(list)
        self.is_cut = False
        self._trees = []  # nodes live as long as their trees
        size = 0
        for source in sources:
            encoded = source.encode("utf-8", "replace")
            size += len(encoded)
            if size > MAX_SOURCE:
                self.is_cut = True
                break
            self._trees.append(script_parser().parse(encoded))
        roots = [tree.root_node for tree in self._trees]
        self._collect(roots)
        self._resolve_names()

    def _collect(self, roots: list[Node]) -> None:
        stack: list[tuple[Node, Function | None]] = [(root, None) for root in reversed(roots)]
        self._identifiers: list[Node] = []
        self._assigned: list[tuple[Node, Node]] = []
        nodes = 0
        while stack:
            node, around = stack.pop()
            nodes += 1
            if nodes > MAX_NODES:
                self.is_cut = True
                return
            if node.type in FUNCTIONS:
                around = self._function(node)
            self._visit(node, around)
            stack.extend((child, around) for child in reversed(node.named_children))

    def _function(self, node: Node) -> Function:
        found = Function(node, _name_of(node), parameters_of(node, text_of_node))
        self.functions[node.id] = found
        if found.name:
            self.by_name[found.name].append(found)
        body = node.child_by_field_name("body")
        if body is not None and body.type != "statement_block":
            found.returns.append(body)
        return found

    def _visit(self, node: Node, around: Function | None) -> None:
        if node.type in CALLS:
            self.calls.append(node)
            self.calls_of[last_name(callee_of(node))].append(node)
        elif node.type == "await_expression":
            self.waits.append(node)
        elif node.type in _ASSIGNS:
            self.assignments.append(node)
            self._note_assigned(node)
        elif node.type in _DECLARES:
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            self._declare(name, value, around)
        elif node.type == "for_in_statement":
            self._declare(node.child_by_field_name("left"), node.child_by_field_name("right"), around)
        elif node.type == "return_statement" and around is not None:
            around.returns += node.named_children[:1]
        elif node.type == "identifier":
            self._identifiers.append(node)

    def _declare(self, name: Node | None, value: Node | None, around: Function | None) -> None:
        if name is None:
            return
        values = around.values if around is not None else self.globals
        names = (
            [name]
            if name.type == "identifier"
            else [one for one in _inside(name) if one.type.endswith("identifier") or one.type.endswith("pattern")]
        )
        for one in names:
            known = values[text_of_node(one)]
            if value is not None:
                known.append(value)

    def _note_assigned(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and left.type == "identifier":
            self._assigned.append((left, right))

    def _resolve_names(self) -> None:
        """Give each assignment to the function that declares the name; what is assigned and never declared is global."""
        for left, right in self._assigned:
            name = text_of_node(left)
            owner = next((one for one in self.around(left) if name in one.values or name in one.parameters), None)
            (owner.values if owner is not None else self.globals)[name].append(right)
        for node in self._identifiers:
            name = text_of_node(node)
            if name in self.by_name and not _is_called_or_named(node):
                self.uses[name].append(node)

    def around(self, node: Node) -> Iterator[Function]:
        """The functions around a node, the nearest first."""
        parent = node.parent
        while parent is not None:
            if parent.id in self.functions:
                yield self.functions[parent.id]
            parent = parent.parent


def _inside(node: Node) -> Iterator[Node]:
    stack = [node]
    for _ in range(200):
        if not stack:
            return
        one = stack.pop()
        yield one
        stack.extend(one.named_children)


def _name_of(node: Node) -> str:
    named = node.child_by_field_name("name")
    if named is None:
        return name_by_assignment(node, text_of_node)
    return text_of_node(named).rpartition(".")[2].strip("\"'")


def _is_called_or_named(node: Node) -> bool:
    """Whether an identifier is what a call calls, or the name of a declaration."""
    parent = node.parent
    if parent is None:
        return False
    fields = ("function", "constructor", "name", "left", "key")
    return any((one := parent.child_by_field_name(key)) is not None and one.id == node.id for key in fields)
