"""Style sheets → rules: only the properties that can make text look other than it is stored, as a screen would apply them.

Shorthands are taken apart, so that a later `background-color` wins over an earlier `background`. What a page doesn't hold (linked
sheets, `@import`) isn't known here. Rules for paper alone (`@media print`) don't count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import NamedTuple

from extract.document.colours import SYSTEM_COLOURS, from_css
from extract.web.lengths import number, points, text_size
from extract.web.selectors import Selector, parse_selectors


class Declared(NamedTuple):
    """The value of a property, in lower case but for quoted text, and whether it is `!important`."""

    value: str
    important: bool


Declarations = Mapping[str, Declared]


@dataclass(frozen=True, slots=True)
class Rule:
    """Declarations for what a selector matches; `order` counts the rules of all sheets.

    `certain` is false where a condition can't be judged (`@supports not`, `:has(…)`): such a rule may apply. `layer` names the
    cascade layers (`@layer`) around it, outermost first.
    """

    selector: Selector
    order: int
    declarations: Declarations
    certain: bool
    layer: tuple[str, ...] = ()


PROPERTIES = frozenset(
    re.findall(
        r"\S+",
        "display visibility content-visibility opacity color background-color background-image font-size vertical-align "
        "text-decoration-line position left right top bottom clip clip-path text-indent width height max-width max-height "
        "overflow-x overflow-y transform rotate scale translate filter content unicode-bidi direction mso-text-raise zoom mso-hide "
        "margin-left margin-top -webkit-text-fill-color -webkit-text-security font-variant-position font-feature-settings "
        "font-variant-numeric mask-image letter-spacing float order flex-direction margin-right padding-left padding-right "
        "border-left-width border-right-width border-top-width border-bottom-width justify-content column-gap list-style-type "
        "animation-name grid-column grid-column-start grid-column-end grid-row grid-area font-family line-height box-sizing "
        "padding-top mix-blend-mode contain offset-path -webkit-text-stroke-width text-underline-offset text-decoration-thickness "
        "baseline-shift initial-letter quotes flex-wrap",
    )
)
#: Other names of the same properties: those of one browser, and those that go by the direction of writing.
_RENAMED = {
    "inline-size": "width", "block-size": "height", "max-inline-size": "max-width", "max-block-size": "max-height",
    "inset-inline-start": "left", "inset-inline-end": "right", "inset-block-start": "top", "inset-block-end": "bottom",
    "margin-inline-start": "margin-left", "margin-inline-end": "margin-right", "margin-block-start": "margin-top",
    "padding-inline-start": "padding-left", "padding-inline-end": "padding-right", "padding-block-start": "padding-top",
    "border-inline-start": "border-left", "border-inline-end": "border-right", "border-inline-start-width": "border-left-width",
    "border-inline-end-width": "border-right-width", "overflow-inline": "overflow-x", "overflow-block": "overflow-y",
    "-webkit-mask-box-image": "mask-image", "-webkit-mask-box-image-source": "mask-image", "mask-border": "mask-image",
    "mask-border-source": "mask-image", "-ms-flex-order": "order", "-webkit-box-ordinal-group": "order", "word-spacing": "",
    "-webkit-box-direction": "flex-direction", "text-decoration-skip-ink": "", "grid-gap": "gap", "grid-column-gap": "column-gap",
}  # fmt: skip
_VENDOR = re.compile(r"-(?:webkit|moz|ms|o|khtml)-")
#: Without one of these words in it, a sheet or an attribute has no property of interest. Searched before anything is parsed.
_WORTH = re.compile(
    r"display|visibility|opacity|color|background|font|vertical-align|text-decoration|position|clip|indent|overflow|width|height|"
    r"transform|rotate|scale|translate|filter|content|bidi|direction|text-raise|zoom|mso-hide|margin|text-fill|security|mask|"
    r"letter-spacing|float|order|inset|left|right|top|bottom|padding|justify|gap|list-style|animation|grid-|--|"
    r"line-height|blend|contain|offset|text-stroke|underline|baseline|initial-letter|quotes|flex|inline-size|block-size|all\s*:",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
#: The signs that part a sheet, and quoted texts, in which they are only signs. Quotes end with their line at the latest, as the
#: standard says, so that no text is searched twice.
_PIECE = re.compile(r"\"(?:[^\"\\\n]|\\.)*(?:\"|\n|\Z)|'(?:[^'\\\n]|\\.)*(?:'|\n|\Z)|([(){};])", re.DOTALL)
_LAYER = re.compile(r"@layer\b\s*([^{;]*)", re.IGNORECASE)
_LAYERS_NAMED = re.compile(r"@layer\b([^{;@]*)[{;]", re.IGNORECASE)
_REGISTERED = re.compile(r"@property\s+(--[-\w]+)\s*\{([^{}]*)\}", re.IGNORECASE)
_FONT_FACE = re.compile(r"@font-face\s*\{([^{}]*)\}", re.IGNORECASE)
_FAMILY = re.compile(r"font-family\s*:\s*([^;}]*)", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?(data:[^\"'\s]*(?:[^\"')]*)?)", re.IGNORECASE)
_IMPORTANT = re.compile(r"!\s*important$", re.IGNORECASE)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
#: At-rules whose blocks hold rules for the page; the blocks of all others (`@font-face`, `@keyframes`, `@page`) don't.
_GROUPS = ("@media", "@supports", "@layer", "@container", "@scope", "@starting-style", "@document", "@-moz-document")
#: Width of the screen, in points, that media conditions are judged by: 1440 px.
SCREEN = 1080.0
#: Nested rules multiply their selectors; more than this is no style sheet of a page.
_MOST_SELECTORS = 200
#: Blocks inside more others are passed over.
_DEEPEST = 16
#: Longer texts aren't remembered, lest a hostile page fill the memory; longer values say nothing that is asked here.
_SHORT_SHEET, _SHORT, _LONGEST_VALUE = 100_000, 1000, 300
_COLOUR_WORD = re.compile(r"#[0-9a-f]{3,8}|[a-z-]+\([^()]*(?:\([^()]*\)[^()]*)*\)|[a-z]+")
_FONT_SIZE = re.compile(
    r"(?:^|\s)((?:xx?-)?(?:small|large)|medium|smaller|larger|[\d.]+(?:[a-z]+|%)|0+|(?:calc|min|max|clamp)\([^)]*\))(?:\s|/|$)"
)
_NO_COLOUR = frozenset(
    re.findall(
        r"\S+",
        "none repeat no-repeat repeat-x repeat-y scroll fixed local center top bottom left right cover contain auto initial unset inherit "
        "border-box padding-box content-box round space",
    )
)


@dataclass(slots=True)
class _Block:
    """A block that is open: what stands before its brace, and its declarations so far."""

    prelude: str
    body: list[str] = field(default_factory=list)


def parse_sheet(css: str, *, fold: bool = False) -> tuple[Rule, ...]:
    """The rules of a style sheet, in order. `fold`: names of classes and ids don't differ by case (quirks mode)."""
    return _parse_short(css, fold) if len(css) < _SHORT_SHEET else _parse(css, fold)


@lru_cache(maxsize=64)
def _parse_short(css: str, fold: bool) -> tuple[Rule, ...]:
    """Remembered, because the pages of a portal share their sheets."""
    return _parse(css, fold)


def _parse(css: str, fold: bool) -> tuple[Rule, ...]:
    if not _WORTH.search(css) and "\\" not in css:
        return ()
    css = _COMMENT.sub(" ", css)
    rules: list[Rule] = []
    for outer, body in _blocks(css):
        _add_rules(rules, outer, body, fold=fold)
    return tuple(rules)


def _blocks(css: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every block of a sheet: the texts before its brace and those around it, outermost first, and its own declarations."""
    stack: list[_Block] = []
    at = too_deep = 0

    def close() -> tuple[tuple[str, ...], str]:
        return tuple(block.prelude for block in stack), ";".join(stack.pop().body)

    for sign, start, end in _signs(css):
        text = css[at:start]
        at = end
        if sign == "{" and (too_deep or len(stack) == _DEEPEST):
            too_deep += 1
        elif too_deep:
            too_deep -= sign == "}"
        elif sign == "{":
            stack.append(_Block(text.strip()))
        elif stack:
            stack[-1].body.append(text)
            if sign == "}":
                yield close()
    if stack:
        stack[-1].body.append(css[at:])
    while stack:  # a sheet that is cut off: browsers close what is open
        yield close()


def _signs(text: str) -> Iterator[tuple[str, int, int]]:
    """Braces and semicolons with their places, but for those in quotes or brackets (`url(data:image/png;base64,…)`)."""
    depth = 0
    for found in _PIECE.finditer(text):
        sign = found.group(1)
        if sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif sign is not None and not depth:
            yield sign, found.start(), found.end()


def _add_rules(rules: list[Rule], outer: Sequence[str], body: str, *, fold: bool) -> None:
    groups = [prelude for prelude in outer if prelude.startswith("@")]
    selectors = [prelude for prelude in outer if prelude and not prelude.startswith("@")]
    verdict = _all_apply(groups)
    if not selectors or verdict is False:
        return
    declared = declarations(body)
    if not declared:
        return
    order = len(rules)
    layer = _layer(groups)
    for selector in parse_selectors(_nested(selectors), fold=fold):
        rules.append(Rule(selector, order, declared, selector.certain and verdict is True, layer))


def _layer(groups: Iterable[str]) -> tuple[str, ...]:
    found = (_LAYER.match(group) for group in groups)
    return tuple(name.strip() for layer in found if layer is not None for name in layer[1].split("."))


def layers_named(css: str) -> Iterator[tuple[str, ...]]:
    """The cascade layers that a sheet names, in the order in which it does: what is named later wins."""
    for found in _LAYERS_NAMED.finditer(_COMMENT.sub(" ", css)) if "@layer" in css.lower() else ():
        for name in found[1].split(","):
            yield tuple(part.strip() for part in name.split("."))


def registered(css: str) -> Iterator[tuple[str, str, bool]]:
    """The custom properties that a sheet registers (`@property`): name, initial value, and whether they are inherited."""
    for name, body in _REGISTERED.findall(_COMMENT.sub(" ", css)) if "@property" in css.lower() else ():
        said = {key.strip().lower(): value.strip() for key, _, value in (one.partition(":") for one in _split(body))}
        yield name, said.get("initial-value", ""), said.get("inherits", "").lower() != "false"


def own_fonts(css: str) -> Iterator[str]:
    """The families of the fonts that a sheet brings along (`@font-face`): their digits may be drawn as anything."""
    for body in _FONT_FACE.findall(css) if "@font-face" in css.lower() else ():
        for name in _FAMILY.findall(body):
            yield first_family(name)


def first_family(value: str) -> str:
    """The first name of a `font-family`, without quotes, in lower case."""
    return value.partition(",")[0].strip().strip("\"'").strip().lower()


def imported(css: str) -> Iterator[str]:
    """The addresses of the sheets that a sheet is to be read after."""
    yield from (found[1] for found in _IMPORT.finditer(css) if "@import" in css)


def _all_apply(groups: Sequence[str]) -> bool | None:
    """Whether all at-rules around a block hold; `None` if that can't be determined."""
    if any(not group.lower().startswith(_GROUPS) for group in groups):
        return False
    verdicts = [_applies(group) for group in groups]
    return False if False in verdicts else None if None in verdicts else True


def _nested(preludes: Sequence[str]) -> str:
    """One list of selectors for a rule inside rules (CSS nesting)."""
    if len(preludes) == 1 and "&" not in preludes[0]:
        return preludes[0]
    around = f":is({preludes[0]})" if len(preludes) > 1 else ":root"
    for inner in preludes[1:] if len(preludes) > 1 else preludes:
        pieces = inner.split(",")[:_MOST_SELECTORS]
        around = f":is({','.join(_below(around, piece.strip()) for piece in pieces)})"
        if len(around) > _MOST_SELECTORS * 100:
            return ""
    return around


def _below(around: str, selector: str) -> str:
    return selector.replace("&", around) if "&" in selector else f"{around} {selector}"


# ---- conditions ------------------------------------------------------------------------------------------------------------


def _applies(group: str) -> bool | None:
    """Whether the rules of an at-rule hold for a screen; `None` if that can't be determined."""
    name, _, condition = group.partition(" ")
    name = name.lower()
    if name.startswith("@media"):
        return media_applies(group[len("@media") :])
    if name.startswith(("@layer", "@scope")):
        return True
    if name == "@supports":
        return None if "not" in condition.lower() else True
    return None


def media_applies(query: str) -> bool | None:
    """Whether a media query (the list of an attribute or at-rule) holds for a wide screen; `None` if that can't be determined."""
    verdicts = [_one_query(part.strip().lower()) for part in query.split(",")]
    return True if True in verdicts else None if None in verdicts else False


def _one_query(query: str) -> bool | None:
    negated = query.startswith("not ")
    query = query.removeprefix("not ").removeprefix("only ").strip()
    parts = [part.strip() for part in re.split(r"\band\b", query)]
    verdicts = [_condition(part) for part in parts if part]
    verdict = False if False in verdicts else None if None in verdicts else True
    return verdict if not negated or verdict is None else not verdict


def _condition(part: str) -> bool | None:
    if not part.startswith("("):
        return part in ("all", "screen")
    name, _, value = part.strip("() ").partition(":")
    name, value = name.strip(), value.strip()
    length = points(value)
    if length is not None and name in ("min-width", "min-device-width"):
        return length <= SCREEN
    if length is not None and name in ("max-width", "max-device-width"):
        return length >= SCREEN
    if name in _USUAL:
        return value in _USUAL[name]
    return None


#: What is taken for an ordinary screen and its settings.
_USUAL = {
    "orientation": ("landscape",),
    "prefers-color-scheme": ("light",),
    "hover": ("", "hover"),
    "prefers-reduced-motion": ("no-preference",),
    "prefers-contrast": ("no-preference",),
    "forced-colors": ("none",),
    "inverted-colors": ("none",),
    "-ms-high-contrast": (),
}


# ---- declarations ----------------------------------------------------------------------------------------------------------


def declarations(text: str) -> Declarations:
    """The declarations of interest of a `style` attribute or of a rule's block."""
    return _short_declarations(text) if len(text) < _SHORT else _declarations(text)


@lru_cache(maxsize=4096)
def _short_declarations(text: str) -> Declarations:
    return _declarations(text)


def _declarations(text: str) -> Declarations:
    found: dict[str, Declared] = {}
    if not _WORTH.search(text) and "\\" not in text:
        return found
    for piece in _split(_COMMENT.sub(" ", text) if "/*" in text else text):
        name, colon, value = piece.partition(":")
        if not colon:
            continue
        name = _named(_unescaped(name).strip())
        value = value.strip()[:_LONGEST_VALUE]
        important = _IMPORTANT.search(value) is not None
        if important:
            value = value[: value.rfind("!")].strip()
        for longhand, part in _longhands(name, value if name in _AS_WRITTEN else _unescaped(value)):
            if longhand not in found or important or not found[longhand].important:
                found[longhand] = Declared(part, important)
    return found


def _split(text: str) -> Iterator[str]:
    """The declarations of a block; a semicolon in quotes or in an address parts nothing."""
    if '"' not in text and "'" not in text and "(" not in text:
        yield from text.split(";")
        return
    at = 0
    for _, start, end in _signs(text):
        yield text[at:start]
        at = end
    yield text[at:]


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _character(found.group(1)) if found.group(1) else found.group(2), text)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _named(name: str) -> str:
    """The name by which a property is asked for here."""
    if name.startswith("--"):
        return name
    name = name.lower()
    name = _RENAMED.get(name, name)
    if name.startswith("-") and name not in PROPERTIES and name not in _SHORTHANDS:
        plain = _VENDOR.sub("", name, count=1)
        return _RENAMED.get(plain, plain)
    return name


def _longhands(name: str, value: str) -> Iterable[tuple[str, str]]:
    """The properties of interest that a declaration sets; values that no browser takes set none."""
    if name.startswith("--"):
        return ((name, value),)
    if "var(" in value.lower():
        names = (name,) if name in PROPERTIES else _SET_BY.get(name, ())
        return tuple((longhand, f"{name}:{value}" if name != longhand else value) for longhand in names)
    if name not in _AS_WRITTEN:
        value = value.lower()
    if name in PROPERTIES:
        return ((name, value),) if is_taken(name, value) else ()
    taking_apart = _SHORTHANDS.get(name)
    return taking_apart(value) if taking_apart is not None else ()


def with_variables(longhand: str, value: str) -> str:
    """A value whose variables were put in: of a shorthand (`margin:1px 2px`) the part that sets this property."""
    name, colon, whole = value.partition(":")
    if colon and name in _SHORTHANDS:
        return dict(_SHORTHANDS[name](whole.strip().lower())).get(longhand, "")
    value = value if longhand in _AS_WRITTEN else value.lower()
    return value if is_taken(longhand, value) else ""


def is_taken(name: str, value: str) -> bool:
    """Whether browsers take a value for a property: one that they don't know leaves the value before it in force."""
    accepts = _ACCEPTED.get(name)
    return accepts is None or "(" in value or value in CSS_WIDE or accepts(value)


def _background(value: str) -> Iterator[tuple[str, str]]:
    yield "background-color", _ground(value)
    yield "background-image", value if "url(" in value or "gradient(" in value or "image" in value else "none"


def _font(value: str) -> Iterator[tuple[str, str]]:
    size = _FONT_SIZE.search(value)
    if size is not None:
        yield "font-size", size.group(1)
        behind = value[size.end() :].strip()
        yield "font-family", behind.partition(" ")[2] if size.group().endswith("/") else behind


def _ground(value: str) -> str:
    """The colour in a `background`: `transparent` where it names none, as the standard says."""
    for found in _COLOUR_WORD.finditer(value):
        word = found.group()
        if word not in _NO_COLOUR and not word.startswith(
            ("url(", "linear-", "radial-", "conic-", "repeating-", "image")
        ):
            return word
    return "transparent"


def _sides(name: str, values: list[str]) -> Iterator[tuple[str, str]]:
    if not 1 <= len(values) <= 4:
        return
    top, right = values[0], values[1 % len(values)]
    bottom = values[2] if len(values) > 2 else top
    left = values[3] if len(values) > 3 else right
    if name == "margin":
        yield from (("margin-top", top), ("margin-left", left), ("margin-right", right))
    elif name == "padding":
        yield from (("padding-left", left), ("padding-right", right), ("padding-top", top))
    elif name == "border":
        yield from (
            (f"border-{side}-width", size)
            for side, size in (("top", top), ("right", right), ("bottom", bottom), ("left", left))
        )
    else:
        yield from (("top", top), ("right", right), ("bottom", bottom), ("left", left))


def _border(value: str, sides: Sequence[str] = ("top", "right", "bottom", "left")) -> Iterator[tuple[str, str]]:
    """The width of lines; `thin` and the like are lines, a `none` is none."""
    words = value.split()
    gone = not words or "none" in words or "hidden" in words
    width = next((word for word in words if points(word) is not None), "1px")
    yield from ((f"border-{side}-width", "0" if gone else width) for side in sides)


def _text_decoration(value: str) -> Iterator[tuple[str, str]]:
    yield "text-decoration-line", value
    lengths = [word for word in value.split() if points(word) is not None]
    yield "text-decoration-thickness", lengths[0] if lengths else "auto"


def _font_variant(value: str) -> Iterator[tuple[str, str]]:
    yield "font-variant-position", next((word for word in value.split() if word in ("sub", "super")), "normal")
    yield "font-variant-numeric", value


def _two_sides(first: str, second: str) -> Callable[[str], Iterator[tuple[str, str]]]:
    """A shorthand of two sides."""

    def taking_apart(value: str) -> Iterator[tuple[str, str]]:
        words = value.split() or ["0"]
        yield from ((first, words[0]), (second, words[-1]))

    return taking_apart


def _list_style(value: str) -> Iterator[tuple[str, str]]:
    words = [word for word in value.split() if word not in ("inside", "outside") and not word.startswith("url(")]
    yield "list-style-type", words[0] if words else "disc"


#: Values that every property takes (CSS Cascading and Inheritance 5, §7.3).
CSS_WIDE = frozenset({"inherit", "initial", "unset", "revert", "revert-layer"})
_SET_BY_ALL = ("display", "content-visibility", "visibility", "opacity", "color")


def _all(value: str) -> Iterator[tuple[str, str]]:
    """What `all` takes back: whether an element is there and seen; of the others, a doubt that it would lift may stay."""
    if value in CSS_WIDE:
        yield from ((name, value) for name in _SET_BY_ALL)


_SHORTHANDS: dict[str, Callable[[str], Iterable[tuple[str, str]]]] = {
    "all": _all,
    "background": _background,
    "font": _font,
    "text-decoration": _text_decoration,
    "overflow": _two_sides("overflow-x", "overflow-y"),
    "font-variant": _font_variant,
    "mask": lambda value: (("mask-image", value),),
    "flex-flow": lambda value: (("flex-direction", value),),
    "margin": lambda value: _sides("margin", value.split()),
    "inset": lambda value: _sides("inset", value.split()),
    "margin-inline": _two_sides("margin-left", "margin-right"),
    "margin-block": lambda value: (("margin-top", (value.split() or ["0"])[0]),),
    "inset-inline": _two_sides("left", "right"),
    "inset-block": _two_sides("top", "bottom"),
    "padding-inline": _two_sides("padding-left", "padding-right"),
    "padding-block": lambda value: (("padding-top", (value.split() or ["0"])[0]),),
    "border-inline": partial(_border, sides=("left", "right")),
    "-webkit-text-stroke": lambda value: (
        ("-webkit-text-stroke-width", next((w for w in value.split() if points(w) is not None), "0")),
    ),
    "offset": lambda value: (("offset-path", value),),
    "padding": lambda value: _sides("padding", value.split()),
    "border": _border,
    "border-width": lambda value: _sides("border", value.split()),
    **{f"border-{side}": partial(_border, sides=(side,)) for side in ("top", "right", "bottom", "left")},
    "gap": lambda value: (("column-gap", (value.split() or ["0"])[-1]),),
    "list-style": _list_style,
    "animation": lambda value: (("animation-name", value),),
}
#: What each shorthand sets, for values that are known only when variables are put in.
_SET_BY = {
    name: tuple(longhand for longhand, _ in taking_apart("0 0 0 0")) for name, taking_apart in _SHORTHANDS.items()
} | {"font": ("font-size", "font-family"), "all": _SET_BY_ALL}
#: Values with texts, names or addresses in them, which keep their case.
_AS_WRITTEN = frozenset({"content", "quotes"})


def _is_colour(value: str) -> bool:
    return value == "currentcolor" or value in SYSTEM_COLOURS or from_css(value) is not None


_DISPLAY = re.compile(
    r"(?:none|contents|block|flow|flow-root|inline|run-in|list-item|math|-(?:ms|moz|webkit)-[-\w]+|box|(?:inline-)?(?:block|flex|grid|table|"
    r"flexbox|box)|table-[-a-z]+|ruby[-a-z]*)(?:\s.*)?"
)
#: Which values a property takes, functions and the words that all properties take apart.
_ACCEPTED: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("color", "background-color", "-webkit-text-fill-color"), _is_colour),
    "display": lambda value: _DISPLAY.fullmatch(value) is not None,
    "visibility": lambda value: value in ("visible", "hidden", "collapse"),
    "opacity": lambda value: number(value) is not None,
    "font-size": lambda value: text_size(value) is not None,
}
