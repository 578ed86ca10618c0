"""Number formats of spreadsheets: what a stored number shows (ECMA-376 part 1, 18.8.31).

Only formats of counts and amounts are worked out: digits, thousands, percent, scaling by trailing commas, literals, sections for
positive, negative, zero and text. Dates, fractions, exponents, conditions and other scripts' numerals give `None`: not known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from extract.document.numerals import is_whole

#: Formats that a number names without their text.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00", 48: "##0.0E+0", 49: "@",
    41: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 44: '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
}  # fmt: skip
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<gap>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]?|(?P<digit>[0#?])|(?P<sign>[.,%])'
    r"|(?P<whole>General|G/通用格式|@)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
#: Letters and signs that draw dates, fractions and exponents.
_UNKNOWN = re.compile(r"[a-zA-Z/]")
_BRACKET_COLOUR = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?\d{1,2}")
_LOCALE = re.compile(r"(?i)\$[^-]*(?:-[0-9a-f]*)?")
_PLACES, _SIGNS = frozenset("0#?"), frozenset(".,%")
_MOST_DECIMALS = 30
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """What a cell shows; `colour` is the name that its format paints it in."""

    text: str
    colour: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    """One section: its tokens as (kind, text), and its colour."""

    tokens: tuple[tuple[str, str], ...]
    colour: str

    @property
    def is_empty(self) -> bool:
        return not self.tokens


def show_number(value: Decimal, code: str) -> ShownNumber | None:
    """The text that a number shows by a format, `None` if that can't be determined."""
    sections = _sections(code)
    if sections is None:
        return None
    section, negative = _chosen(value, sections)
    if section is None:
        return None
    if section.is_empty:
        return ShownNumber("", section.colour)
    text = _drawn(abs(value), section.tokens)
    if text is None:
        return None
    return ShownNumber(("-" if negative and text.strip() else "") + text.strip(), section.colour)


def show_text(text: str, code: str) -> ShownNumber | None:
    """What a text shows: all of it, unless the format has a section for texts (the fourth, or a last one with `@`)."""
    sections = _sections(code)
    if sections is None:
        return ShownNumber(text)
    if len(sections) < 4 and ("whole", "@") not in sections[-1].tokens:
        lone = sections[0]
        return ShownNumber(text, lone.colour if len(sections) == 1 else "")
    shown = "".join(
        text if kind == "whole" else literal for kind, literal in sections[-1].tokens if kind in ("whole", "text")
    )
    return ShownNumber(shown.strip() if shown.strip() != text.strip() else text, sections[-1].colour)


def _chosen(value: Decimal, sections: Sequence[_Section]) -> tuple[_Section | None, bool]:
    """The section for a number, and whether a minus stands before what it shows."""
    if value < 0:
        if len(sections) == 1:
            return sections[0], True
        return (sections[1], False) if not sections[1].is_empty or len(sections) > 2 else (None, False)
    if value == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], False


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The sections of a format, `None` if one of them is of a kind that isn't worked out."""
    if len(code) > _LONGEST:
        return None
    found: list[_Section] = []
    tokens: list[tuple[str, str]] = []
    colour = ""
    for kind, text in _tokens(code):
        if kind == "unknown":
            return None
        if kind == "colour":
            colour = text
        elif kind == "end":
            found.append(_Section(tuple(tokens), colour))
            tokens, colour = [], ""
        else:
            tokens.append((kind, text))
    return (*found, _Section(tuple(tokens), colour))


def _tokens(code: str) -> Iterator[tuple[str, str]]:
    """Kinds and texts: `0 # ? . , %`, `whole`, `text`, `colour`, `end` of a section, `unknown`."""
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or ""
        token = _KINDS[kind](found.group(kind))
        if token is not None:
            yield token


def _bracket(text: str) -> tuple[str, str]:
    if _BRACKET_COLOUR.fullmatch(text):
        return "colour", text.lower()
    if _LOCALE.fullmatch(text):
        return "text", text[1:].partition("-")[0]
    return "unknown", text


_KINDS: dict[str, Callable[[str], tuple[str, str] | None]] = {
    "quoted": lambda text: ("text", text),
    "escaped": lambda text: ("text", text),
    "gap": lambda _: None,
    "fill": lambda text: (
        ("unknown", text) if is_whole(text) else None
    ),  # it repeats the digit up to the width of the cell
    "bracket": _bracket,
    "digit": lambda text: (text, text),
    "sign": lambda text: (text, text),
    "whole": lambda text: ("whole", text),
    "other": lambda text: ("end", "") if text == ";" else ("unknown" if _UNKNOWN.match(text) else "text", text),
}


def _drawn(value: Decimal, tokens: Sequence[tuple[str, str]]) -> str | None:
    """A number by the tokens of a section."""
    kinds = [kind for kind, _ in tokens]
    if "whole" in kinds:
        return None if kinds.count("whole") > 1 else _general(value, tokens)
    if _PLACES.isdisjoint(kinds):
        return None if not _SIGNS.isdisjoint(kinds) else "".join(text for _, text in tokens)
    point = kinds.index(".") if "." in kinds else len(kinds)
    before, after = tokens[:point], tokens[point + 1 :]
    decimals = len(_places(after))
    if decimals > _MOST_DECIMALS or "." in kinds[point + 1 :]:
        return None
    scaled = value * Decimal(100) ** kinds.count("%") / Decimal(1000) ** _scaling(kinds, point)
    number = scaled.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    whole, _, fraction = format(number, "f").partition(".")
    return _whole(whole if whole != "0" else "", before) + (_fraction(fraction, after) if point < len(kinds) else "")


def _general(value: Decimal, tokens: Sequence[tuple[str, str]]) -> str:
    """A number with all its digits, and the texts around it."""
    plain = format(value.normalize(), "f")
    return "".join(plain if kind == "whole" else text for kind, text in tokens)


def _places(tokens: Sequence[tuple[str, str]]) -> list[int]:
    """Where the digits stand in a part of a section."""
    return [at for at, (kind, _) in enumerate(tokens) if kind in _PLACES]


def _scaling(kinds: Sequence[str], point: int) -> int:
    """How many times a thousand the number is divided: commas behind the last digit before the point, and behind all digits."""
    return sum(_trailing_commas(part) for part in (kinds[:point], kinds[point + 1 :]))


def _trailing_commas(kinds: Sequence[str]) -> int:
    last = max((at for at, kind in enumerate(kinds) if kind in _PLACES), default=len(kinds))
    return sum(kind == "," for kind in kinds[last + 1 :])


def _whole(digits: str, tokens: Sequence[tuple[str, str]]) -> str:
    """The part before the point: digits are dealt to their places from the right, what is left goes to the first of them."""
    places = _places(tokens)
    if not places:
        return _with_digits({}, tokens) + digits
    dealt: dict[int, str] = {}
    for at in reversed(places[1:]):
        dealt[at], digits = digits[-1:] or _padding(tokens[at]), digits[:-1]
    dealt[places[0]] = digits or _padding(tokens[places[0]])
    between = [kind for kind, _ in tokens[places[0] : places[-1]]]
    if "," in between and "text" not in between:
        number = "".join(dealt[at] for at in places)
        dealt = {**dict.fromkeys(places, ""), places[0]: _grouped(number)}
    return _with_digits(dealt, tokens)


def _padding(token: tuple[str, str]) -> str:
    return "0" if token[0] == "0" else ""


def _grouped(number: str) -> str:
    parts = [number[max(0, end - 3) : end] for end in range(len(number), 0, -3)]
    return ",".join(reversed(parts))


def _with_digits(dealt: Mapping[int, str], tokens: Sequence[tuple[str, str]]) -> str:
    return "".join(dealt.get(at, text if kind in ("text", "%") else "") for at, (kind, text) in enumerate(tokens))


def _fraction(digits: str, tokens: Sequence[tuple[str, str]]) -> str:
    """The part behind the point; zeros at its end show only where the format asks for them."""
    places = _places(tokens)
    kept = len(digits)
    while kept and digits[kept - 1] == "0" and tokens[places[kept - 1]][0] != "0":
        kept -= 1
    return "." + _with_digits({at: digits[number] if number < kept else "" for number, at in enumerate(places)}, tokens)
