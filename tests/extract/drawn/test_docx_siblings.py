"""Siblings of `test_docx`: fields, fillings, grounds, rows and elements of other programs that nobody listed when the reader was written."""

from __future__ import annotations

from typing import Any

from extract.model import Document
from tests.extract.drawn.standing import is_untouched, standing
from tests.extract.drawn.test_docx import _WHOLE, _cell, _p, _partly, _read, _run, _style

#: By name: the cell, what a person sees (`None`: can't be told), styles, keywords of `_read`.
SIBLINGS: dict[str, tuple[str, str | None, str, dict[str, Any]]] = {}


def _field(instruction: str, result: str | None) -> str:
    """A field in its pieces."""

    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    shown = mark("separate") + _run(result) if result is not None else ""
    return f"{mark('begin')}<w:r><w:instrText>{instruction}</w:instrText></w:r>{shown}{mark('end')}"


def _add(name: str, cell: str, shown: str | None = None, styles: str = "", **places: str) -> None:
    SIBLINGS[name] = (cell, shown, styles, places)


_add("moveFrom", _cell(_p('<w:moveFrom w:id="1">' + _run("9") + "</w:moveFrom>" + _run("17"))), "17")
_add("fldSimple formula", _cell(_p('<w:fldSimple w:instr=" =9+8 ">' + _run("917") + "</w:fldSimple>")), None)
_add("fldSimple formula empty", _cell(_p('<w:fldSimple w:instr=" =9+8 "/>')), None)
_add("digits far apart", _partly('<w:spacing w:val="800"/>'), None)
_add("all digits far apart", _cell(_p(_run("17", '<w:spacing w:val="240"/>'))), None)
_add("field page", _cell(_p(_field("PAGE", "917"))), None)
_add("field page no result", _cell(_p(_field("PAGE", None))), None)
_add("field seq no result", _cell(_p(_field("SEQ a", None) + _run("17"))), None)
_add("field numpages", _cell(_p(_field("NUMPAGES \\* MERGEFORMAT", "917"))), None)
_add("field ref", _cell(_p(_field("REF bm", "917"))), "917")
_add("field listnum", _cell(_p(_field("LISTNUM", None) + _run("17"))), None)
_add("field autonum", _cell(_p(_field("AUTONUM", None) + _run("17"))), None)
_add("field date", _cell(_p(_field("DATE", "917"))), None)
_add("field formtext", _cell(_p(_field("FORMTEXT", "917"))), "917")
_add(
    "field formtext default",
    "<w:tc>"
    + _p(
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:textInput><w:default w:val="917"/></w:textInput></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    + "</w:tc>",
    None,
)
_add("field if", _cell(_p(_field('IF 1=1 "9" "17"', None))), "9")
_add("field private", _cell(_p(_field("PRIVATE 9", "9") + _run("17"))), None)
_add("field xe", _cell(_p(_field('XE "9"', "9") + _run("17"))), "17")
_add("nobreakhyphen", _cell(_p("<w:r><w:t>1</w:t><w:noBreakHyphen/><w:t>7</w:t></w:r>")), None)
_add("nobreakhyphen alone", _cell(_p("<w:r><w:noBreakHyphen/></w:r>")), "")
_add("footnote ref", _cell(_p(_run("17") + '<w:r><w:footnoteReference w:id="2"/></w:r>')), None)
_add(
    "footnote ref styled",
    _cell(
        _p(_run("17") + '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>')
    ),
    None,
)
_add("endnote ref", _cell(_p(_run("17") + '<w:r><w:endnoteReference w:id="2"/></w:r>')), None)
_add("pgNum", _cell(_p(_run("17") + "<w:r><w:pgNum/></w:r>")), None)
_add("yearLong", _cell(_p(_run("17") + "<w:r><w:yearLong/></w:r>")), None)
_add(
    "textFill scheme bg1",
    _partly('<w14:textFill><w14:solidFill><w14:schemeClr w14:val="bg1"/></w14:solidFill></w14:textFill>'),
    "17",
)
_add(
    "textFill scheme alpha",
    _partly(
        '<w14:textFill><w14:solidFill><w14:schemeClr w14:val="tx1"><w14:alpha w14:val="100000"/></w14:schemeClr></w14:solidFill></w14:textFill>'
    ),
    "17",
)
_add(
    "textFill grad",
    _partly(
        '<w14:textFill><w14:gradFill><w14:gsLst><w14:gs w14:pos="0"><w14:srgbClr w14:val="FFFFFF"/></w14:gs></w14:gsLst></w14:gradFill></w14:textFill>'
    ),
    "17",
)
_add(
    "textFill lumMod",
    _partly(
        '<w14:textFill><w14:solidFill><w14:srgbClr w14:val="000000"><w14:lumMod w14:val="0"/><w14:lumOff w14:val="100000"/></w14:srgbClr></w14:solidFill></w14:textFill>'
    ),
    "17",
)
_add(
    "textFill sysClr",
    _partly(
        '<w14:textFill><w14:solidFill><w14:sysClr w14:val="window" w14:lastClr="FFFFFF"/></w14:solidFill></w14:textFill>'
    ),
    "17",
)
_add(
    "textFill prst",
    _partly('<w14:textFill><w14:solidFill><w14:prstClr w14:val="white"/></w14:solidFill></w14:textFill>'),
    "17",
)
_add(
    "textOutline white",
    _partly(
        '<w14:textOutline w14:w="90000"><w14:solidFill><w14:srgbClr w14:val="FFFFFF"/></w14:solidFill></w14:textOutline>'
    ),
    "17",
)
_add("shd pct95", _cell(_p(_run("917")), '<w:shd w:val="pct95" w:color="000000" w:fill="FFFFFF"/>'), "")
_add("shd run pct90", _partly('<w:shd w:val="pct90" w:color="000000" w:fill="auto"/>'), "17")
_add(
    "white on horzStripe?",
    _partly('<w:color w:val="FFFFFF"/><w:shd w:val="pct5" w:color="000000" w:fill="auto"/>'),
    "17",
)
_add("tblPr shd", _WHOLE, "", table='<w:shd w:val="clear" w:color="auto" w:fill="000000"/>')
_add("cs size", _partly('<w:cs/><w:szCs w:val="1"/>'), "17")
_add(
    "exact row with before",
    _cell(_p(_run("917"), '<w:spacing w:before="2000"/>')),
    "",
    row='<w:trHeight w:val="400" w:hRule="exact"/>',
)
_add(
    "exact row second par",
    _cell(_p(_run("9")) + _p("") + _p(_run("17"))),
    None,
    row='<w:trHeight w:val="300" w:hRule="exact"/>',
)
_add(
    "exact row empty par first",
    _cell(_p("") + _p("") + _p("") + _p(_run("917"))),
    "",
    row='<w:trHeight w:val="300" w:hRule="exact"/>',
)
_add(
    "alt content para",
    _cell(
        _p(
            "<mc:AlternateContent><mc:Choice Requires='wps'>"
            + _run("9")
            + "</mc:Choice><mc:Fallback>"
            + _run("17")
            + "</mc:Fallback></mc:AlternateContent>"
        )
    ),
    None,
)
_add(
    "alt content block",
    _cell(
        "<mc:AlternateContent><mc:Choice Requires='wps'>"
        + _p(_run("9"))
        + "</mc:Choice><mc:Fallback>"
        + _p(_run("17"))
        + "</mc:Fallback></mc:AlternateContent>"
    ),
    None,
)
_add("foreign t", _cell(_p('<w:r><z:t xmlns:z="urn:z">9</z:t><w:t>17</w:t></w:r>')), "17")
_add("foreign r", _cell(_p('<z:r xmlns:z="urn:z"><z:t>9</z:t></z:r>' + _run("17"))), "17")
_add("conflictDel", _cell(_p('<w14:conflictDel w:id="1">' + _run("9") + "</w14:conflictDel>" + _run("17"))), "17")
_add("t in del", _cell(_p('<w:del w:id="1">' + _run("9") + "</w:del>" + _run("17"))), "17")
_add("outline white", _partly('<w:outline/><w:color w:val="FFFFFF"/>'), None)
_add("char position huge", _partly('<w:position w:val="400"/>'), None)
_add("ind negative hanging", _cell(_p(_run("9"), '<w:ind w:hanging="20000"/>') + _p(_run("17"))), None)
_add("ind leftChars", _cell(_p(_run("9"), '<w:ind w:leftChars="-20000"/>') + _p(_run("17"))), None)
_add(
    "number via style chain",
    _cell(_p(_run("17"), '<w:pStyle w:val="b"/>')),
    None,
    styles='<w:style w:type="paragraph" w:styleId="a"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style><w:style w:type="paragraph" w:styleId="b"><w:basedOn w:val="a"/></w:style>',
)
_add(
    "list para style default",
    _WHOLE,
    None,
    styles='<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>',
)
_add(
    "sdt checkbox",
    _cell(
        _p(
            '<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>'
            + _run("☒")
            + "</w:sdtContent></w:sdt>"
            + _run("17")
        )
    ),
    "17",
)
_add("rtl mark", _cell(_p(_run("\u200f917-"))), None)
_add("cellIns", _cell(_p(_run("3")), '<w:cellIns w:id="1" w:author="a"/>') + _WHOLE, None)
_add("merged in a change", _cell(_p(_run("917")), '<w:cellMerge w:id="1" w:author="a" w:vMerge="cont"/>'), None)
_add("deleted text outside of a deletion", _cell(_p("<w:r><w:delText>9</w:delText></w:r>" + _run("17"))), None)
_add("ruby base only", _cell(_p("<w:r><w:ruby><w:rubyBase>" + _run("917") + "</w:rubyBase></w:ruby></w:r>")), None)
_add("bidi para", _cell(_p(_run("917-"), "<w:bidi/>")), None)
_add("eastAsianLayout vert", _partly('<w:eastAsianLayout w:vert="1"/>'), None)
_add(
    "smartTag strike",
    _cell(_p('<w:smartTag w:element="x">' + _run("9", "<w:strike/>") + "</w:smartTag>" + _run("17"))),
    "17",
)
_add(
    "hyperlink style white",
    _cell(_p("<w:hyperlink>" + _run("9", '<w:rStyle w:val="h"/>') + "</w:hyperlink>" + _run("17"))),
    "17",
    styles=_style("h", '<w:color w:val="FFFFFF"/>'),
)
_add(
    "linked style para as char",
    _partly('<w:rStyle w:val="p"/>'),
    "17",
    styles=_style("p", '<w:color w:val="FFFFFF"/>', kind="paragraph"),
)
_add(
    "altChunk",
    _cell(
        '<w:altChunk r:id="q" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>' + _p("")
    ),
    None,
)
_add("subDoc", _cell(_p("<w:subDoc/>")), None)
_add("customXml vanish", _cell("<w:customXml>" + _p(_run("9", "<w:vanish/>") + _run("17")) + "</w:customXml>"), "17")
_add("contentPart", _cell(_p("<w:r><w:contentPart/></w:r>" + _run("17"))), None)
_add(
    "omath para",
    _cell(_p("<m:oMathPara><m:oMath><m:acc><m:e><m:r><m:t>917</m:t></m:r></m:e></m:acc></m:oMath></m:oMathPara>")),
    None,
)
_add(
    "omath strike",
    _cell(
        _p(
            "<m:oMath><m:borderBox><m:borderBoxPr><m:strikeH/></m:borderBoxPr><m:e><m:r><m:t>9</m:t></m:r></m:e></m:borderBox></m:oMath>"
            + _run("17")
        )
    ),
    "17",
)
_add(
    "omath phant",
    _cell(
        _p(
            '<m:oMath><m:phant><m:phantPr><m:show m:val="0"/></m:phantPr><m:e><m:r><m:t>9</m:t></m:r></m:e></m:phant></m:oMath>'
            + _run("17")
        )
    ),
    "17",
)
_add(
    "ddList w14 dropDown",
    _cell(
        _p(
            '<w:sdt><w:sdtPr><w:dropDownList w:lastValue="9"><w:listItem w:displayText="17" w:value="9"/></w:dropDownList></w:sdtPr><w:sdtContent>'
            + _run("917")
            + "</w:sdtContent></w:sdt>"
        )
    ),
    "917",
)


HARMLESS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "text fill of the theme": (_partly('<w14:textFill><w14:solidFill><w14:schemeClr w14:val="tx1"/></w14:solidFill></w14:textFill>'), "", {}),
    "lighter text of the theme": (
        _partly('<w14:textFill><w14:solidFill><w14:schemeClr w14:val="tx1"><w14:lumMod w14:val="75000"/><w14:lumOff w14:val="25000"/></w14:schemeClr></w14:solidFill></w14:textFill>'),
        "",
        {},
    ),
    "letters a little apart": (_partly('<w:spacing w:val="40"/>'), "", {}),
    "thin outline": (_partly('<w14:textOutline w14:w="9525"><w14:noFill/></w14:textOutline>'), "", {}),
    "result of a reference": (_cell(_p(_field("REF a", "917"))), "", {}),
    "link": (_cell(_p(_field('HYPERLINK "http://x"', "917"))), "", {}),
    "filled form": (_cell(_p(_field(" FORMTEXT ", "917"))), "", {}),
    "size of other scripts": (_partly('<w:sz w:val="21"/><w:szCs w:val="2"/>'), "", {}),
    "light pattern": (_cell(_p(_run("917")), '<w:shd w:val="pct10" w:color="auto" w:fill="FFFFFF"/>'), "", {}),
    "space before in a high row": (_cell(_p(_run("917"), '<w:spacing w:before="60"/>')), "", {"row": '<w:trHeight w:val="400" w:hRule="exact"/>'}),
    "pale ground of the table": (_WHOLE, "", {"table": '<w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'}),
}  # fmt: skip


def _document(cell: str, styles: str, places: dict[str, Any]) -> Document:
    return _read(cell, styles, **places)


def test_siblings() -> None:
    """None is a silent wrong figure."""
    silent = [
        name
        for name, (cell, shown, styles, places) in SIBLINGS.items()
        if standing(_document(cell, styles, places), shown) == "silent"
    ]
    assert silent == []


def test_no_false_flag() -> None:
    """Ordinary documents pay nothing."""
    flagged = [name for name, entry in HARMLESS.items() if not is_untouched(_document(*entry), "917")]
    assert flagged == []
