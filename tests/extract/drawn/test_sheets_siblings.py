"""Siblings of `test_sheets`: sizes that a sheet sets for all, formats of newer programs, whatever lies over cells, and errors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl.styles import Alignment
from PIL import Image

from extract.model import Document, Grid, Limits
from extract.office import sheets
from tests.extract.drawn.standing import is_untouched, standing
from tests.extract.drawn.test_sheets import _A, _COLUMN, _ROW, _book, _float, _ods, _string, _style, _xls

Patch = Callable[[str, str], str]


def _patched(patch: Patch, extra: dict[str, str]) -> Document:
    out, packed = io.BytesIO(), io.BytesIO()
    _book().save(out)
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, patch(name, old.read(name).decode()))
        for name, text in extra.items():
            new.writestr(name, text)
    return sheets.read(packed.getvalue(), Limits())


def _sheet(before: str, after: str) -> Patch:
    return lambda name, text: text.replace(before, after) if name == "xl/worksheets/sheet1.xml" else text


_XD = 'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'


def _drawing(anchor: str) -> dict[str, str]:
    rel = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    return {
        "xl/worksheets/_rels/sheet1.xml.rels": rel,
        "xl/drawings/drawing1.xml": f"<xdr:wsDr {_XD}>{anchor}</xdr:wsDr>",
    }


_FROM = (
    "<xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>2</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
)
_TO = "<xdr:to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>8</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>"
_SHAPE = '<xdr:sp><xdr:spPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></xdr:spPr></xdr:sp>'

SIBLINGS: dict[str, tuple[Patch, dict[str, str]]] = {
    "zeroHeight": (_sheet("<sheetFormatPr", '<sheetFormatPr zeroHeight="1"'), {}),
    "defaultRowHeight 0": (_sheet('defaultRowHeight="15"', 'customHeight="1" defaultRowHeight="0"'), {}),
    "defaultColWidth": (_sheet("<sheetFormatPr", '<sheetFormatPr defaultColWidth="0.5"'), {}),
    "x14 cond": (
        _sheet(
            "</worksheet>",
            '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="expression"><xm:f>TRUE</xm:f><x14:dxf><font><color rgb="FFFFFFFF"/></font></x14:dxf></x14:cfRule><xm:sqref>B5</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>',
        ),
        {},
    ),
    "x14 databar": (
        _sheet(
            "</worksheet>",
            '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:cfRule type="dataBar"><x14:dataBar showValue="0"/></x14:cfRule><xm:sqref>B5</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst></worksheet>',
        ),
        {},
    ),
    "iconset novalue": (
        _sheet(
            "</sheetData>",
            '</sheetData><conditionalFormatting sqref="B5"><cfRule type="iconSet" priority="1"><iconSet showValue="0"/></cfRule></conditionalFormatting>',
        ),
        {},
    ),
    "colorscale": (
        _sheet(
            "</sheetData>",
            '</sheetData><conditionalFormatting sqref="B5:B6"><cfRule type="colorScale" priority="1"><colorScale><cfvo type="min"/><cfvo type="max"/><color rgb="FF000000"/><color rgb="FF000000"/></colorScale></cfRule></conditionalFormatting>',
        ),
        {},
    ),
    "oneCellAnchor": (
        lambda _, text: text,
        _drawing(
            "<xdr:oneCellAnchor>" + _FROM + '<xdr:ext cx="9000000" cy="3000000"/>' + _SHAPE + "</xdr:oneCellAnchor>"
        ),
    ),
    "absolute": (
        lambda _, text: text,
        _drawing(
            '<xdr:absoluteAnchor><xdr:pos x="0" y="0"/><xdr:ext cx="9000000" cy="3000000"/>'
            + _SHAPE
            + "</xdr:absoluteAnchor>"
        ),
    ),
    "connector": (
        lambda _, text: text,
        _drawing("<xdr:twoCellAnchor>" + _FROM + _TO + "<xdr:cxnSp><xdr:spPr/></xdr:cxnSp></xdr:twoCellAnchor>"),
    ),
    "group": (
        lambda _, text: text,
        _drawing("<xdr:twoCellAnchor>" + _FROM + _TO + "<xdr:grpSp>" + _SHAPE + "</xdr:grpSp></xdr:twoCellAnchor>"),
    ),
    "alternate": (
        lambda _, text: text,
        _drawing(
            "<xdr:twoCellAnchor>"
            + _FROM
            + _TO
            + '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice>'
            + _SHAPE
            + "</mc:Choice></mc:AlternateContent></xdr:twoCellAnchor>"
        ),
    ),
    "contentPart": (
        lambda _, text: text,
        _drawing("<xdr:twoCellAnchor>" + _FROM + _TO + "<xdr:contentPart/></xdr:twoCellAnchor>"),
    ),
    "sp": (lambda _, text: text, _drawing("<xdr:twoCellAnchor>" + _FROM + _TO + _SHAPE + "</xdr:twoCellAnchor>")),
    "noFill line sp": (
        lambda _, text: text,
        _drawing(
            "<xdr:twoCellAnchor>"
            + _FROM
            + _TO
            + '<xdr:sp><xdr:spPr><a:prstGeom prst="line"/><a:noFill/></xdr:spPr></xdr:sp></xdr:twoCellAnchor>'
        ),
    ),
    "vml comment": (
        _sheet(
            "</worksheet>",
            '<legacyDrawing xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId1"/></worksheet>',
        ),
        {
            "xl/worksheets/_rels/sheet1.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/vmlDrawing" Target="../drawings/v.vml"/></Relationships>',
            "xl/drawings/v.vml": '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape fillcolor="white" style="visibility:visible"><x:ClientData ObjectType="Note"><x:Anchor>0,0,2,0,3,0,8,0</x:Anchor><x:Visible/></x:ClientData></v:shape></xml>',
        },
    ),
}


@pytest.mark.parametrize("name", SIBLINGS)
def test_sibling(name: str) -> None:
    """None is a silent wrong figure."""
    assert standing(_patched(*SIBLINGS[name]), None) == "flagged"


def test_no_false_flag() -> None:
    """A frame of a line around cells, a shape beside them, and a scale of pale colours change nothing."""
    beside = _drawing(
        f"<xdr:twoCellAnchor>{_FROM.replace('>0<', '>20<')}{_TO.replace('>3<', '>22<')}{_SHAPE}</xdr:twoCellAnchor>"
    )
    frame = _drawing(
        f'<xdr:twoCellAnchor>{_FROM}{_TO}<xdr:sp><xdr:spPr><a:prstGeom prst="rect"/><a:noFill/></xdr:spPr></xdr:sp></xdr:twoCellAnchor>'
    )
    pale = _sheet(
        "</sheetData>",
        '</sheetData><conditionalFormatting sqref="B5:B6"><cfRule type="colorScale" priority="1"><colorScale><color rgb="FFF8696B"/>'
        '<color rgb="FF63BE7B"/></colorScale></cfRule></conditionalFormatting>',
    )
    wide = _sheet("<sheetFormatPr", '<sheetFormatPr defaultColWidth="9"')
    for patch, extra in ((wide, beside), (wide, frame), (pale, {})):
        assert is_untouched(_patched(patch, extra), "917")


def test_texts_and_errors() -> None:
    """A format with a place for texts alone, an indent beyond any column, and what a formula couldn't work out."""
    for value, code, indent in (("17", '"9"@', 0), (917, "0", 200), ("#N/A", "General", 0)):
        book = _book()
        assert book.active is not None
        cell = book.active.cell(_ROW, _COLUMN)
        cell.value, cell.number_format, cell.alignment = value, code, Alignment(horizontal="left", indent=indent)
        out = io.BytesIO()
        book.save(out)
        assert standing(sheets.read(out.getvalue(), Limits()), "917" if code == '"9"@' else None) != "silent"


def test_xls_with_a_picture_over_a_cell() -> None:
    """Bitmaps, and errors, in the old format."""
    data = io.BytesIO()
    Image.new("RGB", (90, 40), "white").save(data, "BMP")
    covered = _xls(change=lambda sheet: sheet.insert_bitmap_data(data.getvalue(), _ROW - 1, _COLUMN - 1))
    assert standing(covered, None) == "flagged"
    beside = _xls(change=lambda sheet: sheet.insert_bitmap_data(data.getvalue(), 20, 8))
    assert is_untouched(beside, "917")
    wrong = _xls(value=None, change=lambda sheet: sheet.row(_ROW - 1).set_cell_error(_COLUMN, 0x2A))
    [grid] = [block for block in wrong.blocks if isinstance(block, Grid)]
    assert [cell.look for cell in grid.rows[2] if cell is not None][2:] == [("shown-otherwise: an error",)]


def _span(properties: str) -> dict[str, str]:
    return {
        "cell": _string('<text:span text:style-name="a">9</text:span>17'),
        "styles": _style(properties, family="text"),
    }


_CONDITIONAL = (
    '<style:style style:name="w" style:family="table-cell"><style:text-properties fo:color="#ffffff"/></style:style>'
    '<style:style style:name="a" style:family="table-cell"><style:map style:condition="true" style:apply-style-name="w"/></style:style>'
)
_FORMULA = (
    '<table:table-cell office:value-type="string" office:string-value="{}"><text:p>{}</text:p></table:table-cell>'
)
ODS: dict[str, dict[str, str]] = {
    "narrow letters": _span('style:text-scale="1%"'),
    "letters on each other": _span('fo:letter-spacing="-20pt"'),
    "letters far apart": _span('fo:letter-spacing="20pt"'),
    "black ground": _span('fo:background-color="#000000"'),
    "transparent": _span('style:opacity="0%"'),
    "smaller by points": _span('style:font-size-rel="-8pt"'),
    "upside down": _span('style:text-rotation-angle="180"'),
    "cell upside down": {"cell": _float("917", "917", _A), "styles": _style('style:rotation-angle="180"', kind="table-cell-properties")},
    "two lines in one": _span('style:text-combine="letters"'),
    "a condition": {"cell": _float("917", "917", _A), "styles": _CONDITIONAL},
    "style of the row": {"cell": _float("917"), "row": 'table:default-cell-style-name="a"', "styles": _style('fo:color="#ffffff"')},
    "line break": {"cell": _string("9<text:line-break/>17")},
    "tab": {"cell": _string("9<text:tab/>17")},
    "hidden text": {"cell": _string('<text:hidden-text text:is-hidden="true">9</text:hidden-text>17')},
    "number of the page": {"cell": _string("<text:page-number>9</text:page-number>17")},
    "note": {"cell": _string("17<text:note><text:note-citation>1</text:note-citation></text:note>")},
    "under a merged cell": {"cell": _float("917").replace("table-cell", "covered-table-cell")},
    "text under a merged cell": {"cell": _string("917").replace("table-cell", "covered-table-cell")},
    "error": {"cell": _FORMULA.format("", "#DIV/0!")},
    "shown otherwise": {"cell": _FORMULA.format("917", "17")},
}  # fmt: skip


@pytest.mark.parametrize("name", ODS)
def test_ods_sibling(name: str) -> None:
    """None is a silent wrong figure."""
    assert standing(_ods(**ODS[name]), None) == "flagged"


def test_ods_without_a_flag() -> None:
    """Marks that show nothing, small turns, and styles of columns that a row or cell overrules."""
    plain = _style('fo:color="#000000" fo:letter-spacing="-0.2pt" style:text-scale="95%"')
    for what in (
        {"cell": _string('<text:bookmark text:name="x"/><text:a>917</text:a>')},
        {"cell": _float("917", "917", _A), "styles": plain},
        {"cell": _FORMULA.format("917", "917")},
        {"cell": _float("917"), "row": 'table:default-cell-style-name="a"', "styles": plain},
    ):
        assert is_untouched(_ods(**what), "917")
