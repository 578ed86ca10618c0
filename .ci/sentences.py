"""The sentences that the packages say to people, as templates: read from the source's syntax, `{name}` where a value stands.

A sentence may be a finished English text when it is said: that of an error, of a reason that is stored, of a line that is printed. Its
template is what the catalogue translates, and what `extract.messages.sentences` recognises it by.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("extract", "archive", "crawler")
#: Calls whose first argument is a message. Errors for people, found by their base, are such calls too.
_FIRST = ("localizable", "localize", "say", "emit_text", "UsageError", "BadParameter")
#: Calls one of whose arguments is a sentence, beside codes and names: reasons, evidence, damages, progress.
_ANY = frozenset(
    [
        "test",
        "because",
        "damage",
        "damaged",
        "_damaged",
        "_stop",
        "_problem",
        "_fail_with",
        "fail",
        "error",
        "tell",
        "_tell",
        "_say",
        "_said",
        "_section",
        "leave",
        "notice",
        "update",
        "add_task",
        "status",
        "_test",
        "require_contact",
        "Verdict",
        "RobotRules",
        "Judged",
        "ClaimJudgement",
        "Placement",
        "Unread",
        "UnreadPart",
        "Damage",
        "TransportError",
        "ArchiveRefused",
        "NotThatCapture",
        "BrokenMember",
        "PassResult",
        "Placed",
        "NotFetched",
        "_NoPage",
        "costing_itself",
    ]
)
#: Lists that sentences are put into.
_KEPT_IN = ("warnings", "_warnings", "problems", "_problems", "notes", "doubts", "damages", "_ends", "attention")
#: Calls that print a table: rows, heads of the columns, and what is said where there are no rows.
_TABLES = ("emit_table", "_emit")
#: Of these, those whose plain text is a key of the catalogue.
_AS_IT_STANDS = ("localize", "localizable")
_LOGGED = ("warning", "error")
#: Variables that hold a sentence until it is said or stored.
_HELD_IN = (
    "message",
    "reason",
    "problem",
    "end",
    "counts",
    "remedy",
    "name",
    "WHOLE",
    "_ALWAYS",
    "_OF_FIGURES",
    "LIMITS",
)
#: What is wrong with tables that stand in the packages is for their authors.
_OUR_DATA = "extract/lexicon/"
#: Calls whose first argument stands before a value, as a heading stands above them.
_LABELS = ("_pair", "heading")
#: Calls whose argument is a code that has a word in each language.
_WORDS = ("localizable_word",)
_BASE = "OgiError"
#: What `%` formatting leaves for a value.
_PERCENT = re.compile(r"%[-#0-9.]*[a-zA-Z]")


@cache
def sentences() -> frozenset[str]:
    """Every template; without the white space around it, unless somebody asks the catalogue for it as it stands."""
    return frozenset(text for text in _found()[0] if re.search("[A-Za-z]{2}", re.sub(r"\{\w*\}", "", text)))


@cache
def headings() -> frozenset[str]:
    """The heads of tables."""
    return _found()[1]


@cache
def words() -> frozenset[str]:
    """Codes that have a word in each language."""
    return _found()[2]


@cache
def _found() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    paths = sorted(
        path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if _OUR_DATA not in path.as_posix()
    )
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    errors = _errors(trees)
    said, heads, codes = set[str](), set[str](), set[str]()
    for path, tree in zip(paths, trees, strict=True):
        is_read = path.is_relative_to(ROOT / "extract")  # what reading warns of is yielded
        tables = _tables(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) in _TABLES:
                heads |= set(_heads(node, tables))
                said |= {
                    text for part in [*node.args, *(word.value for word in node.keywords)] for text in templates(part)
                }
            elif isinstance(node, ast.Call):
                is_label = _last_name(node.func) in _LABELS and path.is_relative_to(ROOT / "crawler" / "cli")
                heads |= set(templates(node.args[0])) if is_label and node.args else set()
                codes |= set(templates(node.args[0])) if _last_name(node.func) in _WORDS else set()
                said |= set(_of_call(node, errors))
            elif isinstance(node, ast.Yield) and node.value is not None and is_read:
                said |= {text.strip() for text in templates(node.value) if _is_sentence(text)}
            elif isinstance(node, ast.Assign) and _last_name(node.targets[0]) in _HELD_IN:
                held = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
                said |= {text.strip() for part in held for text in templates(part) if _is_sentence(text)}
    return frozenset(said), frozenset(heads), frozenset(codes)


def _errors(trees: list[ast.Module]) -> set[str]:
    """Names of the classes that derive from the base of errors for people."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {_BASE}
    while more := {
        one.name for one in classes if one.name not in known and any(_last_name(base) in known for base in one.bases)
    }:
        known |= more
    return known


def _of_call(call: ast.Call, errors: set[str]) -> Iterator[str]:
    name = _last_name(call.func)
    if isinstance(call.func, ast.Attribute) and _last_name(call.func.value) == "logger":
        if name in _LOGGED and call.args:
            yield from (_percent(text) for text in templates(call.args[0]))
        return
    if (name in _FIRST or name in errors) and call.args:
        is_asked_for = name in _AS_IT_STANDS and isinstance(call.args[0], ast.Constant)
        yield from (text if is_asked_for else text.strip().lstrip(",; ") for text in templates(call.args[0]))
        if name == "say" and len(call.args) > 1:  # a claim says its outcome first
            yield from (text.strip() for text in templates(call.args[1]) if _is_sentence(text))
    elif name in _ANY or (name in ("append", "add") and _last_name(getattr(call.func, "value", call)) in _KEPT_IN):
        parts = [*call.args, *(word.value for word in call.keywords)]
        yield from (text.strip() for part in parts for text in templates(part) if _is_sentence(text))


def _is_sentence(text: str) -> bool:
    """More than one word; a single one may be a code, or a property's name."""
    return " " in text.strip() and len(re.findall(r"[A-Za-z\u4e00-\u9fff']{2,}", re.sub(r"\{\w*\}", " ", text))) > 1


def _tables(tree: ast.Module) -> dict[str, ast.Dict]:
    """Dictionaries by the name that they are kept under."""
    return {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _heads(call: ast.Call, tables: dict[str, ast.Dict]) -> Iterator[str]:
    for part in call.args[1:]:
        found = tables.get(part.id) if isinstance(part, ast.Name) else part
        if isinstance(found, ast.Dict):
            yield from (
                one.value for one in found.values if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


def _percent(text: str) -> str:
    numbers = iter(range(1, 100))
    return _PERCENT.sub(lambda _: f"{{value{next(numbers)}}}", text)


def templates(node: ast.expr) -> Iterator[str]:
    """The templates that an expression may be; none where it isn't written out. Words that stand in for a value are templates too."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr():
            yield _joined(node)
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from _alternatives(part.value)
        case ast.List() | ast.Tuple():
            for one in node.elts:
                yield from templates(one)
        case ast.IfExp():
            yield from templates(node.body)
            yield from templates(node.orelse)
        case ast.BinOp(op=ast.Add()):
            for left in templates(node.left):
                yield from (left + right for right in templates(node.right))


def _alternatives(node: ast.expr) -> Iterator[str]:
    """Words (more than one: a single one may be a code) that stand in a value's place."""
    inner = [node.body, node.orelse] if isinstance(node, ast.IfExp) else getattr(node, "values", [])
    for one in inner if isinstance(node, ast.IfExp | ast.BoolOp) else []:
        yield from (text for text in templates(one) if " " in text.strip())
        yield from _alternatives(one)


def _joined(node: ast.JoinedStr) -> str:
    taken: dict[str, int] = {}
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue):
            name = _name_of(part.value)
            taken[name] = taken.get(name, 0) + 1
            parts.append(f"{{{name}{taken[name] if taken[name] > 1 else ''}}}")
    return "".join(parts)


def _name_of(node: ast.expr) -> str:
    """What a translator calls the value: the last name in its expression."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Subscript(slice=ast.Constant(value=str(key))) if key.isidentifier():
            return key
        case ast.Subscript(value=inner) | ast.IfExp(body=inner) | ast.BinOp(left=inner):
            return _name_of(inner)
        case ast.BoolOp(values=[first, *_]):
            return _name_of(first)
        case ast.Call(func=ast.Attribute(attr="join"), args=[inner]):
            return _name_of(inner)
        case ast.Call(args=[ast.Name() | ast.Attribute() | ast.Subscript() as inner, *_]):
            return _name_of(inner)
        case ast.Call(func=inner):
            return _name_of(inner)
    return "value"


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
