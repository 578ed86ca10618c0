"""Colours as documents write them, and whether text of one colour can be seen on another."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache
from typing import NamedTuple


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255, and how opaque the colour is, from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, ground: Colour) -> Colour:
        """What is seen when this colour is painted on an opaque ground."""
        share = self.alpha
        red, green, blue = (
            share * mine + (1 - share) * below for mine, below in zip(self[:3], ground[:3], strict=True)
        )
        return Colour(red, green, blue)

    def faded(self, share: float) -> Colour:
        """The colour with a further share of opacity."""
        return self._replace(alpha=self.alpha * share)


WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)
#: Text that contrasts less with its ground is taken for invisible: #dddddd on white has 1.36; the accessibility guidelines
#: (WCAG 2, "contrast ratio") ask for 4.5 and call 3 the least for large print.
LEAST_CONTRAST = 1.35


def is_seen(ink: Colour, paper: Colour) -> bool:
    """Whether text in one colour stands out from an opaque ground."""
    return contrast(ink.over(paper), paper) >= LEAST_CONTRAST


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2, from 1 (the same) to 21 (black on white)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def from_hex(digits: str | None) -> Colour | None:
    """`RRGGBB` as office documents write it, with or without a sign in front; `None` for anything else (`auto`)."""
    found = _HEX.fullmatch(digits or "")
    if found is None:
        return None
    value = int(found.group(1), 16)
    return Colour(value >> 16, value >> 8 & 255, value & 255)


def tinted(colour: Colour, tint: float) -> Colour:
    """A theme colour made lighter (towards 1) or darker (towards -1), as spreadsheets do (ECMA-376, 18.8.19)."""
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour[:3]))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return Colour(*(255 * part for part in colorsys.hls_to_rgb(hue, min(1.0, max(0.0, light)), saturation)))


_HEX = re.compile(r"#?([0-9A-Fa-f]{6})")
#: The named colours of CSS Color 4 (Word and spreadsheets name a few of them).
_NAMES = """\
aliceblue f0f8ff, antiquewhite faebd7, aqua 00ffff, aquamarine 7fffd4, azure f0ffff, beige f5f5dc, bisque
ffe4c4, black 000000, blanchedalmond ffebcd, blue 0000ff, blueviolet 8a2be2, brown a52a2a, burlywood deb887,
cadetblue 5f9ea0, chartreuse 7fff00, chocolate d2691e, coral ff7f50, cornflowerblue 6495ed, cornsilk fff8dc,
crimson dc143c, cyan 00ffff, darkblue 00008b, darkcyan 008b8b, darkgoldenrod b8860b, darkgray a9a9a9, darkgreen
006400, darkgrey a9a9a9, darkkhaki bdb76b, darkmagenta 8b008b, darkolivegreen 556b2f, darkorange ff8c00,
darkorchid 9932cc, darkred 8b0000, darksalmon e9967a, darkseagreen 8fbc8f, darkslateblue 483d8b, darkslategray
2f4f4f, darkslategrey 2f4f4f, darkturquoise 00ced1, darkviolet 9400d3, deeppink ff1493, deepskyblue 00bfff,
dimgray 696969, dimgrey 696969, dodgerblue 1e90ff, firebrick b22222, floralwhite fffaf0, forestgreen 228b22,
fuchsia ff00ff, gainsboro dcdcdc, ghostwhite f8f8ff, gold ffd700, goldenrod daa520, gray 808080, green 008000,
greenyellow adff2f, grey 808080, honeydew f0fff0, hotpink ff69b4, indianred cd5c5c, indigo 4b0082, ivory fffff0,
khaki f0e68c, lavender e6e6fa, lavenderblush fff0f5, lawngreen 7cfc00, lemonchiffon fffacd, lightblue add8e6,
lightcoral f08080, lightcyan e0ffff, lightgoldenrodyellow fafad2, lightgray d3d3d3, lightgreen 90ee90, lightgrey
d3d3d3, lightpink ffb6c1, lightsalmon ffa07a, lightseagreen 20b2aa, lightskyblue 87cefa, lightslategray 778899,
lightslategrey 778899, lightsteelblue b0c4de, lightyellow ffffe0, lime 00ff00, limegreen 32cd32, linen faf0e6,
magenta ff00ff, maroon 800000, mediumaquamarine 66cdaa, mediumblue 0000cd, mediumorchid ba55d3, mediumpurple
9370db, mediumseagreen 3cb371, mediumslateblue 7b68ee, mediumspringgreen 00fa9a, mediumturquoise 48d1cc,
mediumvioletred c71585, midnightblue 191970, mintcream f5fffa, mistyrose ffe4e1, moccasin ffe4b5, navajowhite
ffdead, navy 000080, oldlace fdf5e6, olive 808000, olivedrab 6b8e23, orange ffa500, orangered ff4500, orchid
da70d6, palegoldenrod eee8aa, palegreen 98fb98, paleturquoise afeeee, palevioletred db7093, papayawhip ffefd5,
peachpuff ffdab9, peru cd853f, pink ffc0cb, plum dda0dd, powderblue b0e0e6, purple 800080, rebeccapurple 663399,
red ff0000, rosybrown bc8f8f, royalblue 4169e1, saddlebrown 8b4513, salmon fa8072, sandybrown f4a460, seagreen
2e8b57, seashell fff5ee, sienna a0522d, silver c0c0c0, skyblue 87ceeb, slateblue 6a5acd, slategray 708090,
slategrey 708090, snow fffafa, springgreen 00ff7f, steelblue 4682b4, tan d2b48c, teal 008080, thistle d8bfd8,
tomato ff6347, turquoise 40e0d0, violet ee82ee, wheat f5deb3, white ffffff, whitesmoke f5f5f5, yellow ffff00,
yellowgreen 9acd32
"""
NAMED = {
    name: colour
    for name, _, digits in (entry.strip().partition(" ") for entry in _NAMES.replace("\n", " ").split(","))
    if (colour := from_hex(digits)) is not None
}
_FUNCTION = re.compile(r"(rgba?|hsla?)\(([^()]*)\)")
_NUMBER = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))(%|deg|turn|rad)?")
_HEX_CSS = re.compile(r"#([0-9a-f]{3,8})")
#: Colours of the system: the page's own ground and text, and those of buttons, menus and chosen text.
SYSTEM_COLOURS = {
    **dict.fromkeys(
        ("canvas", "window", "field", "infobackground", "highlighttext", "selecteditemtext", "accentcolortext"), WHITE
    ),
    **dict.fromkeys(
        ("activeborder", "threedhighlight", "threedlightshadow", "captiontext", "inactivecaption", "menu"), WHITE
    ),
    **dict.fromkeys(
        ("buttonface", "threedface", "buttonhighlight", "scrollbar", "inactiveborder"), Colour(239, 239, 239)
    ),
    **dict.fromkeys(("canvastext", "windowtext", "fieldtext", "buttontext", "menutext", "infotext", "marktext"), BLACK),
    "mark": Colour(255, 255, 0),
    "transparent": Colour(0, 0, 0, 0.0),
}


@lru_cache(maxsize=2048)
def from_css(value: str) -> Colour | None:
    """A colour as style sheets write it, in lower case; `None` for what this page doesn't understand (`oklch(…)`)."""
    value = value.strip()
    known = NAMED.get(value) or SYSTEM_COLOURS.get(value)
    if known is not None:
        return known
    found = _HEX_CSS.fullmatch(value)
    if found is not None:
        return _from_css_hex(found.group(1))
    call = _FUNCTION.fullmatch(value)
    if call is None:
        return None
    parts = [(float(number), unit) for number, unit in _NUMBER.findall(call.group(2))]
    if len(parts) not in (3, 4):
        return None
    alpha = 1.0 if len(parts) == 3 else parts[3][0] / (100 if parts[3][1] == "%" else 1)
    return (_from_rgb if call.group(1).startswith("rgb") else _from_hsl)(parts, alpha)


def _from_rgb(parts: list[tuple[float, str]], alpha: float) -> Colour:
    red, green, blue = (number * 2.55 if unit == "%" else number for number, unit in parts[:3])
    return Colour(red, green, blue, alpha)


def _from_hsl(parts: list[tuple[float, str]], alpha: float) -> Colour:
    degrees = {"turn": 360.0, "rad": 57.2958}.get(parts[0][1], 1.0) * parts[0][0]
    red, green, blue = colorsys.hls_to_rgb(degrees % 360 / 360, parts[2][0] / 100, parts[1][0] / 100)
    return Colour(255 * red, 255 * green, 255 * blue, alpha)


def _from_css_hex(digits: str) -> Colour | None:
    if len(digits) in (3, 4):
        digits = "".join(2 * digit for digit in digits)
    if len(digits) not in (6, 8):
        return None
    parts = [int(digits[at : at + 2], 16) for at in range(0, len(digits), 2)]
    return Colour(parts[0], parts[1], parts[2], parts[3] / 255 if len(parts) == 4 else 1.0)
