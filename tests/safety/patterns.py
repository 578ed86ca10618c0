"""Every pattern of the packages, and texts that make a pattern work in vain.

Patterns are found where they are kept (module constants, containers and objects in them) and where they are written (literals in calls of
`re`). The texts are openings without an end: some that people know of, and some made from each pattern's own beginning.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import re._constants as sre  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import signal
import time
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

import archive
import crawler
import extract

#: What is repeated to make a text: openings of markup, scripts, lists and words that are never closed.
SEEDS = (
    "<!--", "<title ", "<title>", "<meta ", "<style", "<script ", "<script>", "<a ", "<a x>", "<iframe ", "<td", "<p><span>", "<![CDATA[", "<",
    "</", "&#1", "&a", "&", "%", "A", "a", "'", '"', "'a", '"a', "=", "='", '="', "a=", "{", "[", "(", "（", "【", "《", "“", "{\"a\":", "//", "/*",
    "\\", "/", "../", "http://", "?a=", ".", ",", ";", ":", "-", "_", "|", "·", "*", "1", "1.", "1,", "0", "2020", "2020年", "年", "第1页", "共1",
    "一、", "（一）", "表", "报告", "政府信息公开", " ", "\n", "\r\n", "\t", "\u3000", " \n", "a ", "1 ", "年 ", "\x00", "a.", "a-", "WARC/", "a: ",
)  # fmt: skip
#: Rooms that keep knowledge in files.
_WITH_DATA = frozenset({"lexicon", "forms", "lists", "portals", "families"})
_SMALL, _HALF, _WHOLE = 4_000, 24_000, 48_000
#: CPU seconds: more than this on the small text is worth a second look; the large one is given up at this.
_WORTH_S, _SLOW_S, _MOST_S = 0.0006, 0.03, 0.5
#: Twice the text may cost so many times as much: more than linear, less than quadratic.
GROWTH = 2.8


@dataclasses.dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and the ways in which it is applied."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def modules() -> Iterator[ModuleType]:
    """All modules of the packages that read something; not the replica, which is a test's own portal."""
    for package in (crawler, archive, extract):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".replica" not in found.name and not found.name.endswith(("__main__", ".demo")):
                yield importlib.import_module(found.name)


def patterns() -> list[Found]:
    """Every pattern of the packages once."""
    found: dict[tuple[Any, int], Found] = {}

    def take(place: str, pattern: re.Pattern[Any], methods: Iterable[str]) -> None:
        key = (pattern.pattern, pattern.flags)
        methods = frozenset(methods) | (found[key].methods if key in found else frozenset())
        found[key] = Found(found[key].place if key in found else place, pattern, methods)

    for module in modules():
        tree = ast.parse(inspect.getsource(module))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                take(f"{module.__name__}.{name}", value, _uses(name, tree))
            elif not isinstance(value, ModuleType | type) and not name.startswith("__"):
                for pattern in _inside(_loaded(value, module), 0):
                    take(f"{module.__name__}.{name}", pattern, ("search",))
        for line, text, flags, method in _literals(tree):
            if method != "compile" or (text, re.compile(text, flags).flags) not in found:
                take(f"{module.__name__}:{line}", re.compile(text, flags), (method,))
    return list(found.values())


def _uses(name: str, tree: ast.AST) -> set[str]:
    """The methods that a module calls on one of its patterns; one that is handed on counts as searched with."""
    parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    methods = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            parent = parents[id(node)]
            methods.add(parent.attr if isinstance(parent, ast.Attribute) and parent.value is node else "search")
    return methods or {"search"}


def _loaded(value: Any, module: ModuleType) -> Any:
    """What a cached function without arguments gives: knowledge that is read from a file when it is first asked for."""
    if (
        not hasattr(value, "cache_info")
        or value.__module__ != module.__name__
        or module.__name__.split(".")[1] not in _WITH_DATA
    ):
        return value
    return None if inspect.signature(value).parameters else value()


def _inside(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 5 and isinstance(value, dict):
        for item in value.items():
            yield from _inside(item, depth + 1)
    elif depth < 5 and isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _inside(item, depth + 1)
    elif depth < 5 and type(value).__module__.split(".")[0] in ("crawler", "archive", "extract"):
        names = [
            *getattr(value, "__dict__", {}),
            *(name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())),
        ]
        for name in names:
            yield from _inside(getattr(value, name, None), depth + 1)


def _literals(tree: ast.AST) -> Iterator[tuple[int, Any, int, str]]:
    """Patterns written out in calls of `re`: line, pattern, flags, method."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr
            in ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "compile")
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str | bytes)
        ):
            named = {
                name for arg in (*node.args[1:], *(word.value for word in node.keywords)) for name in _flag_names(arg)
            }
            flags = sum(getattr(re, name) for name in named)
            yield node.lineno, node.args[0].value, flags, node.func.attr


def _flag_names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        is_of_re = isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id == "re"
        if is_of_re and isinstance(getattr(re, inner.attr, None), re.RegexFlag):
            yield inner.attr


def beginnings(pattern: re.Pattern[Any]) -> list[str]:
    """Texts that match more and more of a pattern's beginning, none of them surely all of it."""
    runs: list[str] = []
    was_literal = False
    for operator, argument in _flat(_parsed(pattern)):
        sample = _sample((operator, argument))
        if was_literal and operator is sre.LITERAL:
            runs[-1] += sample
        elif sample:
            runs.append(sample)
        was_literal = operator is sre.LITERAL
    found = ["".join(runs[start:end]) for end in range(1, len(runs) + 1) for start in (0, max(0, end - 2))]
    return list(dict.fromkeys(found))[:24]


def _parsed(pattern: re.Pattern[Any]) -> Any:
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)


def _flat(items: Any) -> Iterator[Any]:
    for operator, argument in items:
        if operator is sre.SUBPATTERN:
            yield from _flat(argument[3])
        elif operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT) and argument[0] == 1 == argument[1]:
            yield from _flat(argument[2])
        else:
            yield operator, argument


def _sample(item: Any) -> str:
    """One text that an element of a pattern matches."""
    operator, argument = item
    if operator is sre.LITERAL:
        return chr(argument)
    if operator is sre.NOT_LITERAL:
        return "a" if argument != ord("a") else "b"
    if operator is sre.ANY:
        return "a"
    if operator is sre.IN:
        return _member(argument)
    if operator is sre.BRANCH:
        return "".join(_sample(inner) for inner in _flat(argument[1][0]))
    if operator in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        return "".join(_sample(inner) for inner in _flat(argument[2])) * max(1, min(argument[0], 3))
    if operator is sre.AT:
        return " " if argument is sre.AT_BOUNDARY else ""  # a word ends, and whatever follows may take the blank
    if operator is sre.ATOMIC_GROUP:
        return "".join(_sample(inner) for inner in _flat(argument))
    return ""


def _member(choices: Any) -> str:
    categories = {
        sre.CATEGORY_DIGIT: "1",
        sre.CATEGORY_SPACE: " ",
        sre.CATEGORY_WORD: "a",
        sre.CATEGORY_NOT_SPACE: "a",
        sre.CATEGORY_NOT_WORD: "-",
        sre.CATEGORY_NOT_DIGIT: "a",
    }
    negated = any(operator is sre.NEGATE for operator, _ in choices)
    members = []
    for operator, argument in choices:
        if operator is sre.LITERAL:
            members.append(chr(argument))
        elif operator is sre.RANGE:
            members.append(chr(argument[0]))
        elif operator is sre.CATEGORY:
            members.append(categories.get(argument, "a"))
    if not negated:
        return members[0] if members else ""
    refused = re.compile("[" + "".join(re.escape(member) for member in members) + "]") if members else None
    return next((char for char in "a 1x<-年" if refused is None or not refused.match(char)), "\x7f")


class _Enough(BaseException):
    pass


def _alarm(signum: int, frame: Any) -> None:
    raise _Enough


def cost(pattern: re.Pattern[Any], text: Any, methods: Iterable[str]) -> float:
    """CPU seconds of the dearest way in which a pattern is applied, `_MOST_S` if it doesn't end."""
    worst = 0.0
    for method in methods:
        run = {"match": pattern.match, "fullmatch": pattern.fullmatch}.get(method, pattern.findall)
        before = signal.signal(signal.SIGPROF, _alarm)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, _MOST_S)
        try:
            run(text)
        except _Enough:
            return _MOST_S
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        worst = max(worst, time.process_time() - began)
    return worst


def growth(found: Found) -> tuple[float, str, float] | None:
    """How much more a pattern costs on twice the text, at the first text that makes it: factor, the text's making, seconds; `None` if none does."""
    begun = beginnings(found.pattern)
    made = [("", unit) for unit in dict.fromkeys([*SEEDS, *begun])] + [
        (head, unit) for head in begun[:12] for unit in (" ", "\n", "a", "1", head[-1])
    ]
    for head, unit in made:
        factor, seconds = _growth(found, head, unit)
        if factor > GROWTH:
            return factor, f"{head!r} + {unit!r} * n", seconds
    return None


def _growth(found: Found, head: str, unit: str) -> tuple[float, float]:
    def text(size: int) -> Any:
        whole = head + unit * (size // len(unit)) + "\x01"
        return whole.encode("utf-8", "replace") if isinstance(found.pattern.pattern, bytes) else whole

    if cost(found.pattern, text(_SMALL), found.methods) < _WORTH_S:
        return 0.0, 0.0
    half, whole = cost(found.pattern, text(_HALF), found.methods), cost(found.pattern, text(_WHOLE), found.methods)
    for _ in range(4):  # a busy machine is slow now and then, a pattern that grows always
        if whole <= _SLOW_S or (whole < _MOST_S and whole / max(half, 1e-4) <= GROWTH):
            return 0.0, whole
        half, whole = (
            max(half, cost(found.pattern, text(_HALF), found.methods)),
            min(whole, cost(found.pattern, text(_WHOLE), found.methods)),
        )
    return whole / max(half, 1e-4) if whole < _MOST_S else float("inf"), whole


def main() -> None:
    """Print what grows: `python -m tests.safety.patterns`."""
    every = patterns()
    print(len(every), "patterns")
    for found in every:
        grown = growth(found)
        if grown is not None:
            print(
                f"{found.place} {sorted(found.methods)} x{grown[0]:.1f} {grown[2]:.2f} s by {grown[1]}: {found.pattern.pattern[:90]!r}",
                flush=True,
            )


if __name__ == "__main__":
    main()
