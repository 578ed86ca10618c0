"""Charts as PNG: drawn from their SVG, only where a font of this machine has Chinese, never with boxes for letters."""

from __future__ import annotations

from functools import cache

from archive.site.stats.drawing import FONTS

try:  # the extra "png"
    from resvg_py import svg_to_bytes
except ImportError:  # pragma: no cover
    svg_to_bytes = None  # type: ignore[assignment]

LEAST_WIDTH, WIDTH, MOST_WIDTH = 200, 1200, 2400
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><text x="4" y="30" font-size="28" style="font-family:{}">{}</text></svg>'
#: No font has a letter there: what is drawn for it is what stands for a letter that is missing.
_NO_LETTER = "\ue7c7"


@cache
def why_not() -> str | None:
    """Why charts can't be drawn as PNG here; `None` where they can."""
    if svg_to_bytes is None:
        return "PNG needs an extra: pip install 'ogi-archive[png]'"
    drawn, missing, blank = (_draw(_PROBE.format(FONTS, letter), 40) for letter in ("\u56fd", _NO_LETTER, ""))
    if drawn in (missing, blank):
        return "no font with Chinese letters is installed on this machine (Debian: fonts-noto-cjk)"
    return None


def png_of(svg: str, width: int) -> bytes:
    """A picture of an SVG, so many pixels wide. Only where `why_not` has nothing to say."""
    return _draw(svg, width)


def _draw(svg: str, width: int) -> bytes:
    return bytes(svg_to_bytes(svg_string=svg, width=width))
