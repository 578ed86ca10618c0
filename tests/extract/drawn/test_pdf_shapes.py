"""PDF: fonts whose codes stand for other digits than their outlines draw, fonts of drawings, blanks that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import reportlab
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from extract.paged.pdf_codes import has_twin_digits
from tests.extract.drawn.standing import is_untouched, standing
from tests.extract.drawn.test_pdf import _X, _Y, _page

Patch = Callable[[bytes], bytes]
_NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
#: A digit as a polygon of a drawing, 1000 units an em.
_DRAWN = {
    "7": "60 700 m 500 700 l 500 640 l 240 0 l 160 0 l 420 630 l 60 630 l f",
    "1": "220 0 m 300 0 l 300 700 l 230 700 l 90 600 l 90 530 l 220 610 l f",
    "4": "340 0 m 420 0 l 420 160 l 510 160 l 510 230 l 420 230 l 420 700 l 340 700 l 40 230 l 40 160 l 340 160 l 340 0 l "
    "340 230 m 130 230 l 340 570 l f",
}


def _map(codes: dict[int, str]) -> bytes:
    lines = "\n".join(f"<{code:02X}> <{ord(text):04X}>" for code, text in codes.items())
    body = f"/CMapName /A def begincmap 1 begincodespacerange <00> <FF> endcodespacerange {len(codes)} beginbfchar\n{lines}\nendbfchar endcmap"
    return body.encode()


def _with_font(font: str, *objects: bytes) -> Patch:
    """Add a font /FX; `objects` are further ones from number 101 on, streams all of them."""

    def patch(data: bytes) -> bytes:
        data = data.replace(b"/Font 1 0 R", b"/Font << /F1 2 0 R /F2 3 0 R /F3 4 0 R /FX 100 0 R >>")
        added = b"100 0 obj\n" + font.encode() + b"\nendobj\n"
        for number, body in enumerate(objects, start=101):
            added += b"%d 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (number, len(body), body)
        at = data.index(b"xref")
        return data[:at] + added + data[at:]

    return patch


def _helvetica(glyphs: dict[int, str], codes: dict[int, str]) -> Patch:
    """Helvetica with glyphs at codes, and what the codes are said to stand for."""
    differences = " ".join(f"{code} /{name}" for code, name in glyphs.items())
    font = (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 101 0 R "
        f"/Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [{differences}] >> >>"
    )
    return _with_font(font, _map(codes))


def _drawings(shapes: dict[str, str]) -> Patch:
    """A font of drawings (Type 3): each digit is drawn in the shape of another."""
    programs = " ".join(f"/g{digit} {number} 0 R" for number, digit in enumerate(shapes, start=102))
    codes = " ".join(f"{ord(digit)} /g{digit}" for digit in shapes)
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 750] /FontMatrix [0.001 0 0 0.001 0 0] /Resources << >> "
        f"/CharProcs << {programs} >> /Encoding << /Type /Encoding /Differences [{codes}] >> /FirstChar 48 /LastChar 57 "
        f"/Widths [{'556 ' * 10}] /ToUnicode 101 0 R >>"
    )
    bodies = (f"556 0 0 0 556 700 d1 {_DRAWN[shape]}".encode() for shape in shapes.values())
    return _with_font(font, _map({ord(digit): digit for digit in shapes}), *bodies)


def _shown(text: str, scale: int = 100) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas._code.append(f"BT /FX 9 Tf {scale} Tz {_X} {_Y} Td ({text}) Tj 100 Tz ET")

    return draw


_PLAIN = {48 + value: str(value) for value in range(10)}
VARIANTS: dict[str, tuple[str, Patch]] = {
    "a 9 drawn as 1": ("917", _helvetica({57: "one"}, _PLAIN)),
    "6 and 9 changed": ("96", _helvetica({54: "nine", 57: "six"}, _PLAIN)),
    "a 3 drawn as 8": ("3", _helvetica({51: "eight"}, _PLAIN)),
    "a 5 drawn as 6": ("5", _helvetica({53: "six"}, _PLAIN)),
    "a 1 drawn as 7": ("17", _helvetica({49: "seven"}, _PLAIN)),
    "all moved by one": ("917", _helvetica({48 + at: _NAMES[(at + 1) % 10] for at in range(10)}, _PLAIN)),
    "two glyphs for 6": ("AB", _helvetica({65: "six", 66: "nine"}, {65: "6", 66: "6"})),
    "two glyphs for 3": ("AB", _helvetica({65: "three", 66: "five"}, {65: "3", 66: "3"})),
    "a letter for a digit": ("917", _helvetica({57: "A"}, _PLAIN)),
    "a blank drawn as 9": ("A17", _helvetica({65: "nine"}, {65: " ", **_PLAIN})),
    "nothing drawn as 9": ("A17", _helvetica({65: "nine"}, {65: "\u200b", **_PLAIN})),
    "a drawing of 7 for 1": ("11", _drawings({"1": "7"})),
    "a drawing of 4 for 7": ("71", _drawings({"7": "4", "1": "1"})),
}  # fmt: skip
HARMLESS: dict[str, tuple[str, Callable[[Canvas], object], Patch]] = {
    "as it says": ("9173", _shown("9173"), _helvetica({65: "A"}, _PLAIN)),
    "other codes": ("17", _shown("AB"), _helvetica({65: "one", 66: "seven"}, {65: "1", 66: "7"})),
    "two codes for one glyph": ("66", _shown("AB"), _helvetica({65: "six", 66: "six"}, {65: "6", 66: "6"})),
    "condensed": ("9173", _shown("9173", 70), _helvetica({65: "A"}, _PLAIN)),
    "drawings as they say": ("174", _shown("174"), _drawings({"1": "1", "7": "7", "4": "4"})),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_a_digit_that_is_drawn_as_another_is_flagged(name: str) -> None:
    text, patch = VARIANTS[name]
    assert standing(_page(_shown(text), patch), None) == "flagged"


@pytest.mark.parametrize("name", HARMLESS)
def test_a_digit_that_is_drawn_as_itself_is_read(name: str) -> None:
    value, draw, patch = HARMLESS[name]
    assert is_untouched(_page(draw, patch), value)


@pytest.mark.parametrize("face", ["Vera", "VeraBd", "VeraIt", "VeraBI"])
def test_embedded_typefaces_are_read(face: str) -> None:
    pdfmetrics.registerFont(TTFont(face, str(Path(reportlab.__file__).parent / "fonts" / f"{face}.ttf")))

    def draw(canvas: Canvas) -> None:
        canvas.setFont(face, 9)
        canvas.drawString(_X, _Y, "1234567890")

    assert is_untouched(_page(draw), "1234567890")

    def falsified(data: bytes) -> bytes:
        """The code of each digit is said to stand for the next one."""
        for value in range(10):
            data = data.replace(
                f"<{48 + value:02X}> <{48 + value:04X}>".encode(),
                f"<{48 + value:02X}> <{48 + (value + 1) % 10:04X}>".encode(),
            )
        return data

    assert standing(_page(draw, falsified), None) == "flagged"


def test_maps_that_give_a_digit_to_two_codes_are_told() -> None:
    assert has_twin_digits(_map({65: "6", 66: "6"}))
    assert has_twin_digits(b"1 beginbfrange <30> <39> <0030> endbfrange 1 beginbfchar <80> <0035> endbfchar")
    assert has_twin_digits(b"1 beginbfrange <01> <02> [<0035> <0035>] endbfrange")
    assert not has_twin_digits(_map(_PLAIN))
    assert not has_twin_digits(b"1 beginbfrange <0000> <FFFF> <0000> endbfrange")
    assert not has_twin_digits(b"2 beginbfrange <01> <02> [<0035> <0036>] <03> <04> <0037> endbfrange")
