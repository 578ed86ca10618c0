"""The functions of a script: their names, their parameters, and which of them run as the page loads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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


def parameters_of(node: Node, fold: Folder) -> tuple[str, ...]:
    """The names of a function's parameters."""
    listed = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
    if listed is None:
        return ()
    if listed.type != "formal_parameters":
        return (fold.text(listed),)
    names = (child.child_by_field_name("left") or child for child in listed.named_children)
    return tuple(fold.text(name) for name in names)


def name_by_assignment(node: Node, fold: Folder) -> str:
    """The name of a function that is assigned: `var next = function () {…}`, `goPage: function () {…}`."""
    parent = node.parent
    if parent is None or parent.type not in ("variable_declarator", "assignment_expression", "pair"):
        return ""
    given = next(
        (found for key in ("name", "left", "key") if (found := parent.child_by_field_name(key)) is not None), None
    )
    return fold.text(given).rpartition(".")[2].strip("\"'") if given is not None else ""


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
