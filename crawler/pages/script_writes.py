"""What a page's scripts write into it from a source that nobody read: a browser's store, a message, an unknown function's answer.

A script can bring rows only by writing them. Whatever it is called and however it gets them, it must put markup, elements or addresses into the
page: so each place that writes is asked where its value comes from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.pages.script_origins import Origins, is_request
from crawler.pages.script_program import Program, arguments_of_call, callee_of, last_name, text_of_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from tree_sitter import Node

_QUOTE = 80
_WRITES = frozenset(
    [
        "append", "prepend", "after", "before", "insertBefore", "appendChild", "replaceChild", "insertAdjacentHTML",
        "insertAdjacentElement", "html", "replaceWith", "replaceChildren", "write", "writeln", "addRows", "setHTML",
        "setHTMLUnsafe",
    ]
)  # fmt: skip
#: Here what is written stands before the dot.
_IS_WRITTEN = frozenset(["appendTo", "prependTo", "insertAfter"])
_SETS = frozenset(["setAttribute", "attr", "prop"])
_SET = frozenset(["innerHTML", "outerHTML", "srcdoc"])
_WAITS = frozenset(["then", "subscribe"])
_FIELD = re.compile(r"\A[\"'][\w.\[\]-]{1,40}[\"']\Z")
_ID = re.compile(r"(?:getElementById|byId|\$|jQuery)\(\s{0,3}[\"']#?([\w-]{1,60})[\"']\s{0,3}\)\Z")
_IS_ID = re.compile(r"getElementById|byId|\([\"']#")
_SHEET = re.compile(r"\.css\b|favicon|\.ico\b")
_LOADERS = re.compile(
    r"\A(?:require|requirejs|seajs\.use|System\.import|curl|loadjs|KISSY\.use|dojo\.require|\$LAB\.script|head\.js)\Z"
)
_CLIENTS = re.compile(r"\A\w*(?:Rpc|RPC|Client|Socket|Transport|Hub|Store|DataSource|Proxy)\Z")


@dataclass(frozen=True, slots=True)
class Writes:
    """What scripts write.

    Attributes:
        unread: What is written from a source that isn't known, as the script writes it.
        waits: Calls of which a script waits for an answer that nobody knows.
        modules: What scripts load by names that are no addresses.
        filled: Names of elements that are filled with what is evident, and with nothing else.
        is_cut: The scripts are too large to be read whole.
    """

    unread: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    filled: frozenset[str] = frozenset()
    is_cut: bool = False


def read_writes(sources: Iterable[str], ids: Collection[str], apart: Collection[str] = ()) -> Writes:
    """Everything that the scripts of a page write into it.

    Args:
        sources: The scripts, what elements do when something happens among them.
        ids: The names of the page's elements.
        apart: Those of elements that stand apart from its content: what is written there is none of its rows.
    """
    texts = [source for source in sources if source.strip()]
    if not texts:
        return Writes()
    program = Program(texts)
    return _Reader(program, ids, apart, "\n".join(texts)).read()


class _Reader:
    def __init__(self, program: Program, ids: Collection[str], apart: Collection[str], said: str) -> None:
        self._program = program
        self._evidence = Origins(program, ids)
        self._ids = ids
        self._apart = apart
        self._said = said

    def read(self) -> Writes:
        unread: dict[str, None] = {}
        filled: dict[str, bool] = {}
        for place, values, target in self._writes():
            is_evident = all(self._evidence.is_evident(value) for value in values)
            name = self._id_of(target)
            if name:
                filled[name] = filled.get(name, True) and is_evident
            if not is_evident and not (name and self._is_nowhere(name)):
                unread.setdefault(_quote(place))
        return Writes(
            tuple(unread),
            tuple(dict.fromkeys(self._waits())),
            tuple(dict.fromkeys(self._modules())),
            frozenset(name for name, is_evident in filled.items() if is_evident),
            self._program.is_cut,
        )

    def _writes(self) -> Iterator[tuple[Node, list[Node], Node | None]]:
        """Places that write: (the place, what is written, into what)."""
        for one in self._program.assignments:
            left, right = one.child_by_field_name("left"), one.child_by_field_name("right")
            if left is None or right is None or left.type != "member_expression":
                continue
            name = text_of_node(left.child_by_field_name("property"))
            target = left.child_by_field_name("object")
            if name in _SET or (name == "href" and not _leads(target) and not _SHEET.search(text_of_node(right))):
                yield one, [right], target
        for call in self._program.calls:
            values = self._written_by(call)
            callee = callee_of(call)
            if values and callee is not None:
                yield call, values, callee.child_by_field_name("object")

    def _written_by(self, call: Node) -> list[Node]:
        """What a call writes; nothing if it is none that writes."""
        callee = callee_of(call)
        if callee is None or callee.type != "member_expression":
            return []
        name, arguments = last_name(callee), arguments_of_call(call)
        if name in _IS_WRITTEN:
            return [holder for holder in [callee.child_by_field_name("object")] if holder is not None]
        if name in _SETS:
            return arguments[1:] if _sets_address(arguments) else []
        if name == "load":
            return arguments[:1] if is_request(call) else []
        return arguments if name in _WRITES and not _is_field(name, arguments) else []

    def _id_of(self, target: Node | None) -> str:
        """The name of the element that is written into, if the script gives it there."""
        written = text_of_node(target)
        found = _ID.search(written)
        if found is not None and _IS_ID.search(written):
            return found.group(1)
        return written if written in self._ids else ""

    def _is_nowhere(self, name: str) -> bool:
        """Whether an element stands apart, or is neither in the page nor in what its scripts write."""
        if name in self._apart:
            return True
        written = re.compile(rf"id\s{{0,3}}=\s{{0,3}}\\?[\"']?{re.escape(name)}\b")
        return name not in self._ids and written.search(self._said) is None

    def _waits(self) -> Iterator[str]:
        """Calls for whose answer a script waits, other than known requests."""
        for call in self._program.calls:
            callee = callee_of(call)
            if callee is None or callee.type != "member_expression" or last_name(callee) not in _WAITS:
                continue
            holder = callee.child_by_field_name("object")
            if not arguments_of_call(call) or self._evidence.is_evident(holder):
                continue
            if holder is not None and not (holder.type == "call_expression" and last_name(callee_of(holder)) in _WAITS):
                yield _quote(holder)
        for wait in self._program.waits:
            if not self._evidence.is_evident(wait):
                yield _quote(wait)

    def _modules(self) -> Iterator[str]:
        """Parts of programs that are loaded by name, and clients that are made for an address."""
        for call in self._program.calls:
            name = text_of_node(callee_of(call))
            if call.type == "call_expression" and _LOADERS.match(name):
                yield from _names_given(call)
            elif call.type == "new_expression" and _CLIENTS.match(name) and name != "WebSocket":  # one of the streams
                yield _quote(call)


def _names_given(call: Node) -> Iterator[str]:
    """The names that a loader is given: one, or an array of them."""
    for one in arguments_of_call(call)[:1]:
        parts = one.named_children if one.type == "array" else [one]
        yield from (text_of_node(part).strip("\"'") for part in parts if part.type == "string")


def _sets_address(arguments: list[Node]) -> bool:
    """Whether `attr("href", x)` gives an element an address, other than a style sheet's."""
    is_address = len(arguments) == 2 and text_of_node(arguments[0]).strip("\"'") == "href"
    return is_address and not _SHEET.search(text_of_node(arguments[1]))


def _is_field(name: str, arguments: list[Node]) -> bool:
    """Whether something is appended to a form's data instead of the page."""
    return name == "append" and len(arguments) == 2 and _FIELD.match(text_of_node(arguments[0])) is not None


def _leads(target: Node | None) -> bool:
    """Whether an address is set that the browser goes to."""
    return text_of_node(target).rpartition(".")[2] in ("location", "window", "self", "document", "base")


def _quote(node: Node) -> str:
    return re.sub(r"\s+", " ", text_of_node(node, 4 * _QUOTE))[:_QUOTE]
