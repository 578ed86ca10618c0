"""Numbers and grounds that a page draws over a table from outside of the cell: in doubt; what stays where it is: not."""

from __future__ import annotations

import pytest

from extract.model import Limits
from extract.web import html
from tests.extract.drawn.standing import BESIDE, CAPTION, HEADER, LABEL, is_untouched, standing

TABLE = (
    f"<table><tr><td colspan=2>{CAPTION}</td></tr><tr><td>{HEADER[0]}</td><td>{HEADER[1]}</td></tr>"
    f"<tr><td>{LABEL}%s</td><td>917</td></tr><tr><td>{BESIDE[0]}</td><td>{BESIDE[1]}</td></tr></table>"
)


def page(before: str = "", after: str = "", *, css: str = "", label: str = "", outside: str = "") -> bytes:
    title = "平川县2021年政府信息公开工作年度报告"
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>{title}</title><style>{css}</style></head><body>{outside}<h1>{title}</h1>"
        f"<div id=zoom><p>二、主动公开政府信息情况</p>{before}{TABLE % label}{after}<p>三、收到和处理政府信息公开申请情况</p></div></body></html>"
    ).encode()


K = ".k{position:absolute;top:90px;left:200px}"
OVER = (
    page(after="<dialog open>9</dialog>"),
    page("<dialog open><p>9</p></dialog>"),
    page(label="<dialog open></dialog>"),
    page(after='<div style="position:absolute;top:310px;left:400px">9</div>'),
    page(after='<p style="position:relative;top:-80px;left:300px">9</p>'),
    page(after='<div style="margin-top:-70px;margin-left:300px">9</div>'),
    page(after='<div style="margin:-70px 0 50px 300px">9</div>'),
    page(after='<div style="transform:translate(300px,-70px)">9</div>'),
    page(after='<div style="float:right;margin-top:-80px">9</div>'),
    page(after="<div class=k><p><b>9</b></p></div>", css=K),
    page(after="<div class=k></div>", css=K + ".k{width:30px;height:20px;background:#fff}"),
    page(after="<div class=k>&nbsp;</div>", css=K + ".k{width:30px;height:20px;background:#fff}"),
    page(after="<hr class=k>", css=".k{position:relative;top:-90px;width:30px}"),
    page(after="<table class=k><tr><td>9</td></tr></table>", css=K),
    page('<span style="position:absolute;margin-top:60px;margin-left:400px">9</span>'),
    page('<p style="position:relative;top:80px">9</p>'),
    page(label='<span style="position:absolute;left:300px;width:50px;height:20px;background:#fff"></span>'),
    page(outside='<div style="position:absolute;top:310px;left:400px">9</div>'),
)
BESIDE_IT = (
    page(after='<p style="position:relative;top:2px">（2021年）</p>'),
    page(after='<div style="position:absolute;top:310px;display:none">9</div>'),
    page(after='<div style="position:absolute;top:310px;left:40px">附表说明</div>'),
    page(
        '<div style="position:relative"><b>表一</b><i style="position:absolute;top:5px;width:4px;height:20px;background:red"></i></div>'
    ),
    page(label='<b style="position:relative;top:1px"></b>'),
    page(after='<div style="position:absolute;bottom:0;right:0">- 1 -</div>'),
    page(after='<div style="margin-top:-30px"><span>浏览 12 次</span></div>'),
    page('<div style="position:absolute;right:0;top:0"><a href="#">打印</a><span>A+</span></div>'),
    page(outside='<div style="position:fixed;right:10px;bottom:40px"><em>9</em></div>'),
    page(outside='<div style="position:relative"><em style="position:absolute;top:0;right:0">9</em></div>'),
)


@pytest.mark.parametrize("place", range(len(OVER)))
def test_what_may_lie_over_a_figure_puts_it_in_doubt(place: int) -> None:
    assert standing(html.read(OVER[place], Limits()), "9") == "flagged"


@pytest.mark.parametrize("place", range(len(BESIDE_IT)))
def test_what_stays_beside_a_table_leaves_it_alone(place: int) -> None:
    assert is_untouched(html.read(BESIDE_IT[place], Limits()), "917")


@pytest.mark.parametrize(
    "end", ["</body></html>", "</html>", "</BODY >", "</html><html><head><title>x</title></head><body>"]
)
def test_a_page_within_a_page_ends_nothing(end: str) -> None:
    assert is_untouched(html.read(page(f"<div>{end}</div>"), Limits()), "917")


def test_a_title_in_a_cell_is_not_shown_and_a_button_is() -> None:
    markup = page().decode()
    assert is_untouched(html.read(markup.replace("917", "917<title>5</title>").encode(), Limits()), "917")
    assert is_untouched(html.read(markup.replace("917", "917<button>复制</button>").encode(), Limits()), "917")
    assert standing(html.read(markup.replace("917", "917<button>5</button>").encode(), Limits()), "9175") == "flagged"
