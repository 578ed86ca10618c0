"""Word documents (docx, flat packages, Word 2003 XML): every property of runs, paragraphs, cells, rows and styles that draws digits otherwise."""

from __future__ import annotations

import io
import zipfile

import docx as python_docx
import pytest
from docx.enum.style import WD_STYLE_TYPE

from extract.model import Document, Grid, Limits
from extract.office import docx
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, is_untouched, standing

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACES = (
    f'xmlns:w="{_W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
_SCHEME = "".join(
    f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>'
    for name, value in (
        ("dk1", "000000"),
        ("lt1", "FFFFFF"),
        ("dk2", "1F497D"),
        ("lt2", "EEECE1"),
        ("accent1", "FAFAFA"),
    )
)
_THEME = f'<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:themeElements><a:clrScheme name="x">{_SCHEME}</a:clrScheme></a:themeElements></a:theme>'


def _run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def _p(runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def _cell(paragraphs: str, properties: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="4000" w:type="dxa"/>{properties}</w:tcPr>{paragraphs}</w:tc>'


def _body(cell: str, row: str = "", table: str = "") -> str:
    head = "".join(_cell(_p(_run(text))) for text in HEADER)
    caption = _cell(_p(_run(CAPTION)), '<w:gridSpan w:val="2"/>')
    return (
        _p(_run("平川县2021年政府信息公开工作年度报告"))
        + _p(_run("二、主动公开政府信息情况"))
        + f"<w:tbl><w:tblPr>{table}</w:tblPr><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>"
        + f"<w:tr>{caption}</w:tr><w:tr>{head}</w:tr>"
        + f"<w:tr><w:trPr>{row}</w:trPr>{_cell(_p(_run(LABEL)))}{cell}</w:tr>"
        + f"<w:tr>{_cell(_p(_run(BESIDE[0])))}{_cell(_p(_run(BESIDE[1])))}</w:tr></w:tbl>"
        + _p(_run("三、收到和处理政府信息公开申请情况"))
    )


def _styles(styles: str) -> str:
    return f"<w:styles {_NAMESPACES}>{styles}</w:styles>"


def _packed(body: str, styles: str, *, name: str = "styles.xml") -> bytes:
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "_rels/.rels": f'<Relationships><Relationship Id="a" Type="{relation}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>",
        f"word/{name}": _styles(styles),
        "word/theme/theme1.xml": _THEME,
        "word/_rels/document.xml.rels": f'<Relationships><Relationship Id="b" Type="{relation}/styles" Target="{name}"/>'
        f'<Relationship Id="c" Type="{relation}/theme" Target="/word/theme/theme1.xml"/></Relationships>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for path, text in parts.items():
            package.writestr(path, text)
    return out.getvalue()


def _read(cell: str, styles: str = "", *, row: str = "", table: str = "", name: str = "styles.xml") -> Document:
    return docx.read(_packed(_body(cell, row, table), styles, name=name), Limits())


def _partly(properties: str) -> str:
    return _cell(_p(_run("9", properties) + _run("17")))


#: Properties of a run with the digit 9 before 17, and what a person sees (None: can't be told).
RUN = {
    "vanish": ("<w:vanish/>", "17"),
    "vanish, on": ('<w:vanish w:val="true"/>', "17"),
    "webHidden": ("<w:webHidden/>", None),
    "specVanish": ("<w:specVanish/>", None),
    "white": ('<w:color w:val="FFFFFF"/>', "17"),
    "nearly white": ('<w:color w:val="F8F8F8"/>', "17"),
    "white by theme": ('<w:color w:val="000000" w:themeColor="background1"/>', "17"),
    "tinted theme": ('<w:color w:val="000000" w:themeColor="text2" w:themeTint="05"/>', "17"),
    "pale accent": ('<w:color w:val="4472C4" w:themeColor="accent1"/>', "17"),
    "black on black": ('<w:shd w:val="clear" w:color="auto" w:fill="000000"/>', "17"),
    "black on solid black": ('<w:shd w:val="solid" w:color="000000" w:fill="FFFFFF"/>', "17"),
    "black on highlighted black": ('<w:highlight w:val="black"/>', "17"),
    "no filling": ("<w14:textFill><w14:noFill/></w14:textFill>", "17"),
    "white filling": (
        '<w14:textFill><w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill></w14:textFill>',
        "17",
    ),
    "transparent filling": (
        '<w14:textFill><w14:solidFill><w14:srgbClr w14:val="000000"><w14:alpha w14:val="99000"/></w14:srgbClr></w14:solidFill></w14:textFill>',
        "17",
    ),
    "half a point": ('<w:sz w:val="1"/>', "17"),
    "two points": ('<w:sz w:val="4"/>', "17"),
    "smaller": ('<w:sz w:val="12"/>', None),
    "superscript": ('<w:vertAlign w:val="superscript"/>', None),
    "subscript": ('<w:vertAlign w:val="subscript"/>', None),
    "raised": ('<w:position w:val="8"/>', None),
    "lowered": ('<w:position w:val="-8"/>', None),
    "strike": ("<w:strike/>", "17"),
    "double strike": ("<w:dstrike/>", "17"),
    "scaled": ('<w:w w:val="1"/>', "17"),
    "fitted": ('<w:fitText w:val="10"/>', "17"),
    "condensed": ('<w:spacing w:val="-120"/>', None),
    "right to left": ("<w:rtl/>", None),
    "two lines in one": ('<w:eastAsianLayout w:combine="1"/>', None),
    "pictures for digits": ('<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>', None),
}
_STYLE = '<w:style w:type="{kind}" w:styleId="{name}"><w:name w:val="{name}"/>{based}<w:rPr>{run}</w:rPr></w:style>'


def _style(name: str, run: str, *, kind: str = "character", based: str = "") -> str:
    return _STYLE.format(name=name, run=run, kind=kind, based=f'<w:basedOn w:val="{based}"/>' if based else "")


@pytest.mark.parametrize("name", RUN)
def test_a_property_of_a_run(name: str) -> None:
    """Directly in the run."""
    properties, shown = RUN[name]
    assert standing(_read(_partly(properties)), shown) != "silent"


@pytest.mark.parametrize("name", RUN)
def test_a_property_of_a_character_style(name: str) -> None:
    """In a character style that is based on the one that says it."""
    properties, shown = RUN[name]
    styles = _style("a", properties) + _style("b", "<w:b/>", based="a")
    assert standing(_read(_partly('<w:rStyle w:val="b"/>'), styles), shown) != "silent"


@pytest.mark.parametrize("name", RUN)
def test_a_property_of_a_paragraph_style(name: str) -> None:
    """In the style of one of two paragraphs of the cell."""
    properties, shown = RUN[name]
    styles = _style("a", properties, kind="paragraph")
    cell = _cell(_p(_run("9"), '<w:pStyle w:val="a"/>') + _p(_run("17")))
    assert standing(_read(cell, styles), shown) != "silent"


#: (styles, keywords of `_read` with `cell`, what a person sees).
PLACES: dict[str, tuple[str, dict[str, str], str | None]] = {
    "document defaults": ('<w:docDefaults><w:rPrDefault><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:rPrDefault></w:docDefaults>', {"cell": _cell(_p(_run("917")))}, ""),
    "default paragraph style": ('<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>', {"cell": _cell(_p(_run("917")))}, ""),
    "default table style": ('<w:style w:type="table" w:default="1" w:styleId="a"><w:rPr><w:vanish/></w:rPr></w:style>', {"cell": _cell(_p(_run("917")))}, ""),
    "table style": (_style("t", '<w:color w:val="FFFFFF"/>', kind="table"), {"cell": _cell(_p(_run("917"))), "table": '<w:tblStyle w:val="t"/>'}, ""),
    "last column of a table style": (
        '<w:style w:type="table" w:styleId="t"><w:tblStylePr w:type="lastCol"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:tblStylePr></w:style>',
        {"cell": _cell(_p(_run("917"))), "table": '<w:tblStyle w:val="t"/><w:tblLook w:lastColumn="1"/>'},
        "",
    ),
    "band of a table style": (
        '<w:style w:type="table" w:styleId="t"><w:tblStylePr w:type="band2Horz"><w:tcPr><w:shd w:val="clear" w:fill="000000"/></w:tcPr></w:tblStylePr></w:style>',
        {"cell": _cell(_p(_run("917"))), "table": '<w:tblStyle w:val="t"/><w:tblLook w:val="0420"/>'},
        "",
    ),
    "shading of a table style": (
        '<w:style w:type="table" w:styleId="t"><w:tcPr><w:shd w:val="clear" w:fill="0A0A0A"/></w:tcPr></w:style>',
        {"cell": _cell(_p(_run("917"))), "table": '<w:tblStyle w:val="t"/>'},
        "",
    ),
    "shading of the cell": ("", {"cell": _cell(_p(_run("917")), '<w:shd w:val="clear" w:color="auto" w:fill="000000"/>')}, ""),
    "theme shading of the cell": ("", {"cell": _cell(_p(_run("917")), '<w:shd w:val="clear" w:fill="FFFFFF" w:themeFill="text1"/>')}, ""),
    "shading of the paragraph": ("", {"cell": _cell(_p(_run("917"), '<w:shd w:val="clear" w:fill="000000"/>'))}, ""),
    "row of no height": ("", {"cell": _cell(_p(_run("917"))), "row": '<w:trHeight w:val="20" w:hRule="exact"/>'}, ""),
    "line of no height": ("", {"cell": _cell(_p(_run("9"), '<w:spacing w:line="20" w:lineRule="exact"/>') + _p(_run("17")))}, None),
    "indented off the page": ("", {"cell": _cell(_p(_run("9"), '<w:ind w:left="-20000"/>') + _p(_run("17")))}, "17"),
    "frame": ("", {"cell": _cell(_p(_run("9"), '<w:framePr w:w="100" w:x="3000" w:y="20"/>') + _p(_run("17")))}, None),
    "automatic number": ("", {"cell": _cell(_p(_run("17"), '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>'))}, None),
    "number of a style": ('<w:style w:type="paragraph" w:styleId="n"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>', {"cell": _cell(_p("", '<w:pStyle w:val="n"/>'))}, "1"),
    "bdo": ("", {"cell": _cell(_p(f'<w:bdo w:val="rtl">{_run("917")}</w:bdo>'))}, "719"),
    "right-to-left override": ("", {"cell": _cell(_p(_run("\u202e917\u202c")))}, "719"),
    "ruby": ("", {"cell": _cell(_p(f'<w:r><w:ruby><w:rt>{_run("1")}</w:rt><w:rubyBase>{_run("917")}</w:rubyBase></w:ruby></w:r>'))}, None),
    "two copies": (
        "",
        {"cell": _cell(_p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>917</w:t></mc:Choice><mc:Fallback><w:t>17</w:t></mc:Fallback></mc:AlternateContent></w:r>"))},
        None,
    ),
    "formula": ("", {"cell": _cell(_p("<m:oMath><m:sSup><m:e><m:r><m:t>917</m:t></m:r></m:e><m:sup><m:r><m:t>1</m:t></m:r></m:sup></m:sSup></m:oMath>"))}, None),
    "fraction": ("", {"cell": _cell(_p("<m:oMath><m:f><m:num><m:r><m:t>9</m:t></m:r></m:num><m:den><m:r><m:t>17</m:t></m:r></m:den></m:f></m:oMath>"))}, None),
    "field that draws": ("", {"cell": _cell(_p('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>EQ \\s\\up5(9)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>' + _run("17")))}, None),
    "list to choose from": ("", {"cell": _cell(_p('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:listEntry w:val="917"/></w:ddList></w:ffData></w:fldChar></w:r>'))}, "917"),
    "bound content": ("", {"cell": _cell(f'<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr><w:sdtContent>{_p(_run("917"))}</w:sdtContent></w:sdt>')}, None),
    "picture": ("", {"cell": _cell(_p("<w:r><w:drawing><wp:inline><a:graphic/></wp:inline></w:drawing></w:r>"))}, None),
    "picture beside": ("", {"cell": _cell(_p("<w:r><w:pict/></w:r>" + _run("17")))}, None),
    "embedded object": ("", {"cell": _cell(_p("<w:r><w:object/></w:r>"))}, None),
    "symbol": ("", {"cell": _cell(_p('<w:r><w:sym w:font="Wingdings" w:char="F081"/></w:r>' + _run("17")))}, None),
    "toggled by two styles": (_style("p", "<w:strike/>", kind="paragraph") + _style("c", "<w:b/>"), {"cell": _cell(_p(_run("917", '<w:rStyle w:val="c"/>'), '<w:pStyle w:val="p"/>'))}, ""),
    "sheet under another name": (_style("a", '<w:color w:val="FFFFFF"/>'), {"cell": _partly('<w:rStyle w:val="a"/>'), "name": "styles7.xml"}, "17"),
    "a cell marked as deleted": ("", {"cell": _cell(_p(_run("917")), '<w:cellDel w:id="1" w:author="a"/>')}, None),
    "beside a cell marked as deleted": ("", {"cell": _cell(_p(_run("3")), '<w:cellDel w:id="1" w:author="a"/>') + _cell(_p(_run("917")))}, None),
    "hidden row": ("", {"cell": _cell(_p(_run("917"))), "row": "<w:hidden/>"}, None),
    "a box inside": ("", {"cell": _cell(f"<w:tbl><w:tr>{_partly('<w:strike/>')}</w:tr></w:tbl>" + _p(""))}, "17"),
    "inserted": ("", {"cell": _cell(_p(f"<w:ins>{_run('9', '<w:strike/>')}</w:ins>" + _run("17")))}, "17"),
    "content control": ("", {"cell": _cell(_p(f"<w:sdt><w:sdtContent>{_run('9', '<w:strike/>')}</w:sdtContent></w:sdt>" + _run("17")))}, "17"),
}  # fmt: skip

_WHOLE = _cell(_p(_run("917")))
#: What looks odd and shows what is stored.
HARMLESS: dict[str, tuple[str, dict[str, str]]] = {
    "plain": ("", {"cell": _WHOLE}),
    "runs of one look": ("", {"cell": _partly('<w:b/><w:color w:val="FF0000"/><w:sz w:val="21"/>')}),
    "two paragraphs": ("", {"cell": _cell(_p(_run("917")) + _p(""))}),
    "font": ("", {"cell": _cell(_p(_run("917", '<w:rFonts w:hint="eastAsia" w:ascii="仿宋"/><w:kern w:val="0"/><w:sz w:val="24"/><w:szCs w:val="24"/><w:lang w:val="en-US"/>')))}),
    "switched off": ("", {"cell": _cell(_p(_run("917", '<w:vanish w:val="0"/><w:strike w:val="false"/><w:position w:val="0"/><w:w w:val="100"/>')))}),
    "switched off against a style": (_style("a", "<w:vanish/><w:strike/>"), {"cell": _cell(_p(_run("917", '<w:rStyle w:val="a"/><w:vanish w:val="0"/><w:strike w:val="0"/>')))}),
    "two toggles": (_style("p", "<w:strike/>", kind="paragraph") + _style("c", "<w:strike/>"), {"cell": _cell(_p(_run("917", '<w:rStyle w:val="c"/>'), '<w:pStyle w:val="p"/>'))}),
    "white on blue": ("", {"cell": _cell(_p(_run("917", '<w:color w:val="FFFFFF"/>')), '<w:shd w:val="clear" w:fill="1F497D"/>')}),
    "white on blue by styles": (
        '<w:style w:type="table" w:styleId="t"><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:tcPr><w:shd w:val="clear" w:fill="1F497D"/></w:tcPr></w:style>',
        {"cell": _WHOLE, "table": '<w:tblStyle w:val="t"/>'},
    ),
    "white head of a table style": (
        ('<w:style w:type="table" w:styleId="t"><w:tblStylePr w:type="firstRow"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:tblStylePr>'
        '<w:tblStylePr w:type="lastCol"><w:rPr><w:vanish/></w:rPr></w:tblStylePr></w:style>'),
        {"cell": _WHOLE, "table": '<w:tblStyle w:val="t"/><w:tblLook w:firstRow="1" w:lastColumn="0"/>'},
    ),
    "unknown style": ("", {"cell": _cell(_p(_run("917", '<w:rStyle w:val="zz"/>'), '<w:pStyle w:val="yy"/>'))}),
    "a style that isn't used": (_style("a", "<w:vanish/>"), {"cell": _WHOLE}),
    "a circle of styles": (_style("a", "", based="b") + _style("b", "", based="a"), {"cell": _cell(_p(_run("917", '<w:rStyle w:val="a"/>')))}),
    "exact lines": ("", {"cell": _cell(_p(_run("917"), '<w:spacing w:line="240" w:lineRule="exact"/><w:ind w:firstLine="420" w:left="-57"/>')), "row": '<w:trHeight w:val="454" w:hRule="exact"/>'}),
    "least height": ("", {"cell": _WHOLE, "row": '<w:trHeight w:val="20" w:hRule="atLeast"/>'}),
    "no number": ("", {"cell": _cell(_p(_run("917"), '<w:numPr><w:numId w:val="0"/></w:numPr>'))}),
    "equal copies": ("", {"cell": _cell(_p("<w:r><mc:AlternateContent><mc:Choice Requires='x'><w:t>917</w:t></mc:Choice><mc:Fallback><w:t>917</w:t></mc:Fallback></mc:AlternateContent></w:r>"))}),
    "a number as a formula": ("", {"cell": _cell(_p("<m:oMath><m:r><m:t>917</m:t></m:r></m:oMath>"))}),
    "revisions": ("", {"cell": _cell(_p(f"<w:del>{_run('55').replace('w:t>', 'w:delText>')}</w:del><w:ins>{_run('917')}</w:ins>"))}),
    "bookmark and proof marks": ("", {"cell": _cell(_p('<w:bookmarkStart w:id="1" w:name="a"/><w:proofErr w:type="spellStart"/>' + _run("917")))}),
    "theme text": ("", {"cell": _cell(_p(_run("917", '<w:color w:val="FFFFFF" w:themeColor="text1"/>')))}),
    "automatic colour": ("", {"cell": _cell(_p(_run("917", '<w:color w:val="auto"/><w:highlight w:val="yellow"/><w:shd w:val="clear" w:color="auto" w:fill="auto"/>')))}),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACES)
def test_a_place(name: str) -> None:
    """Styles of all levels, cells, rows, wrappers and what isn't text."""
    styles, where, shown = PLACES[name]
    assert standing(_read(styles=styles, **where), shown) != "silent"


@pytest.mark.parametrize("name", HARMLESS)
def test_no_false_flag(name: str) -> None:
    """Ordinary documents pay nothing."""
    styles, where = HARMLESS[name]
    assert is_untouched(_read(styles=styles, **where), "917")


@pytest.mark.parametrize(
    "properties", ['<w:color w:val="FFFFFF"/>', "<w:strike/>", '<w:vertAlign w:val="superscript"/>', "<w:vanish/>"]
)
def test_flat_files(properties: str) -> None:
    """Word 2003's XML, and a package in one file."""
    body, styles = _body(_partly('<w:rStyle w:val="a"/>')), _style("a", properties)
    old = f"<?xml version='1.0'?><?mso-application progid='Word.Document'?><w:wordDocument {_NAMESPACES}><w:styles>{styles}</w:styles><w:body>{body}</w:body></w:wordDocument>"
    assert (
        standing(
            docx.read(old.replace(_W, "http://schemas.microsoft.com/office/word/2003/wordml").encode(), Limits()), "17"
        )
        != "silent"
    )
    part = '<pkg:part pkg:name="/word/{}"><pkg:xmlData>{}</pkg:xmlData></pkg:part>'
    flat = (
        '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
        + part.format("document.xml", f"<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>")
        + part.format("styles.xml", _styles(styles))
        + "</pkg:package>"
    )
    assert standing(docx.read(flat.encode(), Limits()), "17") != "silent"


def test_the_reason_is_named() -> None:
    """The look says which property, in the words of the format."""
    document = _read(_partly('<w:color w:val="FFFFFF"/><w:vertAlign w:val="superscript"/>'))
    grid = document.blocks[2]
    cell = grid.rows[2][1]
    assert cell.look == ("raised: superscript", "hidden-text: colour equals background")


def test_no_table_style_of_words_own_is_flagged() -> None:
    """The hundred table styles of Word's template: white text stands on dark grounds there.

    But for the upper left corner, which holds no figure: there "Colorful Grid Accent 3" prints white on pale green.
    """
    template = python_docx.Document()
    names = [style.name for style in template.styles if style.type == WD_STYLE_TYPE.TABLE]
    assert len(names) > 90
    for name in names:
        table = template.add_table(rows=4, cols=3, style=name)
        for row in table.rows:
            for cell in row.cells:
                cell.text = "917"
    out = io.BytesIO()
    template.save(out)
    grids = [block for block in docx.read(out.getvalue(), Limits()).blocks if isinstance(block, Grid)]
    looks = {
        names[at]: cell.look
        for at, grid in enumerate(grids)
        for row in grid.rows[1:]
        for cell in row
        if cell and cell.look
    }
    assert looks == {}
