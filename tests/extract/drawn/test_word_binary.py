"""Binary Word files and RTF: raised, struck, hidden, pale, tiny and overlaid digits, by words of their own and by styles."""

from __future__ import annotations

import pytest

from extract.model import Cell, Grid
from extract.readers import read_document
from tests.carriers.fixtures import fixture


def _cells(data: bytes) -> dict[str, Cell]:
    """The second cell of each row by the text of the first."""
    rows = [row for block in read_document(data).blocks if isinstance(block, Grid) for row in block.rows]
    return {first.text: second for first, second in rows if first is not None and second is not None}


# The table of `drawn.docx` (each row a variant), saved by an office suite; what the first cell says must hold of the second.
@pytest.mark.parametrize("name", ["drawn.doc", "drawn.rtf.gz"])
def test_each_row_is_read_as_its_label_says(name: str) -> None:
    cells = _cells(fixture(name))
    assert len(cells) == 25
    wrong = {}
    for label, cell in cells.items():
        expected, number = label.split()[:2]
        is_right = bool(cell.look) if expected == "flagged" else cell.text == number and not cell.look
        if not is_right:
            wrong[label] = (cell.text, cell.look)
    assert not wrong


_HEAD = (
    r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset2 Wingdings;}}"
    r"{\colortbl;\red255\green255\blue255;\red0\green0\blue0;\red250\green250\blue240;}"
    r"{\stylesheet{\s0 Normal;}{\*\cs15\super mark;}{\*\cs16\strike old;}{\*\cs17\cf1 pale;}{\s18\cf1 note;}}"
)


def _look(body: str, shape: str = "") -> tuple[str, tuple[str, ...]]:
    row = rf"\trowd\cellx2000{shape}\cellx4000 \pard\plain\intbl one\cell {body}\cell\row\pard"
    cell = _cells((_HEAD + row + "}").encode())["one"]
    return cell.text, cell.look


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (r"91{\up6 7}", "raised"),
        (r"91{\dn4 7}", "raised"),
        (r"91{\up 7}", "raised"),
        (r"91{\sub 7}", "raised"),
        (r"91{\cs15 7}", "raised"),
        (r"{\striked1 9}17", "struck"),
        (r"{\cs16 9}17", "struck"),
        (r"{\cf1 9}17", "hidden-text"),
        (r"{\cf3 9}17", "hidden-text"),
        (r"{\cs17 9}17", "hidden-text"),
        (r"\s18 917", "hidden-text"),
        (r"{\chcbpat2 9}17", "hidden-text"),
        (r"{\highlight2 9}17", "hidden-text"),
        (r"{\fs2 9}17", "hidden-text"),
        (r"{\charscalex4 9}17", "hidden-text"),
        (r"{\expndtw-200 9}17", "hidden-text"),
        (r"{\webhidden 9}17", "hidden-text"),
        (r"{\expndtw800 9}17", "moved"),
        (r"{\expnd160 917}", "moved"),
        (r"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0{\*\ffdeftext 9}}}}{\fldrslt 917}}", "form-field"),
        (r"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0{\*\ffdeftext 917}}}}{\fldrslt }}", "form-field"),
        (r"917{\fs12 1}", "sizes"),
        (r"{\f1 9}17", "shown-otherwise"),
        (r"{\field{\*\fldinst EQ \\o(9,1)}{\fldrslt }}17", "shown-otherwise"),
        (r"{\listtext 9\tab}17", "added"),
        (r"{\*\pn\pnlvlbody\pndec{\pntxta .}}17", "added"),
        (r"\sectnum 17", "added"),
        (r"17{\super\chftn}", "added"),
        (r"{\pict\wmetafile8 0100}17", "picture"),
        (r"{\*\shppict{\pict\pngblip 89}}", "picture"),
        (r"{\shp{\*\shpinst{\sp{\sn pib}}}}17", "picture"),
    ],
)
def test_words_that_draw_otherwise_are_flagged(body: str, code: str) -> None:
    _, look = _look(body)
    assert any(reason.startswith(code) for reason in look)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        (r"917", ""),
        (r"{\b 9}17", ""),
        (r"{\cf2 9}17", ""),
        (r"{\up1 9}17", ""),
        (r"{\cf1 917}", r"\clcbpat2"),
        (r"{\cf1\chcbpat2 917}", ""),
        (r"9{\fs22 17}", ""),
        (r"{\expndtw20 917}", ""),
        (r"{\field{\*\fldinst FORMTEXT {\*\formfield{\fftype0\fftypetxt0}}}{\fldrslt 917}}", ""),
        (r"{\v 4}917", ""),
        (r"{\xe 5}917{\tc 6}", ""),
        (r"{\field{\*\fldinst REF m}{\fldrslt 917}}", ""),
    ],
)
def test_words_that_change_nothing_are_not(body: str, shape: str) -> None:
    text, look = _look(body, shape)
    assert text.endswith("917") or text.startswith("917")
    assert not look
