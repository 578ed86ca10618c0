"""Workbooks (xlsx, xls, ods): number formats, fonts, grounds, rich text, hidden rows and columns, and what is laid over cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Alignment, Color, Font, PatternFill
from PIL import Image

from extract.model import Document, Limits, State, UnreadKind
from extract.office import sheets
from extract.tables import read_tables
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, figure_of, is_untouched, standing

_ROW, _COLUMN = 5, 2  # of the figure in question, from 1


def _book() -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["平川县2021年政府信息公开工作年度报告"])
    sheet.append([])
    sheet.append([CAPTION])
    sheet.append(HEADER)
    sheet.append([LABEL, 917])
    sheet.append([BESIDE[0], int(BESIDE[1])])
    return book


def _xlsx(change: Callable[[Any, Any], object], patch: Callable[[str, str], str] = lambda _, text: text) -> Document:
    """The workbook after `change` of its sheet and the cell in question, its parts changed by `patch`."""
    book = _book()
    change(book.active, book.active.cell(_ROW, _COLUMN))
    out = io.BytesIO()
    book.save(out)
    packed = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(patch(name, name), patch(name, data.decode()) if name.endswith((".xml", ".rels")) else data)
    return sheets.read(packed.getvalue(), Limits())


def _set(**what: Any) -> Callable[[Any, Any], None]:
    def change(_: Any, cell: Any) -> None:
        for name, value in what.items():
            setattr(cell, name, value)

    return change


def _both(value: object, code: str) -> Callable[[Any, Any], None]:
    return _set(value=value, number_format=code)


def _rich(**font: Any) -> Callable[[Any, Any], None]:
    return _set(value=CellRichText(TextBlock(InlineFont(**font), "9"), TextBlock(InlineFont(), "17")))


def _picture(sheet: Any, cell: Any) -> None:
    data = io.BytesIO()
    Image.new("L", (90, 40), 255).save(data, "PNG")
    data.seek(0)
    sheet.add_image(SheetImage(data), cell.coordinate)


def _conditional(rule: Any) -> Callable[[Any, Any], None]:
    return lambda sheet, cell: sheet.conditional_formatting.add(f"{cell.coordinate}:{cell.coordinate}", rule)


_WHITE = Font(color="FFFFFFFF")
_BLACK_FILL = PatternFill("solid", fgColor="FF000000")

#: What is done to the cell with 917, and what a person sees (None: can't be told, or another number).
XLSX: dict[str, tuple[Callable[[Any, Any], object], str | None]] = {
    "scaled by commas": (_both(917000, "0,"), "917"),
    "in ten thousands": (_both(125000, "0!.0,"), "12.5"),
    "in ten thousands, escaped": (_both(125000, "0\\.0,"), "12.5"),
    "in ten thousands, quoted": (_both(125000, '0"."0,'), "12.5"),
    "in millions": (_both(917000000, "0,,"), "917"),
    "percent": (_both(0.17, "0%"), None),
    "rounded": (_both(916.6, "0"), "917"),
    "rounded, grouped": (_both(916.6, "#,##0"), "917"),
    "without its minus": (_both(-917, "0;0"), "917"),
    "hidden by its format": (_both(917, ";;;"), ""),
    "text hidden by its format": (_both("917", ";;;"), ""),
    "a digit in quotes": (_both(17, '"9"0'), "917"),
    "a digit escaped": (_both(17, "\\90"), "917"),
    "a digit repeated": (_both(17, "*90"), None),
    "a word instead": (_both(917, '"无"'), None),
    "text with a digit": (_both("17", '0;0;0;"9"@'), "917"),
    "date": (_both(917, "yyyy-mm-dd"), None),
    "fraction": (_both(0.5, "# ?/?"), None),
    "condition": (_both(917, "[>100]0,;0"), None),
    "Chinese numerals": (_both(917, "[DBNum1]General"), "917"),
    "white by its format": (_both(917, "[White]0"), ""),
    "numbered white by its format": (_both(917, "[Color2]0"), ""),
    "struck": (_set(font=Font(strike=True)), ""),
    "raised": (_set(font=Font(vertAlign="superscript")), None),
    "white": (_set(font=_WHITE), ""),
    "white by theme": (_set(font=Font(color=Color(theme=0))), ""),
    "tinted theme": (_set(font=Font(color=Color(theme=1, tint=0.97))), ""),
    "white by number": (_set(font=Font(color=Color(indexed=9))), ""),
    "black on black": (_set(fill=_BLACK_FILL), ""),
    "white on a pattern": (_set(font=_WHITE, fill=PatternFill("lightGray", fgColor="FFFFFFFF", bgColor="FFF8F8F8")), ""),
    "two points": (_set(font=Font(sz=2)), ""),
    "pictures for digits": (_set(font=Font(name="Wingdings")), None),
    "repeated to fill": (_set(alignment=Alignment(horizontal="fill")), None),
    "from right to left": (_set(value="917-", alignment=Alignment(readingOrder=2)), None),
    "rich, struck": (_rich(strike=True), "17"),
    "rich, raised": (_rich(vertAlign="superscript"), None),
    "rich, white": (_rich(color="FFFFFFFF"), "17"),
    "rich, tiny": (_rich(sz=1), "17"),
    "rich, smaller": (_rich(sz=6), None),
    "rich, pictures": (_rich(rFont="Webdings"), None),
    "formula without a value": (_set(value="=900+17"), "917"),
    "column too narrow": (lambda sheet, _: setattr(sheet.column_dimensions["B"], "width", 1), None),
    "zeros not shown": (lambda sheet, cell: (setattr(sheet.sheet_view, "showZeros", False), setattr(cell, "value", 0)), ""),
    "formulas shown": (lambda sheet, cell: (setattr(sheet.sheet_view, "showFormulas", True), setattr(cell, "value", "=900+17")), None),
    "conditional, white": (_conditional(CellIsRule("greaterThan", ["100"], font=_WHITE)), ""),
    "conditional, format": (_conditional(FormulaRule(["TRUE"], font=Font(strike=True))), ""),
    "picture over the cell": (_picture, None),
    "hidden row": (lambda sheet, _: setattr(sheet.row_dimensions[_ROW], "hidden", True), None),
    "row of no height": (lambda sheet, _: setattr(sheet.row_dimensions[_ROW], "height", 0.05), None),
    "hidden column": (lambda sheet, _: setattr(sheet.column_dimensions["B"], "hidden", True), None),
}  # fmt: skip

#: Zeros for which a format prints a sign or a word that says that there is nothing.
SAID = {'0;-0;"/"': "/", '0;;"无"': "无"}
#: Zeros that are printed as a dash, as accounting formats do: the sheet says zero, and so does its dash.
ACCOUNTED = (
    "0;-0;-",
    '#,##0;-#,##0;"——"',
    '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
)


@pytest.mark.parametrize("code", SAID)
def test_a_zero_that_is_printed_as_a_sign_for_nothing_is_that_sign(code: str) -> None:
    figure = figure_of(read_tables(_xlsx(_both(0, code))))
    assert figure is not None
    assert (figure.value, figure.state, figure.raw, figure.confidence) == (None, State.DASH, SAID[code], 1.0)


@pytest.mark.parametrize("code", ACCOUNTED)
def test_a_zero_that_is_accounted_for_by_a_dash_is_zero(code: str) -> None:
    figure = figure_of(read_tables(_xlsx(_both(0, code))))
    assert figure is not None
    assert (figure.value, figure.state, figure.confidence) == (0, State.ZERO, 1.0)


def test_a_number_that_a_format_calls_a_change_is_no_count() -> None:
    assert standing(_xlsx(_both(917, '"+"0')), None) == "flagged"


#: What looks odd and shows what is stored.
HARMLESS: dict[str, Callable[[Any, Any], object]] = {
    "plain": lambda *_: None,
    "grouped": _both(917, "#,##0"),
    "two decimals": _both(917, "0.00_ "),
    "accounting": _both(917, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '),
    "with its unit": _both(917, '0"件"'),
    "text": _both("917", "@"),
    "red": _both(917, "[Red]0;[Blue]-0"),
    "leading zeros not needed": _both(917, "000"),
    "white on blue": _set(font=_WHITE, fill=PatternFill("solid", fgColor="FF1F497D")),
    "dark theme": _set(font=Font(color=Color(theme=1))),
    "automatic": _set(font=Font(color=Color(indexed=64))),
    "own size": _set(font=Font(sz=9, name="宋体", b=True)),
    "rich in one size": _rich(color="FFFF0000", b=True),
    "centred": _set(alignment=Alignment(horizontal="center", wrap_text=True, shrink_to_fit=True)),
    "wide column": lambda sheet, _: setattr(sheet.column_dimensions["B"], "width", 12),
    "conditional that doesn't hold": _conditional(CellIsRule("equal", ["0"], font=_WHITE)),
    "conditional, red": _conditional(CellIsRule("greaterThan", ["100"], font=Font(color="FFFF0000"))),
    "another row hidden": lambda sheet, _: setattr(sheet.row_dimensions[2], "hidden", True),
    "another column hidden": lambda sheet, _: setattr(sheet.column_dimensions["D"], "hidden", True),
    "picture elsewhere": lambda sheet, _: _picture(sheet, sheet.cell(20, 6)),
    "comment": lambda _, cell: setattr(cell, "comment", openpyxl.comments.Comment("3", "x")),
}


@pytest.mark.parametrize("name", XLSX)
def test_xlsx(name: str) -> None:
    """Everything that an xlsx cell can say of how it is shown."""
    change, shown = XLSX[name]
    assert standing(_xlsx(change), shown) != "silent"


@pytest.mark.parametrize("name", HARMLESS)
def test_no_false_flag(name: str) -> None:
    """Ordinary workbooks pay nothing."""
    assert is_untouched(_xlsx(HARMLESS[name]), "917")


def test_what_is_shown_for_certain_is_read() -> None:
    """A unit of the format belongs to the text; a zero that isn't shown is a blank."""
    for value, code, text in ((12.5, 'General"万元"', "12.5万元"), (0, "0;-0;;@", "")):
        document = _xlsx(_both(value, code))
        cells = [cell for block in document.blocks for row in getattr(block, "rows", ()) for cell in row if cell]
        [found] = [cell for cell in cells if cell.where == "sheet Sheet, cell B5"]
        assert (found.text, found.look) == (text, ())


def test_the_reason_names_both() -> None:
    """Stored and shown stand in the warning."""
    document = _xlsx(_both(125000, "0!.0,"))
    looks = [
        cell.look
        for block in document.blocks
        for row in getattr(block, "rows", ())
        for cell in row
        if cell and cell.look
    ]
    assert looks == [("shown-otherwise: shown '12.5' by format 0!.0,",)]


def test_cells_that_dont_say_where_they_stand() -> None:
    """Rows and cells without references follow each other."""
    document = _xlsx(
        _set(font=_WHITE), lambda name, text: re.sub(r' r="[A-Z]*\d+"', "", text) if "sheet1" in name else text
    )
    assert standing(document, "") != "silent"


def test_parts_under_other_names() -> None:
    """The relations say which part is the style sheet."""

    def patch(_: str, text: str) -> str:
        return text.replace("styles.xml", "looks.xml")

    assert standing(_xlsx(_set(font=_WHITE), patch), "") != "silent"


def test_hidden_sheets() -> None:
    """What is hidden is left out and named; where all is hidden, all is read."""

    def change(sheet: Any, _: Any) -> None:
        other = sheet.parent.copy_worksheet(sheet)
        other.title, other.sheet_state = "底稿", "hidden"
        other.cell(_ROW, _COLUMN).value = 555

    document = _xlsx(change)
    assert is_untouched(document, "917")
    assert document.warnings == ("hidden sheets were left out: 底稿",)


# ---- xls -------------------------------------------------------------------------------------------------------------------


def _xls(
    value: object = 917,
    style: str = "",
    code: str | None = None,
    change: Callable[[Any], object] = lambda _: None,
    rich: str = "",
) -> Document:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    for at, row in enumerate([["平川县2021年政府信息公开工作年度报告"], [], [CAPTION], HEADER, [LABEL], BESIDE]):
        for column, text in enumerate(row):
            sheet.write(at, column, int(text) if str(text).isdigit() else text)
    drawn = xlwt.easyxf(style, num_format_str=code) if code is not None else xlwt.easyxf(style)
    if rich:
        sheet.write_rich_text(_ROW - 1, _COLUMN - 1, [("9", xlwt.easyfont(rich)), ("17", xlwt.easyfont(""))], drawn)
    else:
        sheet.write(_ROW - 1, _COLUMN - 1, value, drawn)
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return sheets.read(out.getvalue(), Limits())


XLS: dict[str, tuple[dict[str, Any], str | None]] = {
    "scaled by commas": ({"value": 917000, "code": "0,"}, "917"),
    "in ten thousands": ({"value": 125000, "code": "0!.0,"}, "12.5"),
    "rounded": ({"value": 916.6, "code": "0"}, "917"),
    "percent": ({"value": 0.17, "code": "0%"}, None),
    "hidden by its format": ({"code": ";;;"}, ""),
    "text hidden by its format": ({"value": "917", "code": ";;;"}, ""),
    "a digit in quotes": ({"value": 17, "code": '"9"0'}, "917"),
    "white by its format": ({"code": "[White]0"}, ""),
    "struck": ({"style": "font: struck_out on"}, ""),
    "raised": ({"style": "font: escapement superscript"}, None),
    "white": ({"style": "font: color white"}, ""),
    "white text": ({"value": "917", "style": "font: color white"}, ""),
    "black on black": ({"style": "pattern: pattern solid, fore_colour black"}, ""),
    "two points": ({"style": "font: height 40"}, ""),
    "pictures for digits": ({"style": "font: name Wingdings"}, None),
    "repeated to fill": ({"style": "align: horiz filled"}, None),
    "rich, struck": ({"rich": "struck_out on"}, "17"),
    "rich, raised": ({"rich": "escapement superscript"}, None),
    "rich, white": ({"rich": "color white"}, "17"),
    "rich, smaller": ({"rich": "height 100"}, None),
    "hidden row": ({"change": lambda sheet: setattr(sheet.row(_ROW - 1), "hidden", 1)}, None),
    "hidden column": ({"change": lambda sheet: setattr(sheet.col(_COLUMN - 1), "hidden", True)}, None),
    "column too narrow": ({"change": lambda sheet: setattr(sheet.col(_COLUMN - 1), "width", 200)}, None),
    "zeros not shown": ({"value": 0, "change": lambda sheet: setattr(sheet, "show_zero_values", False)}, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", XLS)
def test_xls(name: str) -> None:
    """Records of fonts, formats, rich text, rows and columns."""
    what, shown = XLS[name]
    assert standing(_xls(**what), shown) != "silent"


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"value": "917"},
        {"value": 917.0, "code": "#,##0.00"},
        {"value": 917, "code": '0"件"'},
        {"style": "font: color white; pattern: pattern solid, fore_colour dark_blue"},
        {"style": "font: bold on, height 180, name 宋体"},
        {"rich": "color red"},
        {"change": lambda sheet: [sheet.write(30 + at, 5, f"第{at}行 {'长' * 400} {at}") for at in range(200)]},
    ],
)
def test_xls_without_a_flag(what: dict[str, Any]) -> None:
    """Ordinary workbooks pay nothing; the last one's strings go over several records."""
    assert is_untouched(_xls(**what), "917")


def test_rich_text_behind_many_strings() -> None:
    """The table of strings goes over several records, in both widths of characters; the runs of the last one are found."""

    def change(sheet: Any) -> None:
        for at in range(300):
            sheet.write(30 + at, 5, ("长" if at % 3 else "x") * (at * 7 % 400 + 1))
        sheet.write_rich_text(_ROW - 1, 2, [("9", xlwt.easyfont("struck_out on")), ("17", xlwt.easyfont(""))])

    document = _xls(change=change)
    looks = {
        cell.text: cell.look
        for block in document.blocks
        for row in getattr(block, "rows", ())
        for cell in row
        if cell and cell.look
    }
    assert looks == {"917": ("struck: strike",)}


# ---- ods -------------------------------------------------------------------------------------------------------------------

_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
    for name, uri in (("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"), ("number", "datastyle"), ("draw", "drawing"))
) + ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'  # fmt: skip


def _ods(
    cell: str,
    styles: str = "",
    *,
    row: str = "",
    columns: str = '<table:table-column table:number-columns-repeated="2"/>',
) -> Document:
    def line(texts: tuple[str, ...]) -> str:
        return "".join(
            f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>' for text in texts
        )

    rows = (
        f"<table:table-row>{line(('平川县2021年政府信息公开工作年度报告',))}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="1"><table:table-cell/></table:table-row>'
        f"<table:table-row>{line((CAPTION,))}</table:table-row><table:table-row>{line(HEADER)}</table:table-row>"
        f"<table:table-row {row}>{line((LABEL,))}{cell}</table:table-row>"
        f'<table:table-row>{line((BESIDE[0],))}<table:table-cell office:value-type="float" office:value="4"><text:p>4</text:p></table:table-cell></table:table-row>'
    )
    content = (
        f'<office:document-content {_NAMESPACES} office:version="1.3"><office:automatic-styles>{styles}</office:automatic-styles><office:body>'
        f'<office:spreadsheet><table:table table:name="表">{columns}{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest/>")
    return sheets.read(out.getvalue(), Limits())


def _float(shown: str, value: str = "917", attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}" {attributes}><text:p>{shown}</text:p></table:table-cell>'


def _string(inner: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {attributes}><text:p>{inner}</text:p></table:table-cell>'


def _style(properties: str, *, kind: str = "text-properties", family: str = "table-cell", more: str = "") -> str:
    return f'<style:style style:name="a" style:family="{family}" {more}><style:{kind} {properties}/></style:style>'


_A = 'table:style-name="a"'
ODS: dict[str, tuple[dict[str, str], str | None]] = {
    "shown otherwise": ({"cell": _float("12.5", "125000")}, "12.5"),
    "shown as nothing": ({"cell": _float("")}, ""),
    "rounded": ({"cell": _float("917", "916.6")}, "917"),
    "percent": ({"cell": '<table:table-cell office:value-type="percentage" office:value="0.17"><text:p>17%</text:p></table:table-cell>'}, None),
    "scaled by its format": (
        {"cell": _float("917", "917", _A), "styles": '<number:number-style style:name="n"><number:number number:display-factor="1000"/></number:number-style>' + _style("", more='style:data-style-name="n"')},
        None,
    ),
    "white": ({"cell": _float("917", "917", _A), "styles": _style('fo:color="#ffffff"')}, ""),
    "struck": ({"cell": _float("917", "917", _A), "styles": _style('style:text-line-through-style="solid"')}, ""),
    "raised": ({"cell": _float("917", "917", _A), "styles": _style('style:text-position="super 58%"')}, None),
    "tiny": ({"cell": _float("917", "917", _A), "styles": _style('fo:font-size="1pt"')}, ""),
    "pictures for digits": ({"cell": _float("917", "917", _A), "styles": _style('style:font-name="Wingdings"')}, None),
    "black on black": ({"cell": _float("917", "917", _A), "styles": _style('fo:background-color="#000000"', kind="table-cell-properties")}, ""),
    "protected": ({"cell": _float("917", "917", _A), "styles": _style('style:cell-protect="hidden-and-protected"', kind="table-cell-properties")}, ""),
    "repeated to fill": ({"cell": _float("917", "917", _A), "styles": _style('style:repeat-content="true"', kind="table-cell-properties")}, None),
    "style based on another": (
        {"cell": _float("917", "917", 'table:style-name="b"'), "styles": _style('fo:color="#ffffff"') + '<style:style style:name="b" style:family="table-cell" style:parent-style-name="a"/>'},
        "",
    ),
    "style of the column": ({"cell": _float("917"), "styles": _style('fo:color="#ffffff"'), "columns": '<table:table-column/><table:table-column table:default-cell-style-name="a"/>'}, ""),
    "default style": ({"cell": _float("917"), "styles": '<style:default-style style:family="table-cell"><style:text-properties fo:color="#fff0ff"/></style:default-style>'.replace("fff0ff", "fefefe")}, ""),
    "span, white": ({"cell": _string('<text:span text:style-name="a">9</text:span>17'), "styles": _style('fo:color="#ffffff"', family="text")}, "17"),
    "span, struck": ({"cell": _string('<text:span text:style-name="a">9</text:span>17'), "styles": _style('style:text-line-through-style="solid"', family="text")}, "17"),
    "span, raised": ({"cell": _string('917<text:span text:style-name="a">1</text:span>'), "styles": _style('style:text-position="33% 58%"', family="text")}, None),
    "span, smaller": ({"cell": _string('9<text:span text:style-name="a">17</text:span>'), "styles": _style('fo:font-size="50%"', family="text")}, None),
    "span, hidden": ({"cell": _string('<text:span text:style-name="a">9</text:span>17'), "styles": _style('text:display="none"', family="text")}, "17"),
    "drawing in the cell": ({"cell": "<table:table-cell><draw:frame/></table:table-cell>"}, None),
    "hidden row": ({"cell": _float("917"), "row": 'table:visibility="collapse"'}, None),
    "hidden column": ({"cell": _float("917"), "columns": '<table:table-column/><table:table-column table:visibility="collapse"/>'}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", ODS)
def test_ods(name: str) -> None:
    """Styles of cells, columns and spans, and the text that each cell shows."""
    what, shown = ODS[name]
    assert standing(_ods(**what), shown) != "silent"


@pytest.mark.parametrize(
    "what",
    [
        {"cell": _float("917")},
        {"cell": _float("917.00")},
        {"cell": _float("917件")},
        {"cell": _string("917")},
        {"cell": '<table:table-cell office:value-type="float" office:value="917"/>'},
        {"cell": _string('<text:span text:style-name="a">9</text:span>17'), "styles": _style('fo:color="#ff0000"', family="text")},
        {"cell": _float("917", "917", _A), "styles": _style('fo:color="#ffffff"') .replace("/></style:style>", '/><style:table-cell-properties fo:background-color="#123456"/></style:style>')},
        {"cell": '<table:table-cell office:value-type="float" office:value="917"><office:annotation><text:p>3</text:p></office:annotation><text:p>917</text:p></table:table-cell>'},
    ],
)  # fmt: skip
def test_ods_without_a_flag(what: dict[str, str]) -> None:
    """Ordinary workbooks pay nothing."""
    assert is_untouched(_ods(**what), "917")


def test_what_lies_over_cells_and_hidden_sheets_are_unread() -> None:
    """Nothing may be said to be missing that a picture or a hidden sheet may hold."""
    document = _xlsx(_picture)
    assert [part.kind for part in document.unread] == [UnreadKind.PICTURE]

    def hide(sheet: Any, _: Any) -> None:
        other = sheet.parent.create_sheet("表三")
        other.append(["自然人", 3])
        other.sheet_state = "hidden"

    assert [(part.kind, part.where) for part in _xlsx(hide).unread] == [(UnreadKind.SHEET, "hidden sheet 表三")]
    assert _xlsx(lambda *_: None).unread == ()
