"""What the declarations of one element say about how its text is drawn, without what it inherits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from extract.document.colours import BLACK, Colour, from_css
from extract.document.drawn import Look
from extract.web.lengths import FONT_SIZES, points, text_size

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
        apart: It is drawn apart from what stands before and behind it on the line.
        spreads: It draws what is inside it apart from each other.
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
    apart: bool = False
    spreads: bool = False


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
_BESIDE = ("margin-left", "margin-right", "padding-left", "padding-right")
_CALL = re.compile(r"([a-z0-9]+)\(([^()]*)\)")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_FILTER = re.compile(r"opacity\s*\(\s*([\d.]+)\s*(%?)\s*\)|opacity\s*=\s*([\d.]+)|blur\(\s*([\d.]+)\s*px")
_RAISING = re.compile(r"[\"'](?:sups|subs|sinf|frac|afrc|dnom|numr|ordn)[\"'](?!\s*(?:0|off))")
_ADDED = re.compile(r"[\d.,%+\-−－—十百千万亿零〇无]|counter|attr\(|url\(|var\(")
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_VAR = re.compile(r"var\(\s*(--[-\w]+)\s*(?:,([^()]*))?\)")
_TABLE_PARTS = frozenset({"td", "th", "tr", "table", "tbody", "thead", "tfoot", "col", "colgroup", "caption", "img"})
_SIDES = ("left", "right", "top", "bottom")
_TAG_SIZES = {"small": 1 / 1.2, "big": 1.2}
_BY_TAG = {
    **dict.fromkeys(("sup", "sub", "rt", "rp"), Look.RAISED),
    **dict.fromkeys(("s", "strike", "del"), Look.STRUCK),
    "bdo": Look.TURNED,
}
_UNTOLD = ("lab(", "lch(", "oklab(", "oklch(", "color(", "color-mix(", "light-dark(", "hwb(")


def substituted(value: str, custom: Mapping[str, str]) -> str:
    """A value with its `var(--name)` put in; of one that is declared several times, the last."""
    for _ in range(5):
        if "var(" not in value:
            break
        value = _VAR.sub(lambda found: custom.get(found[1], found[2] or "").strip(), value)[:300]
    return value


def facts_of(element: _Element, style: Style, pseudos: Sequence[Style] = ()) -> Facts:
    """What an element's tag, attributes and declared properties say, with those of its pseudo-elements (`PSEUDO`)."""
    own = _by_attributes(element)
    adds = tuple(reason for pseudo in pseudos for reason in (*_added(pseudo), *_drawn_over(str(element.tag), pseudo)))
    if style.get("animation-name", "none") not in ("none", ""):
        adds = (*adds, Look.HIDDEN.because("an animation"))
    if not style:
        return own if not adds else own._replace(adds=adds)
    return Facts(
        why=(*own.why, *(reason for question in _QUESTIONS for reason in question(str(element.tag), style))),
        ink=_colour(style.get("color")) or own.ink,
        fill=_colour(style.get("-webkit-text-fill-color")),
        paper=_colour(style.get("background-color")) or own.paper,
        size=text_size(style.get("font-size", "")) or own.size,
        visible=_visible(style.get("visibility")),
        opacity=_opacity(style),
        place=tuple(_moves(str(element.tag), style)),
        width=_cutting(style, "overflow-x", "width"),
        height=_cutting(style, "overflow-y", "height"),
        adds=adds,
        covers=_covers(style),
        apart=_is_apart(str(element.tag), style),
        spreads=_spreads(style),
    )


def _by_attributes(element: _Element) -> Facts:
    tag = str(element.tag)
    look = _BY_TAG.get(tag)
    why = (look.because(f"<{tag}>"),) if look is not None else ()
    if not element.attrib and look is None and tag not in _TAG_SIZES:
        return PLAIN
    if (element.get("dir") or "").lower() == "rtl":
        why = (*why, Look.TURNED.because("dir=rtl"))
    ink = {"font": "color", "body": "text"}.get(tag)
    return Facts(
        why,
        ink=_attribute_colour(element.get(ink)) if ink is not None else None,
        paper=_attribute_colour(element.get("bgcolor")),
        size=_attribute_size(tag, element.get("size")),
    )


def _attribute_size(tag: str, declared: str | None) -> tuple[float, bool] | None:
    if tag in _TAG_SIZES:
        return _TAG_SIZES[tag], True
    size = FONT_SIZES.get((declared or "").strip()) if tag == "font" else None
    return None if size is None else (size, False)


def _attribute_colour(value: str | None) -> Colour | None:
    """A colour of an attribute, which may lack its sign (`bgcolor=ffffff`)."""
    if not value:
        return None
    value = value.strip().lower()
    return from_css(value) or from_css(f"#{value}")


def _colour(value: str | None) -> Colour | None:
    if not value or value in ("inherit", "unset", "currentcolor", "revert"):
        return None
    return BLACK if value == "initial" else from_css(value)


def _visible(value: str | None) -> bool | None:
    return {"hidden": False, "collapse": False, "visible": True, "initial": True}.get(value or "")


def _length(style: Style, name: str) -> float:
    """A length in points, 0 where none is declared."""
    return points(style.get(name, "")) or 0.0


def _opacity(style: Style) -> float:
    shares = [_share(style.get("opacity", ""))]
    for number, percent, old, blur in _FILTER.findall(style.get("filter", "")):
        if number:
            shares.append(float(number) / (100 if percent else 1))
        elif old:
            shares.append(float(old) / 100)
        elif float(blur) >= _BLURRED:
            shares.append(0.0)
    product = 1.0
    for share in shares:
        product *= min(1.0, share)
    return product


def _share(value: str) -> float:
    found = _NUMBER.match(value)
    return 1.0 if found is None else max(0.0, float(found.group())) / (100 if value.endswith("%") else 1)


# ---- what hides, raises, strikes, turns: one function a question, each gives reasons ----------------------------------------

_Question = Callable[[str, Style], Iterator[str]]


def _undrawn(_: str, style: Style) -> Iterator[str]:
    for name, values in _HIDING.items():
        value = style.get(name)
        if value is not None and (value in values if values else value not in ("none", "")):
            yield Look.HIDDEN.because(f"{name}: {value[:40]}")
    if _NUMBER.match(style.get("zoom", "1")) and _share(style.get("zoom", "1")) < _FADED:
        yield Look.HIDDEN.because("zoom")
    for name in ("color", "-webkit-text-fill-color", "background-color"):
        if style.get(name, "").startswith(_UNTOLD):
            yield Look.HIDDEN.because(f"the {name} {style[name][:40]} can't be told")
    if style.get("background-color") == "currentcolor":
        yield Look.HIDDEN.because("colour equals background")


#: Values that hide, none given: every value but `none`.
_HIDING: dict[str, tuple[str, ...]] = {
    "display": ("none",),
    "content-visibility": ("hidden",),
    "mso-hide": ("all",),
    "-webkit-text-security": (),
    "mask-image": (),
    "clip-path": (),
}


def _numbered(tag: str, style: Style) -> Iterator[str]:
    kind = style.get("list-style-type", "none")
    if tag in ("ul", "ol", "li") and kind not in _BULLETS:
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


#: How far text may be shifted, in points: beyond that it is off the page, or its letters lie on each other.
_SHIFTS = (
    ("margin-left", -_FAR, math.inf),
    ("margin-top", -_FAR, math.inf),
    ("text-indent", -_FAR, _FAR),
    ("letter-spacing", _OVERLAP, math.inf),
)


def _raised(tag: str, style: Style) -> Iterator[str]:
    align = style.get("vertical-align", "")
    is_inline = tag not in _TABLE_PARTS and not style.get("display", "").startswith(("table", "block", "flex"))
    if is_inline and (align in ("super", "sub") or abs(points(align) or 0.0) >= _RAISED):
        yield Look.RAISED.because(f"vertical-align: {align}")
    if abs(_length(style, "mso-text-raise")) >= _RAISED:
        yield Look.RAISED.because(f"mso-text-raise: {style['mso-text-raise']}")


def _raised_by_font(_: str, style: Style) -> Iterator[str]:
    numeric = style.get("font-variant-numeric", "")
    if style.get("font-variant-position") in ("super", "sub") or "fractions" in numeric or "ordinal" in numeric:
        yield Look.RAISED.because("font-variant")
    if _RAISING.search(style.get("font-feature-settings", "")):
        yield Look.RAISED.because("font-feature-settings")


def _struck(tag: str, style: Style) -> Iterator[str]:
    if "line-through" in style.get("text-decoration-line", ""):
        yield Look.STRUCK.because("text-decoration: line-through")
    if tag not in _TABLE_PARTS and "gradient(" in style.get("background-image", ""):
        yield Look.STRUCK.because("a drawn ground")


def _turned(_: str, style: Style) -> Iterator[str]:
    if style.get("unicode-bidi") in ("bidi-override", "isolate-override"):
        yield Look.TURNED.because("unicode-bidi")
    if style.get("direction") == "rtl":
        yield Look.TURNED.because("direction: rtl")
    if style.get("flex-direction", "").endswith("-reverse"):
        yield Look.TURNED.because("flex-direction")


def _transformed(_: str, style: Style) -> Iterator[str]:
    for name, arguments in _calls(style):
        numbers = [float(number) for number in _NUMBER.findall(arguments)]
        if name == "matrix" and len(numbers) == 6:
            yield from _scaled([numbers[0] or numbers[1], numbers[3] or numbers[2]])
        elif name.startswith("translate"):
            yield from _translated(name, arguments)
        elif name.startswith("scale") and numbers:
            yield from _scaled(numbers)
        elif name.startswith("rotate") and numbers:
            yield from _rotated(name, arguments, numbers[-1])


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
    _numbered,
    _off_the_page,
    _raised,
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
    if _NUMBER.match(style.get("order", "")) and style["order"] != "0":
        yield ("order", style["order"])
    yield from (
        (name, style[name]) for name in _GRID_PLACES if style.get(name, "auto") not in ("auto", "unset", "initial")
    )
    yield from ((name, arguments) for name, arguments in _calls(style) if name.startswith("translate"))
    yield from _shifted(tag, style)


_GRID_PLACES = ("grid-column", "grid-column-start", "grid-area")
#: Moves that leave a cell in its column: up and down, and those that cells don't make.
_NOT_ASIDE = frozenset({"top", "bottom", "margin-left", "margin-top", "mso-text-raise", "vertical-align", "translatey"})


def aside(facts: Facts) -> tuple[object, ...]:
    """How a cell leaves its column; cells of one row for which it differs may stand below other headers."""
    return tuple(move for move in facts.place if not isinstance(move, tuple) or move[0] not in _NOT_ASIDE)


def _positioned(style: Style) -> Iterator[object]:
    position = style.get("position")
    if position in ("absolute", "fixed"):
        yield (position, *(style.get(side) for side in _SIDES))
    elif position in ("relative", "sticky"):
        yield from ((side, style[side]) for side in _SIDES if abs(_length(style, side)) >= _MOVED)


def _shifted(tag: str, style: Style) -> Iterator[object]:
    yield from ((name, style[name]) for name in ("margin-left", "margin-top") if _length(style, name) < -_MOVED)
    raising = ("mso-text-raise",) if tag in _TABLE_PARTS else ("mso-text-raise", "vertical-align")
    yield from ((name, style[name]) for name in raising if abs(_length(style, name)) >= _MOVED)


def _cutting(style: Style, overflow: str, side: str) -> float | None:
    """The size of a box that shows nothing beyond it, if it is given as a length."""
    if style.get(overflow) not in ("hidden", "clip"):
        return None
    sizes = [
        size
        for name in (side, f"max-{side}")
        if (size := points(style.get(name, ""))) is not None and (size == 0 or not style[name].endswith("%"))
    ]
    return min(sizes, default=None)


def _covers(style: Style) -> bool:
    if style.get("position") not in ("absolute", "fixed"):
        return False
    ground = _colour(style.get("background-color"))
    return (ground is not None and ground.alpha > _FADED) or style.get("background-image", "none") != "none"


def _is_apart(tag: str, style: Style) -> bool:
    """Whether a piece of a line stands apart from its neighbours: a block of its own, or with room or a line beside it."""
    if tag in _TABLE_PARTS:
        return False
    if style.get("display", "").startswith(("block", "flex", "grid", "table", "list-item")):
        return True
    return any(_length(style, name) >= _ROOM for name in _BESIDE) or any(
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
    """A stroke that a `::before` or `::after` without text draws across a piece of text; of a cell it is the border."""
    if tag in _TABLE_PARTS or pseudo.get("content") not in ("''", '""') or pseudo.get("position") != "absolute":
        return
    lines = any(_length(pseudo, f"border-{side}-width") > 0 for side in ("top", "bottom"))
    ground = _colour(pseudo.get("background-color"))
    if lines or (ground is not None and ground.alpha > _FADED) or pseudo.get("background-image", "none") != "none":
        yield Look.STRUCK.because("a line is drawn over the text")


def _added(pseudo: Style) -> Iterator[str]:
    """What a `::before` or `::after` adds to the text, unless that is hidden itself."""
    content = pseudo.get("content", "")
    shown = _CSS_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0xFFFD)), content)
    if shown in ("", "none", "normal") or not _ADDED.search(shown):
        return
    gone = pseudo.get("display") == "none" or _visible(pseudo.get("visibility")) is False
    size = text_size(pseudo.get("font-size", ""))
    if gone or (size is not None and size[0] < 0.2) or points(pseudo.get("height", "")) == 0:
        return
    yield Look.ADDED.because(f"content: {content[:40]}")
