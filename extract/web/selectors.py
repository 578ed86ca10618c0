"""Selectors of style sheets: parsed once, matched from the right, by the element's own parts first.

Structure (`:nth-child`, `:not`, siblings) and attributes are judged; what only a browser knows (`:has`, `:lang`) is taken as fitting
and makes the selector uncertain; what never holds for a page at rest (`:hover`, `:focus`) never matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

#: (id, class, tag): how many of each a selector names.
Weight = tuple[int, int, int]
_Test = Callable[["_Element", "Matcher"], bool]

_NAME = r"(?:[-\w]|[^\x00-\x7f]|\\(?:[0-9a-fA-F]{1,6}\s?|[^0-9a-fA-F\n]))++"
_PARTS = re.compile(
    rf"(?P<link>\s*[>+~]\s*|\s+)|(?P<star>\*)|\#(?P<id>{_NAME})|\.(?P<cls>{_NAME})|(?P<attr>\[)|(?P<pseudo>::?)(?P<what>[-\w]+)"
    rf"|(?P<tag>{_NAME})"
)
_ATTRIBUTE = re.compile(
    rf"\s*+({_NAME})\s*+(?:([~|^$*]?=)\s*+(?:\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)'|({_NAME}))\s*+([iIsS])?\s*+)?\]"
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_NTH = re.compile(
    r"\s*(?:(even|odd)|([+-]?\d*)n(?:\s*([+-])\s*(\d+))?|([+-]?\d+))\s*(?:of\s.*)?", re.IGNORECASE | re.DOTALL
)
_AT_REST = frozenset(
    re.findall(
        r"\S+",
        "hover focus focus-within focus-visible active target target-within visited fullscreen modal popover-open open autofill "
        "placeholder-shown invalid user-invalid out-of-range seeking playing paused buffering stalled",
    )
)
#: What only a browser knows, or only looks at forms.
_UNTOLD = frozenset(
    re.findall(
        r"\S+",
        "has lang dir defined default indeterminate read-only read-write required optional valid user-valid in-range scope host "
        "host-context current past future state local-link picture-in-picture blank nth-col nth-last-col",
    )
)
#: Parts of an element that hold none of its text. Of the others, `::first-letter` and `::first-line` hold a part of it.
_DRAWN = frozenset({"before", "after", "marker"})
_PART_OF_TEXT = frozenset({"first-letter", "first-line"})
_LONGEST = 2000
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Compound:
    """What an element itself must be."""

    tag: str = ""
    id: str = ""
    classes: frozenset[str] = frozenset()
    tests: tuple[_Test, ...] = ()

    @property
    def is_simple(self) -> bool:
        """Whether tag, id and classes decide it."""
        return not self.tests


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector from right to left: each compound with the link (` `, `>`, `+`, `~`) to the one before it.

    `pseudo` is `before`, `after`, `marker` or empty. `certain` is false where it may not match although it seems to.
    """

    compounds: tuple[Compound, ...]
    links: tuple[str, ...]
    pseudo: str
    weight: Weight
    certain: bool

    @property
    def is_simple(self) -> bool:
        """Whether tag, id and classes of the element alone decide it."""
        return not self.links and self.compounds[0].is_simple

    @property
    def key(self) -> str:
        """The part by which it is looked up: `#id`, `.class`, the tag, or `*`."""
        last = self.compounds[0]
        return f"#{last.id}" if last.id else f".{min(last.classes)}" if last.classes else last.tag or "*"


class Matcher:
    """Matches selectors against the elements of one tree, and remembers their places among their siblings."""

    def __init__(self, *, fold: bool = False) -> None:
        self._fold = fold
        self._places: dict[_Element, tuple[int, int]] = {}
        self._places_of_type: dict[_Element, tuple[int, int]] = {}
        self._classes: dict[str, frozenset[str]] = {}

    def classes(self, element: _Element) -> frozenset[str]:
        """The classes of an element, in lower case in quirks mode."""
        text = element.get("class") or ""
        known = self._classes.get(text)
        if known is None:
            known = self._classes[text] = frozenset((text.lower() if self._fold else text).split())
        return known

    def identity(self, element: _Element) -> str:
        """The id of an element, in lower case in quirks mode."""
        text = element.get("id") or ""
        return text.lower() if self._fold else text

    def matches(self, selector: Selector, element: _Element) -> bool:
        """Whether a selector (but for its pseudo-element) matches an element."""
        if not self.fits(selector.compounds[0], element):
            return False
        return not selector.links or self._rest(selector, 0, element, {})

    def fits(self, compound: Compound, element: _Element) -> bool:
        """Whether an element is what a compound asks for."""
        if compound.tag and element.tag != compound.tag:
            return False
        if compound.id and self.identity(element) != compound.id:
            return False
        if compound.classes and not compound.classes <= self.classes(element):
            return False
        return all(test(element, self) for test in compound.tests)

    def _rest(self, selector: Selector, at: int, element: _Element, tried: dict[tuple[int, _Element], bool]) -> bool:
        """Whether what stands before compound `at` is found from an element that fits it."""
        if at == len(selector.links):
            return True
        key = (at, element)
        if key not in tried:
            tried[key] = any(
                self.fits(selector.compounds[at + 1], other) and self._rest(selector, at + 1, other, tried)
                for other in _linked(selector.links[at], element)
            )
        return tried[key]

    def place(self, element: _Element, *, of_type: bool) -> tuple[int, int]:
        """The place of an element among its siblings (or those of its tag), from the first and from the last, from 1."""
        known = self._places_of_type if of_type else self._places
        if element not in known:
            parent = element.getparent()
            siblings = [element] if parent is None else [child for child in parent if isinstance(child.tag, str)]
            groups: dict[str, list[_Element]] = {}
            for sibling in siblings:
                groups.setdefault(str(sibling.tag) if of_type else "", []).append(sibling)
            for group in groups.values():
                known.update({child: (at, len(group) + 1 - at) for at, child in enumerate(group, start=1)})
        return known[element]


def _linked(link: str, element: _Element) -> Iterator[_Element]:
    if link == ">":
        parent = element.getparent()
        if parent is not None:
            yield parent
    elif link == " ":
        yield from element.iterancestors()
    else:
        for sibling in element.itersiblings(preceding=True):
            if isinstance(sibling.tag, str):
                yield sibling
                if link == "+":
                    return


# ---- parsing ---------------------------------------------------------------------------------------------------------------


def parse_selectors(text: str, *, fold: bool = False, depth: int = 0) -> list[Selector]:
    """The selectors of a list that can match; one that can't be read makes the whole list void, as the standard says."""
    if len(text) > _LONGEST * 20 or depth > _DEEPEST:
        return []
    try:
        parsed = [_Parser(piece, fold=fold, depth=depth).parse() for piece in _listed(text)]
    except ValueError:
        return []
    return [selector for selector in parsed if selector is not None]


def _listed(text: str) -> list[str]:
    """A list parted at its commas, but for those in brackets and quotes."""
    pieces, start, depth, quote = [], 0, 0, ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "," and not depth:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


@dataclass(slots=True)
class _Draft:
    """A compound that is being read."""

    tag: str = ""
    id: str = ""
    classes: set[str] = field(default_factory=set)
    tests: list[_Test] = field(default_factory=list)
    is_started: bool = False

    def done(self) -> Compound:
        return Compound(self.tag, self.id, frozenset(self.classes), tuple(self.tests))


class _Parser:
    """Reads one selector. Raises `ValueError` for what is none; `None` is one that never matches a page at rest."""

    def __init__(self, text: str, *, fold: bool, depth: int) -> None:
        if len(text) > _LONGEST:
            raise ValueError("no selector is that long")
        self._text = text.strip()
        self._fold = fold
        self._depth = depth
        self._at = 0
        self._weight = [0, 0, 0]
        self._certain = True
        self._never = False
        self._pseudo = ""
        self._compounds: list[Compound] = []
        self._links: list[str] = []
        self._draft = _Draft()

    def parse(self) -> Selector | None:
        """The whole text as a selector."""
        while self._at < len(self._text):
            found = _PARTS.match(self._text, self._at)
            if found is None:
                raise ValueError(self._text)
            self._at = found.end()
            self._part(found)
        if not self._draft.is_started:
            raise ValueError(self._text)
        self._compounds.append(self._draft.done())
        if self._never:
            return None
        weight = (self._weight[0], self._weight[1], self._weight[2])
        return Selector(tuple(self._compounds[::-1]), tuple(self._links[::-1]), self._pseudo, weight, self._certain)

    def _part(self, found: re.Match[str]) -> None:
        kind = found.lastgroup
        if kind == "link":
            self._link(found.group("link").strip() or " ")
            return
        if self._pseudo:
            raise ValueError("nothing follows a pseudo-element")
        if kind in ("star", "tag") and self._draft.is_started:
            raise ValueError("a tag stands first")
        self._draft.is_started = True
        if kind == "attr":
            self._attribute()
        elif kind == "what":
            self._pseudo_part(found.group("pseudo"), found.group("what").lower())
        elif kind != "star":
            self._name(kind, found.group(kind or 0))

    def _name(self, kind: str | None, name: str) -> None:
        draft = self._draft
        if kind == "tag":
            draft.tag = _plain(name).lower()
        elif kind == "cls":
            draft.classes.add(self._folded(name))
        else:
            self._never = self._never or draft.id not in ("", self._folded(name))  # no element has two
            draft.id = self._folded(name)
        self._weight[("id", "cls", "tag").index(kind or "")] += 1

    def _folded(self, name: str) -> str:
        return _plain(name).lower() if self._fold else _plain(name)

    def _link(self, link: str) -> None:
        if not self._draft.is_started or self._pseudo:
            raise ValueError("a link stands between two elements")
        self._compounds.append(self._draft.done())
        self._links.append(link)
        self._draft = _Draft()

    def _attribute(self) -> None:
        found = _ATTRIBUTE.match(self._text, self._at)
        if found is None:
            raise ValueError(self._text)
        self._at = found.end()
        name, sign, double, single, bare, flag = found.groups()
        value = next((_plain(text) for text in (double, single, bare) if text is not None), "")
        self._draft.tests.append(_attribute_test(_plain(name).lower(), sign, value, ignore_case=flag in ("i", "I")))
        self._weight[1] += 1

    def _argument(self) -> str | None:
        """What stands in the brackets behind a pseudo-class, `None` without brackets."""
        if self._text[self._at : self._at + 1] != "(":
            return None
        depth, start = 0, self._at + 1
        for at in range(self._at, len(self._text)):
            depth += {"(": 1, ")": -1}.get(self._text[at], 0)
            if not depth:
                self._at = at + 1
                return self._text[start:at]
        raise ValueError("a bracket is open")

    def _pseudo_part(self, colons: str, name: str) -> None:
        argument = self._argument()
        if colons == "::" or name in _DRAWN or name in _PART_OF_TEXT:
            self._weight[2] += 1
            self._pseudo = name if name in _DRAWN else ""
            self._certain = self._certain and name in _DRAWN
            self._never = self._never or (name not in _DRAWN and name not in _PART_OF_TEXT)
        elif name in ("not", "is", "where", "matches", "any", "-webkit-any", "-moz-any"):
            self._listed(name, argument)
        else:
            self._weight[1] += 1
            self._state(name, argument)

    def _listed(self, name: str, argument: str | None) -> None:
        if argument is None:
            raise ValueError(name)
        inner = parse_selectors(argument, fold=self._fold, depth=self._depth + 1)
        if name == "not" and not inner and argument.strip():
            return  # nothing at rest is what it excludes, or it can't be read
        if name != "where":
            self._add_heaviest(inner)
        self._certain = self._certain and all(selector.certain for selector in inner)
        self._draft.tests.append(_list_test(inner, wanted=name != "not"))

    def _add_heaviest(self, inner: Sequence[Selector]) -> None:
        """A list weighs as much as the heaviest selector in it."""
        if inner:
            heaviest = max(selector.weight for selector in inner)
            self._weight = [mine + theirs for mine, theirs in zip(self._weight, heaviest, strict=True)]

    def _state(self, name: str, argument: str | None) -> None:
        if name in _AT_REST:
            self._never = True
            return
        test = _STATES.get(name)
        if test is None and name.startswith("nth-") and argument is not None:
            test = _nth_test(name, argument)
            self._certain = self._certain and " of " not in argument
        if test is not None:
            self._draft.tests.append(test)
        elif name in _UNTOLD:
            self._certain = False
            if name == "has" and argument is not None:
                self._add_heaviest(parse_selectors(argument.lstrip(" >+~"), fold=self._fold, depth=self._depth + 1))
        else:
            raise ValueError(name)


def _plain(name: str) -> str:
    """A name without its escapes (`\\31 2` is `12`)."""
    if "\\" not in name:
        return name
    return _ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFD)) if found[1] else found[2], name)


def _attribute_test(name: str, sign: str | None, value: str, *, ignore_case: bool) -> _Test:
    if ignore_case:
        value = value.lower()

    def test(element: _Element, _: Matcher) -> bool:
        has = element.get(name)
        if has is None or sign is None:
            return has is not None
        return _compares(has.lower() if ignore_case else has, sign, value)

    return test


def _compares(has: str, sign: str, value: str) -> bool:
    match sign:
        case "=":
            return has == value
        case "~=":
            return value in has.split() if value else False
        case "|=":
            return has == value or has.startswith(f"{value}-")
        case "^=":
            return value != "" and has.startswith(value)
        case "$=":
            return value != "" and has.endswith(value)
        case _:
            return value != "" and value in has


def _list_test(inner: Sequence[Selector], *, wanted: bool) -> _Test:
    # A doubtful `:not` is taken as fitting, like every doubtful part.
    counted = [selector for selector in inner if not selector.pseudo and (wanted or selector.certain)]

    def test(element: _Element, matcher: Matcher) -> bool:
        return any(matcher.matches(selector, element) for selector in counted) == wanted

    return test


def _nth_test(name: str, argument: str) -> _Test | None:
    found = _NTH.fullmatch(argument)
    if found is None or name not in ("nth-child", "nth-last-child", "nth-of-type", "nth-last-of-type"):
        return None
    word, step, sign, offset, lone = found.groups()
    if word is not None:
        every, first = 2, int(word.lower() == "odd")
    elif lone is not None:
        every, first = 0, int(lone)
    else:
        every = int(step + "1" if step in ("", "+", "-") else step)
        first = int(f"{sign}{offset}") if sign else 0
    from_end, of_type = "last" in name, name.endswith("of-type")

    def test(element: _Element, matcher: Matcher) -> bool:
        place = matcher.place(element, of_type=of_type)[from_end]
        if every == 0:
            return place == first
        return (place - first) % every == 0 and (place - first) // every >= 0

    return test


def _is_empty(element: _Element, _: Matcher) -> bool:
    return not element.text and not any(isinstance(child.tag, str) or child.tail for child in element)


def _place_test(at: int, *, of_type: bool) -> _Test:
    return lambda element, matcher: matcher.place(element, of_type=of_type)[at] == 1


def _has(name: str, *, tags: frozenset[str] = frozenset()) -> _Test:
    return lambda element, _: element.get(name) is not None and (not tags or element.tag in tags)


def _is_checked(element: _Element, _: Matcher) -> bool:
    if element.tag == "input":
        is_box = (element.get("type") or "").strip().lower() in ("checkbox", "radio")
        return is_box and element.get("checked") is not None
    return element.tag == "option" and element.get("selected") is not None


_LINKS = frozenset({"a", "area"})
_STATES: dict[str, _Test] = {
    "root": lambda element, _: element.getparent() is None,
    "empty": _is_empty,
    "first-child": _place_test(0, of_type=False),
    "last-child": _place_test(1, of_type=False),
    "only-child": lambda element, matcher: matcher.place(element, of_type=False) == (1, 1),
    "first-of-type": _place_test(0, of_type=True),
    "last-of-type": _place_test(1, of_type=True),
    "only-of-type": lambda element, matcher: matcher.place(element, of_type=True) == (1, 1),
    "link": _has("href", tags=_LINKS),
    "any-link": _has("href", tags=_LINKS),
    "checked": _is_checked,
    "disabled": _has("disabled"),
    "enabled": lambda element, _: (
        element.tag in ("input", "select", "textarea", "button") and element.get("disabled") is None
    ),
}
