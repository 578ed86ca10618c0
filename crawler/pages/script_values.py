"""Values in a page's scripts, folded as far as they are constant. Nothing is run: a syntax tree is read.

A value is a text, an object, an array, or `None` if nothing is known of it. What is not constant is a hole in a text: its name between
`HOLE_BEGIN` and `HOLE_END`. Numbers, `true` and `null` are texts, as they would be in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tree_sitter import Node

HOLE_BEGIN, HOLE_END = "\ue000", "\ue001"
HOLE = re.compile(f"{HOLE_BEGIN}(\\w+){HOLE_END}")

#: Deeper expressions are not folded: a sum of thousands of parts must not end in an error of the interpreter.
MAX_DEPTH = 64
#: Longer texts are no addresses and no fields.
_MAX_TEXT = 4_000
_HOLE_NAME, _HOLE_SOURCE = 24, 200
_ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "", "\\f": "", "\\v": "", "\\0": ""}
_NUMBER = re.compile(r"-?\d+\Z")
_TRANSPARENT = re.compile(
    r"(?:window\.)?(?:parseInt|parseFloat|Number|String|encodeURI|encodeURIComponent|escape|\$\.trim|jQuery\.trim)\Z"
)
_TEXT_METHODS = ("toString", "trim", "replace", "toLowerCase", "concat")


@dataclass(frozen=True, slots=True)
class JsonText:
    """An object or array that a script turns into JSON text."""

    value: Value


Value: TypeAlias = "str | Mapping[str, Value] | tuple[Value, ...] | JsonText | None"
Scope: TypeAlias = Mapping[str, Value]


def hole(name: str) -> str:
    """A text that is not constant; the name is for people and for the vocabulary of fields."""
    cleaned = re.sub(r"\W+", "_", name)[-_HOLE_NAME:].strip("_") or "x"
    return f"{HOLE_BEGIN}{cleaned}{HOLE_END}"


def holes_of(value: Value) -> list[str]:
    """The names of all holes in a value, in order."""
    return [name for text in texts_of(value) for name in HOLE.findall(text)]


def texts_of(value: Value, depth: int = 0) -> list[str]:
    """All texts in a value, in order."""
    if isinstance(value, str):
        return [value]
    if depth > MAX_DEPTH or value is None:
        return []
    if isinstance(value, JsonText):
        return texts_of(value.value, depth + 1)
    members = value.values() if isinstance(value, Mapping) else value
    return [text for member in members for text in texts_of(member, depth + 1)]


def fill(value: Value, values: Mapping[str, str]) -> Value:
    """The value with holes filled, as far as they are given."""
    if isinstance(value, str):
        return HOLE.sub(lambda found: values.get(found.group(1), found.group(0)), value)
    if isinstance(value, JsonText):
        return JsonText(fill(value.value, values))
    if isinstance(value, Mapping):
        return {key: fill(member, values) for key, member in value.items()}
    if isinstance(value, tuple):
        return tuple(fill(member, values) for member in value)
    return None


def shown(text: str) -> str:
    """A text with its holes as people read them: `{name}`."""
    return HOLE.sub(r"{\1}", text)


class Folder:
    """Folds expressions of one script.

    Args:
        source: The script's bytes, which the nodes refer to.
        constants: Names set once outside of functions; grows as they are found.
    """

    def __init__(self, source: bytes, constants: dict[str, Value]) -> None:
        self._source = source
        self.constants = constants

    def text(self, node: Node, most: int = _MAX_TEXT) -> str:
        """The node as written, or its beginning."""
        return self._source[node.start_byte : min(node.end_byte, node.start_byte + most)].decode("utf-8", "replace")

    def value(self, node: Node | None, scope: Scope, depth: int = 0) -> Value:
        """What an expression is worth."""
        if node is None or depth > MAX_DEPTH:
            return None
        fold = _FOLDS.get(node.type)
        return None if fold is None else fold(self, node, scope, depth + 1)

    def as_text(self, node: Node, scope: Scope, depth: int) -> str:
        """What an expression is worth inside a text: a hole if that isn't known."""
        value = self.value(node, scope, depth)
        return value if isinstance(value, str) and len(value) < _MAX_TEXT else hole(self.text(node, _HOLE_SOURCE))

    def named(self, name: str, scope: Scope) -> Value:
        """What a name stands for."""
        if name in scope:
            return scope[name]
        return self.constants[name] if name in self.constants else hole(name)

    # one method for each kind of expression

    def _string(self, node: Node, scope: Scope, depth: int) -> Value:
        return "".join(_unescaped(self.text(child)) for child in node.named_children)

    def _template(self, node: Node, scope: Scope, depth: int) -> Value:
        parts = []
        for child in node.named_children:
            if child.type == "template_substitution":
                inner = child.named_children
                parts.append(self.as_text(inner[0], scope, depth) if inner else "")
            else:
                parts.append(_unescaped(self.text(child)))
        return "".join(parts)

    def _literal(self, node: Node, scope: Scope, depth: int) -> Value:
        return self.text(node)

    def _bracketed(self, node: Node, scope: Scope, depth: int) -> Value:
        inner = node.named_children
        return self.value(inner[0], scope, depth) if inner else None

    def _sum(self, node: Node, scope: Scope, depth: int) -> Value:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or left is None or right is None:
            return None
        sign = self.text(operator)
        if sign in ("||", "??"):  # x || "default": the default is what is known
            first, second = self.value(left, scope, depth), self.value(right, scope, depth)
            return first if isinstance(first, str) and HOLE_BEGIN not in first else second
        if sign not in "+-":
            return hole(self.text(node, _HOLE_SOURCE))
        first_text, second_text = self.as_text(left, scope, depth), self.as_text(right, scope, depth)
        is_count = "string" not in (left.type, right.type)
        if is_count and _NUMBER.match(first_text) and _NUMBER.match(second_text):
            change = int(second_text[:12])
            return str(int(first_text[:12]) + (change if sign == "+" else -change))
        if is_count and HOLE.fullmatch(first_text) and _NUMBER.match(second_text):
            return first_text  # n + 1 is the hole n still
        return first_text + second_text if sign == "+" else hole(self.text(node, _HOLE_SOURCE))

    def _choice(self, node: Node, scope: Scope, depth: int) -> Value:
        """`n == 1 ? "index.html" : "index_" + n + ".html"`: the one with the hole."""
        one = self.value(node.child_by_field_name("consequence"), scope, depth)
        other = self.value(node.child_by_field_name("alternative"), scope, depth)
        return other if isinstance(other, str) and HOLE_BEGIN in other else one if one is not None else other

    def _object(self, node: Node, scope: Scope, depth: int) -> Value:
        members: dict[str, Value] = {}
        for child in node.named_children:
            if child.type == "pair":
                key = child.child_by_field_name("key")
                if key is not None:
                    members[self.text(key).strip("\"'")] = self.value(child.child_by_field_name("value"), scope, depth)
            elif child.type == "shorthand_property_identifier":
                members[self.text(child)] = self.named(self.text(child), scope)
        return members

    def _array(self, node: Node, scope: Scope, depth: int) -> Value:
        return tuple(self.value(child, scope, depth) for child in node.named_children)

    def _identifier(self, node: Node, scope: Scope, depth: int) -> Value:
        return self.named(self.text(node), scope)

    def _member(self, node: Node, scope: Scope, depth: int) -> Value:
        name = node.child_by_field_name("property")
        whole = self.value(node.child_by_field_name("object"), scope, depth)
        key = self.text(name) if name is not None else ""
        return whole.get(key) if isinstance(whole, Mapping) else hole(key)

    def _element(self, node: Node, scope: Scope, depth: int) -> Value:
        whole = self.value(node.child_by_field_name("object"), scope, depth)
        key = self.value(node.child_by_field_name("index"), scope, depth)
        if isinstance(whole, Mapping) and isinstance(key, str):
            return whole.get(key)
        return hole(self.text(node, _HOLE_SOURCE))

    def _call(self, node: Node, scope: Scope, depth: int) -> Value:
        function = node.child_by_field_name("function")
        arguments = arguments_of(node)
        name = self.text(function) if function is not None else ""
        if name == "JSON.stringify" and arguments:
            value = self.value(arguments[0], scope, depth)
            return JsonText(value) if value is not None else None
        if _TRANSPARENT.match(name) and arguments:
            return self.value(arguments[0], scope, depth)
        if name.rpartition(".")[2] in _TEXT_METHODS and function is not None:
            return self.value(function.child_by_field_name("object"), scope, depth)
        return hole(name)

    def _new(self, node: Node, scope: Scope, depth: int) -> Value:
        arguments = arguments_of(node)
        return self.value(arguments[0], scope, depth) if arguments else None


def arguments_of(node: Node) -> list[Node]:
    """The arguments of a call."""
    found = node.child_by_field_name("arguments")
    return list(found.named_children) if found is not None else []


def _unescaped(piece: str) -> str:
    if not piece.startswith("\\"):
        return piece
    coded = re.fullmatch(r"\\(?:u|x|u\{)([0-9A-Fa-f]{2,6})\}?", piece)
    if coded:
        number = int(coded.group(1), 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else "\ufffd"
    return _ESCAPES.get(piece, piece[1:])


_FOLDS = {
    "string": Folder._string,
    "template_string": Folder._template,
    "number": Folder._literal,
    "true": Folder._literal,
    "false": Folder._literal,
    "null": Folder._literal,
    "parenthesized_expression": Folder._bracketed,
    "binary_expression": Folder._sum,
    "ternary_expression": Folder._choice,
    "object": Folder._object,
    "array": Folder._array,
    "identifier": Folder._identifier,
    "member_expression": Folder._member,
    "subscript_expression": Folder._element,
    "call_expression": Folder._call,
    "new_expression": Folder._new,
    "await_expression": Folder._bracketed,
}
