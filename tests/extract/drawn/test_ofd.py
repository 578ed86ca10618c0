"""OFD: characters of figures that are pale, clear, covered, clipped, struck or off the page; pictures and curves in a cell."""

from __future__ import annotations

import io
import zipfile

import pytest

from extract.model import Document, Limits
from extract.paged import ofd
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, is_untouched, standing

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
#: Where the figure in question begins, millimetres.
_X, _Y = 112.0, 41.5


def _text(x: float, y: float, text: str, attributes: str = "", inner: str = "") -> str:
    advance = "".join(" 1.5" if character < "\u0100" else " 3" for character in text[:-1])
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} 60 4" Font="1" Size="3" {attributes}>{inner}'
        f'<ofd:TextCode X="0" Y="2.6" DeltaX="{advance.strip()}">{text}</ofd:TextCode></ofd:TextObject>'
    )


def _path(x: float, y: float, data: str, attributes: str = "", inner: str = "") -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="{x} {y} 100 20" LineWidth="0.2" {attributes}>{inner}'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _box(x: float, y: float, width: float, height: float, colour: str, alpha: int = 255) -> str:
    data = f"M 0 0 L {width} 0 L {width} {height} L 0 {height} C"
    return _path(x, y, data, 'Fill="true" Stroke="false"', f'<ofd:FillColor Value="{colour}" Alpha="{alpha}"/>')


def _colour(value: str) -> str:
    return f'<ofd:FillColor Value="{value}"/>'


def _page(figure: str, layer: str = "") -> Document:
    """A ruled table whose figure is drawn by these objects, read."""
    objects = [_text(60, 15, "平川县2021年政府信息公开工作年度报告")]
    for number, (label, value) in enumerate([(CAPTION, ""), HEADER, (LABEL, None), BESIDE]):
        top = 20.0 + 10 * number
        objects.append(_path(40, top, "M 0 0 L 120 0 M 0 10 L 120 10 M 0 0 L 0 10 M 70 0 L 70 10 M 120 0 L 120 10"))
        objects.append(_text(42, top + 3, label))
        objects.append(figure if value is None else _text(_X, top + 3, value) if value else "")
    parts = {
        "OFD.xml": f"<ofd:OFD {_NS}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {_NS}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox>"
        "</ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
        '<ofd:Pages><ofd:Page ID="1" BaseLoc="Page.xml"/></ofd:Pages></ofd:Document>',
        "Doc_0/PublicRes.xml": f'<ofd:Res {_NS}><ofd:DrawParams><ofd:DrawParam ID="7">{_colour("255 255 255")}</ofd:DrawParam>'
        f'<ofd:DrawParam ID="8" Relative="7"/><ofd:DrawParam ID="9">{_colour("40 40 40")}</ofd:DrawParam></ofd:DrawParams></ofd:Res>',
        "Doc_0/Page.xml": f"<ofd:Page {_NS}><ofd:Content><ofd:Layer {layer}>{''.join(objects)}</ofd:Layer></ofd:Content></ofd:Page>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)
    return ofd.read(out.getvalue(), Limits())


_REST = _text(_X + 1.5, 43, "17")


def _nine(attributes: str = "", inner: str = "") -> str:
    return _text(_X, 43, "9", attributes, inner) + _REST


def _clip(data: str) -> str:
    path = f'<ofd:Path Boundary="0 0 9 9"><ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:Path>'
    return f"<ofd:Clips><ofd:Clip><ofd:Area>{path}</ofd:Area></ofd:Clip></ofd:Clips>"


_PLAIN = _text(_X, 43, "917")
VARIANTS = {
    "a stroke for a 1": _path(_X + 0.7, 43.4, "M 0 0 L 0 2.3") + _REST,
    "a box for a 1": _box(_X + 0.7, 43.4, 0.4, 2.3, "0 0 0") + _REST,
    "strokes for a 7": _text(_X, 43, "1") + _path(_X + 1.8, 43.4, "M 0 0 L 1.4 0 L 0.6 2.3"),
    "a stroke for a minus": _path(_X - 1.6, 44.6, "M 0 0 L 1.2 0") + _PLAIN,
    "nothing but strokes": _path(_X + 0.7, 43.4, "M 0 0 L 0 2.3") + _path(_X + 2, 43.4, "M 0 0 L 0 2.3"),
    "a line between digits": _PLAIN + _path(_X + 1.5, 40, "M 0 0 L 0 10"),
    "white": _nine(inner=_colour("255 255 255")),
    "white in hexadecimal": _nine(inner=_colour("#FF #FF #FF")),
    "white in one part": _nine(inner=_colour("255")),
    "white in four parts": _nine(inner=_colour("0 0 0 0")),
    "clear": _nine('Alpha="5"'),
    "clear colour": _nine(inner='<ofd:FillColor Value="0 0 0" Alpha="3"/>'),
    "white by a parameter": _nine('DrawParam="7"'),
    "white by the parameter below": _nine('DrawParam="8"'),
    "a parameter that isn't there": _nine('DrawParam="77"'),
    "without ink": _nine('Fill="false"'),
    "a pattern": _nine(inner='<ofd:FillColor><ofd:Pattern Width="1" Height="1"/></ofd:FillColor>'),
    "black on black": _box(_X - 0.5, 42.5, 2, 4, "0 0 0") + _PLAIN,
    "white cover": _PLAIN + _box(_X - 0.5, 42.5, 2, 4, "255 255 255"),
    "clipped": _nine(inner=_clip("M 3 0 L 9 0 L 9 9 L 3 9 C")),
    "clip of another kind": _nine(inner="<ofd:Clips><ofd:Clip><ofd:Area><ofd:Text/></ofd:Area></ofd:Clip></ofd:Clips>"),
    "struck": _PLAIN + _path(_X, 44.6, "M 0 0 L 5 0"),
    "one digit struck": _PLAIN + _path(_X, 44.6, "M 0 0 L 1.3 0"),
    "crossed out": _PLAIN + _path(_X, 42, "M 0 0 L 6 4"),
    "a curve through it": _PLAIN + _path(_X, 44, "M 0 0 B 1 2 3 0 4 1"),
    "printed over": _text(_X, 43, "4") + _text(_X, 43, "9"),
    "raised": _text(_X, 43, "91") + _text(_X + 3, 42, "7"),
    "a picture": '<ofd:ImageObject ID="5" Boundary="112 42 10 4" ResourceID="4"/>',
    "a composite object": '<ofd:CompositeObject ID="5" Boundary="112 42 10 4" ResourceID="4"/>',
    "curves": _path(_X, 43, "M 0 0 B 1 2 3 0 4 1"),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_what_is_not_drawn_as_stored_is_flagged(name: str) -> None:
    assert standing(_page(VARIANTS[name]), None) == "flagged"


def test_a_layer_paints_its_text() -> None:
    assert standing(_page(_PLAIN, 'DrawParam="7"'), None) == "flagged"


def test_hidden_objects_are_not_read() -> None:
    assert is_untouched(_page(_text(_X - 3, 43, "9", 'Visible="false"') + _PLAIN), "917")


@pytest.mark.parametrize(
    "figure",
    [
        _PLAIN,
        _text(_X, 43, "917", 'DrawParam="9"'),
        _text(_X, 43, "917", inner=_colour("120 120 120")),
        _text(_X, 43, "917", 'Alpha="200"'),
        _box(_X - 2, 42, 20, 6, "230 230 230") + _PLAIN,
        _box(_X - 2, 42, 20, 6, "20 20 20") + _text(_X, 43, "917", inner=_colour("255 255 255")),
        _text(_X, 43, "917", inner=_clip("M 0 0 L 40 0 L 40 9 L 0 9 C")),
        _PLAIN + _path(_X, 46.4, "M 0 0 L 5 0"),
        _PLAIN + '<ofd:ImageObject ID="5" Boundary="10 200 10 4" ResourceID="4"/>',
        _PLAIN + _box(10, 200, 20, 6, "0 0 0"),
    ],
)
def test_what_is_drawn_as_stored_is_not_touched(figure: str) -> None:
    assert is_untouched(_page(figure), "917")
