"""The functions of a script: their names, their parameters, and which of them run as the page loads."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tree_sitter import Language, Parser
from tree_sitter_javascript import language

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from crawler.pages.script_values import Folder

#: Nodes of the syntax tree that are functions.
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function_declaration",
    }
)
#: Functions that run the function given to them as the page loads, or soon after.
STARTERS = frozenset(
    {
        "$",
        "jQuery",
        "layui.use",
        "Vue.nextTick",
        "setTimeout",
        "window.setTimeout",
        "setInterval",
        "requestAnimationFrame",
    }
)


@lru_cache(maxsize=1)
def script_parser() -> Parser:
    """What makes a syntax tree of a script."""
    return Parser(Language(language()))


def parameters_of(node: Node, text: Callable[[Node], str]) -> tuple[str, ...]:
    """The names of a function's parameters; `text` gives a node as written."""
    listed = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    if listed is None:
        return ()
    if listed.type != "formal_parameters":
        return (text(listed),)
    names = (child.child_by_field_name("left") or child for child in listed.named_children)
    return tuple(text(name) for name in names)


def name_by_assignment(node: Node, text: Callable[[Node], str]) -> str:
    """The name of a function that is assigned: `var next = function () {…}`, `goPage: function () {…}`; `text` gives a node as written."""
    parent = node.parent
    if parent is None or parent.type not in ("variable_declarator", "assignment_expression", "pair"):
        return ""
    given = next(
        (found for key in ("name", "left", "key") if (found := parent.child_by_field_name(key)) is not None), None
    )
    return text(given).rpartition(".")[2].strip("\"'") if given is not None else ""


def runs_on_loading(node: Node, fold: Folder) -> bool:
    """Whether a function without a name runs as the page loads: `$(function () {…})`, `(function () {…})()`."""
    parent = node.parent
    while parent is not None and parent.type in ("arguments", "parenthesized_expression"):
        parent = parent.parent
    if parent is None or parent.type != "call_expression":
        return False
    function = parent.child_by_field_name("function")
    name = fold.text(function, 80) if function is not None else ""
    if name.endswith("addEventListener"):
        return any(event in fold.text(parent, 120) for event in ("DOMContentLoaded", "'load'", '"load"'))
    return name in STARTERS or name.startswith("(") or name.endswith(".ready")
