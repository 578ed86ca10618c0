"""What the declarations of one element say about how its text is drawn, without what it inherits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import BLACK, WHITE, Colour, from_css, is_seen
from extract.document.drawn import LEAST_SIZE, PICTURE_FONTS, SPACED, WIDE_SPACING, Look
from extract.web.css import CSS_WIDE, first_family
from extract.web.lengths import FONT_SIZES, number, points, text_size

if TYPE_CHECKING:
    from lxml.etree import _Element

#: The value of each declared property.
Style = Mapping[str, str]


class Facts(NamedTuple):
    """What an element itself says; `None` where it says nothing.

    Attributes:
        why: Reasons (`Look`) that hold for all text inside, whatever that says itself.
        fill: The colour that `-webkit-text-fill-color` paints text with instead of `ink`.
        size: Points and `False`, or a share of the parent's size and `True`.
        place: How the element is moved away from its place on the line.
        width: The width of a box that cuts off what is wider, in points.
        adds: Reasons of its `::before` and `::after`.
        covers: It is laid over its neighbours with a ground of its own.
        lies: It is drawn elsewhere than it stands; without text of its own it strikes others out, or covers them.
        apart: It is drawn apart from what stands before and behind it on the line.
        spreads: It draws what is inside it apart from each other.
        flow: How it leaves the rows and columns of its table, empty where it doesn't.
        grows: A `::before` or `::after` of it takes room of its own.
        placed: What is inside it is moved with regard to it.
    """

    why: tuple[str, ...] = ()
    ink: Colour | None = None
    fill: Colour | None = None
    paper: Colour | None = None
    size: tuple[float, bool] | None = None
    visible: bool | None = None
    opacity: float = 1.0
    place: tuple[object, ...] = ()
    width: float | None = None
    height: float | None = None
    adds: tuple[str, ...] = ()
    covers: bool = False
    lies: bool = False
    apart: bool = False
    spreads: bool = False
    flow: str = ""
    grows: bool = False
    placed: bool = False

    def or_else(self, other: Facts) -> Facts:
        """What is to be feared where one of two may hold."""
        if self == other:
            return self
        why = dict.fromkeys((*self.why, *other.why))
        if not (self.is_plainly_seen and other.is_plainly_seen):
            why[Look.HIDDEN.because("a rule may apply that can't be judged")] = None
        seen = [one.visible for one in (self, other) if one.visible is not None]
        either = {name: getattr(self, name) or getattr(other, name) for name in _EITHER}
        return self._replace(
            why=tuple(why),
            visible=all(seen) if seen else None,
            adds=tuple(dict.fromkeys((*self.adds, *other.adds))),
            **either,
        )

    @property
    def is_plainly_seen(self) -> bool:
        """Whether nothing of what stands here can hide text by itself."""
        ink = self.ink if self.fill is None else self.fill
        paper = WHITE if self.paper is None else self.paper.over(WHITE)
        if not is_seen(BLACK if ink is None else ink, paper) or self.opacity < _FADED:
            return False
        return (self.size is None or self.size[0] >= (0.5 if self.size[1] else LEAST_SIZE)) and (
            self.width is None and self.height is None
        )


#: What is to be feared if one of two says it.
_EITHER = ("place", "flow", "apart", "spreads", "covers", "lies", "grows")
#: What a rule may add to an element's text.
PSEUDO = ("before", "after", "marker")
PLAIN = Facts()
#: Beyond this, in points, text is moved off the page.
_FAR = 300.0
#: Smaller moves are fine adjustments of a line.
_MOVED = 1.0
_RAISED = 3.0
_FADED = 0.15
_BLURRED = 1.5
#: Digits that stand nearer to each other than this, in points, lie on each other.
_OVERLAP = -2.5
#: Room between digits, in points, that parts a number in two.
_ROOM = 3.0
_BESIDE = ("margin-left", "margin-right", "padding-left", "padding-right", "letter-spacing")
_CALL = re.compile(r"([a-z0-9]+)\(([^()]*)\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_FILTER = re.compile(r"(opacity|alpha|blur)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_RAISING = re.compile(r"[\"'](?:sups|subs|sinf|frac|afrc|dnom|numr|ordn)[\"'](?!\s*(?:0|off))")
_ADDED = re.compile(r"[\d.,%+\-−－—十百千万亿零〇无]|counter|attr\(|url\(|image|-quote")
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_COLOUR = re.compile(r"#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([^()]*\)|[a-z]+")
#: Elements of a line, and the cells that hold them: what they say is about figures, not of a page.
_HOLDS_FIGURE = frozenset(
    {"td", "th", "span", "font", "b", "strong", "i", "em", "u", "a", "label", "small", "big", "code"}
)
_TABLE_PARTS = frozenset({"td", "th", "tr", "table", "tbody", "thead", "tfoot", "col", "colgroup", "caption", "img"})
_SIDES = ("left", "right", "top", "bottom")
_TAG_SIZES = {"small": 1 / 1.2, "big": 1.2}
_BY_TAG = {
    **dict.fromkeys(("sup", "sub", "rt", "rp"), Look.RAISED),
    **dict.fromkeys(("s", "strike", "del"), Look.STRUCK),
    "bdo": Look.TURNED,
}


#: What every browser's own style sheet says of a dialog: it leaves the text and lies in the middle of the page.
_OPEN_DIALOG = {"position": "absolute", "background-color": "white"}


def facts_of(element: _Element, style: Style, pseudos: Sequence[Style] = (), *, fonts: Set[str] = frozenset()) -> Facts:
    """What an element's tag, attributes and declared properties say, with those of its pseudo-elements (`PSEUDO`).

    `fonts` are the families that the page brings along.
    """
    own = _by_attributes(element)
    tag = str(element.tag)
    if tag == "dialog":
        style = {**_OPEN_DIALOG, **style}
    adds = (*own.adds, *(reason for pseudo in pseudos for reason in (*_added(pseudo), *_drawn_over(tag, pseudo))))
    if not style:
        return own if not pseudos else own._replace(adds=adds, grows=any(map(_takes_room, pseudos)))
    adds = (*adds, *_shown_instead(tag, style))
    return Facts(
        why=(
            *own.why,
            *(reason for question in _QUESTIONS for reason in question(tag, style)),
            *_in_pictures(tag, style, fonts),
        ),
        ink=_colour(style.get("color")) or own.ink,
        fill=_colour(style.get("-webkit-text-fill-color")),
        paper=_paper(tag, style) or own.paper,
        size=text_size(style.get("font-size", "")) or own.size,
        visible=_visible(style.get("visibility")),
        opacity=_opacity(style),
        place=tuple(_moves(tag, style)),
        width=_cutting(style, "overflow-x", "width", "padding-left"),
        height=_cut_height(style),
        adds=adds,
        covers=_covers(style),
        lies=_lies(tag, style),
        apart=_is_apart(tag, style),
        spreads=_spreads(style),
        flow=_flow(tag, style),
        grows=any(map(_takes_room, pseudos)),
        placed=style.get("position", "static") not in ("static", "initial", "unset", "") or "transform" in style,
    )


def _shown_instead(tag: str, style: Style) -> Iterator[str]:
    """What is shown beside an element's text, or instead of it."""
    if style.get("animation-name", "none") not in ("none", ""):
        yield Look.HIDDEN.because("an animation")
    if "url(" in style.get("content", "") or "image" in style.get("content", ""):
        yield Look.PICTURE.because("content")
    if tag in _HOLDS_FIGURE and "url(" in style.get("background-image", ""):
        yield Look.PICTURE.because("background-image")
    if tag == "q" and style.get("quotes", "none") not in ("none", "auto"):
        yield Look.ADDED.because("quotes")


def _in_pictures(tag: str, style: Style, fonts: Set[str]) -> Iterator[str]:
    """A font whose digits are pictures, or one of the page's own, whose digits may be others."""
    family = first_family(style["font-family"]) if "font-family" in style else ""
    if family and (PICTURE_FONTS.match(family) or (family in fonts and tag in _HOLDS_FIGURE)):
        yield Look.OTHERWISE.because(f"font {family[:40]}")


def _paper(tag: str, style: Style) -> Colour | None:
    """The ground behind an element's text; of one that runs from colour to colour, the first."""
    ground = _colour(style.get("background-color"))
    image = style.get("background-image", "")
    if tag not in _TABLE_PARTS or "gradient(" not in image:
        return ground
    first = next((colour for word in _COLOUR.findall(image) if (colour := from_css(word)) is not None), None)
    return first if first is not None and first.alpha > _FADED else ground


def _by_attributes(element: _Element) -> Facts:
    tag = str(element.tag)
    look = _BY_TAG.get(tag)
    why = (look.because(f"<{tag}>"),) if look is not None else ()
    if tag == "marquee":
        why = (Look.MOVED.because("<marquee>"),)
    if not element.attrib and not why and tag not in _TAG_SIZES:
        return PLAIN
    if (element.get("dir") or "").lower() == "rtl":
        why = (*why, Look.TURNED.because("dir=rtl"))
    if tag == "font" and PICTURE_FONTS.match(first_family(element.get("face") or "")):
        why = (*why, Look.OTHERWISE.because("font face"))
    ink = {"font": "color", "body": "text"}.get(tag)
    return Facts(
        why,
        adds=tuple(_added_by_attributes(element)),
        ink=_attribute_colour(element.get(ink)) if ink is not None else None,
        paper=_attribute_colour(element.get("bgcolor")),
        size=_attribute_size(tag, element.get("size")),
    )


def _added_by_attributes(element: _Element) -> Iterator[str]:
    tag = element.tag
    if tag in ("td", "th") and element.get("background"):
        yield Look.PICTURE.because("background")
    if tag in ("ul", "li", "menu", "dir") and (element.get("type") or "")[:1] in _NUMBERING:
        yield Look.ADDED.because("the number of a list")


#: Kinds of lists that are numbered.
_NUMBERING = frozenset({"1", "a", "A", "i", "I"})


def _attribute_size(tag: str, declared: str | None) -> tuple[float, bool] | None:
    if tag in _TAG_SIZES:
        return _TAG_SIZES[tag], True
    declared = (declared or "").strip()
    if tag == "font" and re.fullmatch(r"[-+]\d", declared):
        declared = str(min(7, max(1, _USUAL_SIZE + int(declared))))
    size = FONT_SIZES.get(declared) if tag == "font" else None
    return None if size is None else (size, False)


#: The size to which `<font size="+1">` adds.
_USUAL_SIZE = 3


def _attribute_colour(value: str | None) -> Colour | None:
    """A colour of an attribute, which may lack its sign (`bgcolor=ffffff`) or have too many digits, as browsers take it."""
    if not value:
        return None
    value = value.strip().lower()
    known = from_css(value) or from_css(f"#{value}")
    digits = value.lstrip("#")
    if known is not None or not re.fullmatch(r"[0-9a-f]{5,128}", digits):
        return known
    third = -(-len(digits) // 3)
    digits = digits.ljust(3 * third, "0")
    return from_css("#" + "".join(digits[at : at + third][:2] for at in range(0, 3 * third, third)))


def _colour(value: str | None) -> Colour | None:
    if value == "initial":
        return BLACK
    return None if not value or value == "currentcolor" or value in CSS_WIDE else from_css(value)


def _visible(value: str | None) -> bool | None:
    return {"hidden": False, "collapse": False, "visible": True, "initial": True}.get(value or "")


def _length(style: Style, name: str) -> float:
    """A length in points, 0 where none is declared."""
    return points(style.get(name, "")) or 0.0


def _opacity(style: Style) -> float:
    shares = [_share(style.get("opacity", ""))]
    for name, argument in _FILTER.findall(style.get("filter", "")):
        if name.startswith("opacity"):
            shares.append(_share(argument))
        elif name.startswith("alpha"):
            shares.append((number(argument.partition("=")[2]) or 0.0) / 100)
        elif (points(argument) or 0.0) >= _BLURRED:
            shares.append(0.0)
    product = 1.0
    for share in shares:
        product *= min(1.0, share)
    return product


def _share(value: str) -> float:
    share = number(value)
    return 1.0 if share is None else max(0.0, share)


# ---- what hides, raises, strikes, turns: one function a question, each gives reasons ----------------------------------------

_Question = Callable[[str, Style], Iterator[str]]


def _undrawn(tag: str, style: Style) -> Iterator[str]:
    for name, values in _HIDING.items():
        value = style.get(name)
        if value is not None and (value in values if values else value not in ("none", "")):
            yield Look.HIDDEN.because(f"{name}: {value[:40]}")
    if tag in ("table", "tbody", "thead", "tr") and style.get("animation-name", "none") not in ("none", ""):
        yield Look.HIDDEN.because("an animation")
    if _share(style.get("zoom", "1")) < _FADED:
        yield Look.HIDDEN.because("zoom")
    if style.get("background-color") == "currentcolor":
        yield Look.HIDDEN.because("colour equals background")


def _untold(_: str, style: Style) -> Iterator[str]:
    """Functions that aren't worked out here: what they give may hide the text."""
    for name, told in _TOLD.items():
        value = style.get(name, "")
        if "(" in value and told(value) is None:
            yield Look.HIDDEN.because(f"the {name} {value[:40]} can't be told")


_TOLD: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("color", "-webkit-text-fill-color", "background-color"), from_css),
    **dict.fromkeys(("opacity", "display", "visibility"), number),
    "font-size": text_size,
}
#: Values that hide, none given: every value but `none`.
_HIDING: dict[str, tuple[str, ...]] = {
    "display": ("none",),
    "content-visibility": ("hidden",),
    "mso-hide": ("all",),
    "-webkit-text-security": (),
    "mask-image": (),
    "clip-path": (),
    "contain": ("strict", "size", "size paint", "paint size", "size layout paint"),
    "offset-path": (),
}


def _painted(_: str, style: Style) -> Iterator[str]:
    """Colours that mix with those below, or are changed before they are shown."""
    if style.get("mix-blend-mode", "normal") not in _PLAIN_BLENDS:
        yield Look.HIDDEN.because(f"mix-blend-mode: {style['mix-blend-mode'][:40]}")
    for name, argument in _REPAINTED.findall(style.get("filter", "")):
        least, most = _KEEPING[name]
        amount = number(argument)
        if amount is None or not least <= amount <= most:
            yield Look.HIDDEN.because(f"filter: {name}")
    if _length(style, "-webkit-text-stroke-width") >= _MOVED:
        yield Look.COVERED.because("-webkit-text-stroke")


_PLAIN_BLENDS = frozenset({"normal", "multiply", "darken", "color-burn", *CSS_WIDE})
_REPAINTED = re.compile(r"(invert|url|brightness|contrast)\(([^()]*)\)")
#: Between which amounts filters leave text dark on its ground. Greys, as pages wear them on days of mourning, always do.
_KEEPING = {"invert": (0.0, 0.2), "url": (0.0, 0.0), "brightness": (0.3, 1.5), "contrast": (0.6, math.inf)}


def _numbered(tag: str, style: Style) -> Iterator[str]:
    kind = style.get("list-style-type", "none")
    is_list = tag in ("ul", "ol", "li", "menu", "dir") or style.get("display", "").startswith("list-item")
    if is_list and kind not in _BULLETS:
        yield Look.ADDED.because(f"list-style: {kind[:40]}")


#: Marks of a list that are no number.
_BULLETS = frozenset({"none", "disc", "circle", "square", "inherit", "initial", "unset", ""})


def _off_the_page(_: str, style: Style) -> Iterator[str]:
    if style.get("position") in ("absolute", "fixed", "relative", "sticky"):
        yield from (
            Look.HIDDEN.because(f"{side}: {style[side]}") for side in _SIDES if abs(_length(style, side)) > _FAR
        )
        if style.get("clip", "auto") != "auto":
            yield Look.HIDDEN.because("clip")
    for name, low, high in _SHIFTS:
        if not low <= _length(style, name) <= high:
            yield Look.HIDDEN.because(f"{name}: {style[name]}")


def _indented(_: str, style: Style) -> Iterator[str]:
    """Text that begins behind the end of its box."""
    if style.get("overflow-x") in _CUTS:
        indent = style.get("text-indent", "")
        room = points(style.get("width", ""))
        share = (number(indent) or 0.0) >= 0.5 and indent.endswith("%")
        if share or (room is not None and 0 < room <= (points(indent) or 0.0)):
            yield Look.HIDDEN.because(f"text-indent: {indent}")


#: Values of `overflow` that show nothing beyond a box.
_CUTS = frozenset({"hidden", "clip", "auto", "scroll", "overlay"})
#: How far text may be shifted, in points: beyond that it is off the page, or its letters lie on each other.
_SHIFTS = (
    ("margin-left", -_FAR, math.inf),
    ("margin-top", -_FAR, math.inf),
    ("text-indent", -_FAR, _FAR),
    ("letter-spacing", _OVERLAP, math.inf),
)


def _spaced(_: str, style: Style) -> Iterator[str]:
    if _length(style, "letter-spacing") >= WIDE_SPACING:
        yield SPACED


def _raised(tag: str, style: Style) -> Iterator[str]:
    align = style.get("vertical-align", "")
    is_inline = tag not in _TABLE_PARTS and not style.get("display", "").startswith(("table", "block", "flex"))
    if is_inline and (align in ("super", "sub") or abs(points(align) or 0.0) >= _RAISED):
        yield Look.RAISED.because(f"vertical-align: {align}")
    if abs(_length(style, "mso-text-raise")) >= _RAISED:
        yield Look.RAISED.because(f"mso-text-raise: {style['mso-text-raise']}")


def _raised_otherwise(tag: str, style: Style) -> Iterator[str]:
    size = text_size(style.get("font-size", "")) or (1.0, True)
    if tag not in _TABLE_PARTS and style.get("vertical-align") in ("text-top", "text-bottom") and size[0] < 1:
        yield Look.RAISED.because("vertical-align")
    if style.get("display", "").startswith("ruby") or style.get("baseline-shift", "0") in ("super", "sub"):
        yield Look.RAISED.because("ruby")
    if style.get("initial-letter", "normal") not in ("normal", "1", ""):
        yield Look.SIZES.because("initial-letter")


def _raised_by_font(_: str, style: Style) -> Iterator[str]:
    numeric = style.get("font-variant-numeric", "")
    if style.get("font-variant-position") in ("super", "sub") or "fractions" in numeric or "ordinal" in numeric:
        yield Look.RAISED.because("font-variant")
    if _RAISING.search(style.get("font-feature-settings", "")):
        yield Look.RAISED.because("font-feature-settings")


def _struck(tag: str, style: Style) -> Iterator[str]:
    if "line-through" in style.get("text-decoration-line", ""):
        yield Look.STRUCK.because("text-decoration: line-through")
    elif style.get("text-decoration-line", "none") != "none" and (
        _length(style, "text-underline-offset") < -_MOVED or _length(style, "text-decoration-thickness") > _RAISED
    ):
        yield Look.STRUCK.because("a line of the text's decoration lies over it")
    if tag not in _TABLE_PARTS and "gradient(" in style.get("background-image", ""):
        yield Look.STRUCK.because("a drawn ground")


def _turned(_: str, style: Style) -> Iterator[str]:
    if style.get("unicode-bidi") in ("bidi-override", "isolate-override"):
        yield Look.TURNED.because("unicode-bidi")
    if style.get("direction") == "rtl":
        yield Look.TURNED.because("direction: rtl")
    if style.get("flex-direction", "").endswith("reverse") or style.get("flex-wrap", "").endswith("-reverse"):
        yield Look.TURNED.because("flex-direction")


def _transformed(_: str, style: Style) -> Iterator[str]:
    for name, arguments in _calls(style):
        if name.startswith("translate"):
            yield from _translated(name, arguments)
        else:
            yield from _deformed(name, arguments, [float(number) for number in _NUMBER.findall(arguments)])


def _deformed(name: str, arguments: str, numbers: list[float]) -> Iterator[str]:
    if (axes := _AXES.get((name, len(numbers)))) is not None:
        yield from _scaled([numbers[along] or numbers[across] for along, across in axes])
    elif name.startswith("scale"):
        yield from _scaled(numbers)
    elif name.startswith("rotate") and numbers:
        yield from _rotated(name, arguments, numbers[-1])
    elif name.startswith("skew") and any(45 < abs(number) % 180 < 135 for number in numbers):
        yield Look.HIDDEN.because("skewed")


#: Where matrices have the sizes along both axes, or, turned by a quarter, across them.
_AXES = {("matrix", 6): ((0, 1), (3, 2)), ("matrix3d", 16): ((0, 1), (5, 4))}


def _translated(name: str, arguments: str) -> Iterator[str]:
    if any(abs(points(piece) or 0.0) > _FAR for piece in re.split(r"[,\s]+", arguments)):
        yield Look.HIDDEN.because(f"{name}({arguments[:40]})")


def _calls(style: Style) -> Iterator[tuple[str, str]]:
    """The functions of a `transform`, and the properties that stand for one each."""
    yield from _CALL.findall(style.get("transform", ""))
    yield from ((name, style[name]) for name in ("rotate", "scale", "translate") if name in style)


def _scaled(numbers: list[float]) -> Iterator[str]:
    if any(abs(number) < _FADED for number in numbers):
        yield Look.HIDDEN.because("scaled to nothing")
    elif any(number < 0 for number in numbers):
        yield Look.TURNED.because("mirrored")


def _rotated(name: str, arguments: str, number: float) -> Iterator[str]:
    unit = 360.0 if "turn" in arguments else 57.3 if "rad" in arguments and "grad" not in arguments else 1.0
    degrees = abs(number * unit) % 360
    is_edgeways = min(abs(degrees - 90), abs(degrees - 270)) < 9
    if name in ("rotatex", "rotatey") and is_edgeways:
        yield Look.HIDDEN.because("turned edgeways")
    elif 45 < degrees < 315:
        yield Look.TURNED.because(f"rotated by {degrees:g} degrees")


_QUESTIONS: tuple[_Question, ...] = (
    _undrawn,
    _untold,
    _painted,
    _numbered,
    _off_the_page,
    _indented,
    _spaced,
    _raised,
    _raised_otherwise,
    _raised_by_font,
    _struck,
    _turned,
    _transformed,
)


# ---- what moves and cuts off ----------------------------------------------------------------------------------------------


def _moves(tag: str, style: Style) -> Iterator[object]:
    """How an element leaves its place on the line: parts of a cell that differ in this may stand in another order."""
    yield from _positioned(style)
    if style.get("float") in ("left", "right", "inline-start", "inline-end"):
        yield style["float"]
    if style.get("order", "0") not in ("0", "initial", "unset", ""):
        yield ("order", style["order"])
    yield from (
        (name, style[name]) for name in _GRID_PLACES if style.get(name, "auto") not in ("auto", "unset", "initial")
    )
    yield from ((name, arguments) for name, arguments in _calls(style) if name.startswith("translate"))
    yield from _shifted(tag, style)


_GRID_PLACES = ("grid-column", "grid-column-start", "grid-column-end", "grid-row", "grid-area")
#: Moves that leave a cell in its column: up and down, and those that cells don't make.
_NOT_ASIDE = frozenset(
    {"top", "bottom", "margin-left", "margin-top", "margin-right", "mso-text-raise", "vertical-align", "translatey"}
)


def aside(facts: Facts) -> tuple[object, ...]:
    """How a cell leaves its column; cells of one row for which it differs may stand below other headers."""
    moves = (move for move in facts.place if not isinstance(move, tuple) or move[0] not in _NOT_ASIDE)
    return (*moves, facts.flow) if facts.flow else tuple(moves)


def _flow(tag: str, style: Style) -> str:
    """How a cell or row leaves the columns of its table: by another display, by floating, or by not being there."""
    if tag not in ("td", "th", "tr"):
        return ""
    if style.get("float", "none") not in ("none", *CSS_WIDE):
        return "float"
    display = style.get("display", "")
    return "" if display in _IN_TABLE else display


_IN_TABLE = frozenset({"", "table-cell", "table-row", *CSS_WIDE})


def _positioned(style: Style) -> Iterator[object]:
    position = style.get("position")
    if position in ("absolute", "fixed"):
        yield (position, *(style.get(side) for side in _SIDES))
    elif position in ("relative", "sticky"):
        yield from ((side, style[side]) for side in _SIDES if abs(_length(style, side)) >= _MOVED)


def _shifted(tag: str, style: Style) -> Iterator[object]:
    sides = ("margin-left", "margin-top", "margin-right")
    yield from ((name, style[name]) for name in sides if _length(style, name) < -_MOVED)
    raising = ("mso-text-raise",) if tag in _TABLE_PARTS else ("mso-text-raise", "vertical-align")
    yield from ((name, style[name]) for name in raising if abs(_length(style, name)) >= _MOVED)


def _cutting(style: Style, overflow: str, side: str, padding: str) -> float | None:
    """The size of a box that shows nothing beyond it, if it is given as a length."""
    if style.get(overflow) not in _CUTS:
        return None
    sizes = [
        size
        for name in (side, f"max-{side}")
        if (size := points(style.get(name, ""))) is not None and (size == 0 or not style[name].endswith("%"))
    ]
    if not sizes:
        return None
    return max(0.0, min(sizes) - (_length(style, padding) if style.get("box-sizing") == "border-box" else 0.0))


def _cut_height(style: Style) -> float | None:
    """The height of such a box; lines without a height make a box without one."""
    if style.get("overflow-y") in _CUTS and not style.get("height") and number(style.get("line-height", "1")) == 0:
        return 0.0
    return _cutting(style, "overflow-y", "height", "padding-top")


def _covers(style: Style) -> bool:
    """Whether an element may be drawn over its neighbours, with a ground of its own."""
    if style.get("position") not in ("absolute", "fixed"):
        return False
    return _is_painted(style)


def _lies(tag: str, style: Style) -> bool:
    """Whether an element is drawn where it doesn't stand, and can be seen without text."""
    is_moved = style.get("position", "static") not in ("static", "") or next(_shifted("", style), None) is not None
    return (is_moved or next(_calls(style), None) is not None) and (
        tag == "hr" or _is_painted(style) or _has_line(style)
    )


def _is_painted(style: Style) -> bool:
    ground = _colour(style.get("background-color"))
    return (ground is not None and ground.alpha > _FADED) or style.get("background-image", "none") != "none"


def _has_line(style: Style) -> bool:
    return any(_length(style, f"border-{side}-width") > 0 for side in ("top", "bottom", "left", "right"))


def _is_apart(tag: str, style: Style) -> bool:
    """Whether a piece of a line stands apart from its neighbours: a block of its own, or with room or a line beside it."""
    if tag in _TABLE_PARTS:
        return False
    if style.get("display", "").startswith(("block", "flex", "grid", "table", "list-item")):
        return True
    return any(_length(style, name) >= _ROOM or style.get(name) == "auto" for name in _BESIDE) or any(
        _length(style, name) > 0 for name in ("border-left-width", "border-right-width")
    )


def _spreads(style: Style) -> bool:
    display = style.get("display", "")
    if "grid" in display:
        return True
    is_row = "column" not in style.get("flex-direction", "")
    room = style.get("justify-content", "").startswith("space") or _length(style, "column-gap") >= _ROOM
    return "flex" in display and (room or not is_row)


def _drawn_over(tag: str, pseudo: Style) -> Iterator[str]:
    """A stroke or a ground that a `::before` or `::after` without text draws across a piece of text; of a cell it is the border."""
    if _printed(pseudo).strip() or "content" not in pseudo or _is_hidden(pseudo):
        return
    if pseudo.get("position") != "absolute" and next(_shifted("", pseudo), None) is None:
        return
    if tag not in _TABLE_PARTS:
        if _is_painted(pseudo) or _has_line(pseudo):
            yield Look.STRUCK.because("a line is drawn over the text")
    elif _is_painted(pseudo) and not _is_line(pseudo):
        yield Look.COVERED.because("a ground is drawn over the text")


def _is_line(style: Style) -> bool:
    sizes = [points(style.get(side, "")) for side in ("width", "height")]
    return any(size is not None and size <= _RAISED for size in sizes)


def _takes_room(pseudo: Style) -> bool:
    """Whether a `::before` or `::after` is a box beside the cells of a row."""
    return (
        pseudo.get("content", "none") not in ("none", "normal", "")
        and pseudo.get("position") not in ("absolute", "fixed")
        and not _is_hidden(pseudo)
    )


def _is_hidden(pseudo: Style) -> bool:
    return pseudo.get("display") == "none" or _visible(pseudo.get("visibility")) is False


def _printed(pseudo: Style) -> str:
    """The text of a pseudo-element, with its quotes taken off."""
    content = pseudo.get("content", "")
    if content in ("none", "normal"):
        return ""
    text = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFD)), content)
    return text.replace('"', "").replace("'", "").replace("\xa0", " ")


def _added(pseudo: Style) -> Iterator[str]:
    """What a `::before` or `::after` adds to the text, unless that is hidden itself."""
    shown = _printed(pseudo)
    if not _ADDED.search(shown) or _is_hidden(pseudo):
        return
    size = text_size(pseudo.get("font-size", ""))
    if (size is not None and size[0] < 0.2) or points(pseudo.get("height", "")) == 0:
        return
    yield Look.ADDED.because(f"content: {pseudo['content'][:40]}")
