"""Tables as HTML, in the ways in which portals' editors and Word leave them."""

from __future__ import annotations

import random
from html import escape

from bench.accuracy.layout import HEADINGS, TITLE, Sheet, Slot

VARIANTS = (
    "clean",
    "th",
    "word",
    "nested",
    "unclosed",
    "colspans-lost",
    "colspans-drift",
    "line-breaks",
    "span-per-character",
    "two-copies",
    "padded-column",
)

_LONG = 5


def render(sheets: list[Sheet], variant: str, seed: int) -> bytes:
    """A page with a report's chapters and tables."""
    rng = random.Random(seed)
    parts = [
        f"<h1>{TITLE}</h1>",
        "<p>一、总体情况</p>",
        "<p>本年度共办理政府信息公开申请若干件，公开各类信息1307条，其中图解14件。</p>",
    ]
    parts += _chapters(sheets, variant, rng)
    if variant == "two-copies":
        parts += ['<div class="mobile">', *_chapters(sheets, "th", rng), "</div>"]
    parts += [
        "<p>五、存在的主要问题及改进情况</p>",
        "<p>公开的内容还不够深入，2021年将继续改进，力争办结率达到100%。</p>",
        "<p>六、其他需要报告的事项</p><p>无。</p>",
    ]
    body = "\n".join(parts)
    if variant == "nested":
        body = f'<table width="100%"><tr><td><table><tr><td>{body}</td></tr></table></td></tr></table>'
    return f'<html><head><meta charset="utf-8"><title>{TITLE}</title></head><body>{body}</body></html>'.encode()


def _chapters(sheets: list[Sheet], variant: str, rng: random.Random) -> list[str]:
    parts = []
    last = ""
    for sheet in sheets:
        if sheet.code != last:
            parts.append(f"<p>{HEADINGS[sheet.code]}</p>")
            last = sheet.code
        parts.append(_table(sheet, variant, rng))
    return parts


def _table(sheet: Sheet, variant: str, rng: random.Random) -> str:
    rows = []
    for row in sheet.rows:
        shift = rng.randint(0, 2) if variant == "colspans-drift" else 0
        cells = [_cell(slot, variant, shift if index == 1 else 0) for index, slot in enumerate(row)]
        if variant == "padded-column":
            cells.append("<td>&nbsp;</td>")
        rows.append("<tr>" + "".join(cells) + ("" if variant == "unclosed" else "</tr>"))
    return '<table border="1">' + "\n".join(rows) + "</table>"


def _cell(slot: Slot, variant: str, shift: int) -> str:
    tag = "th" if variant == "th" and (slot.is_header or slot.address is None) else "td"
    columns = 1 if variant == "colspans-lost" else slot.columns + shift
    spans = (f' rowspan="{slot.rows}"' if slot.rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    content = _content(slot, variant)
    return f"<{tag}{spans}>{content}" + ("" if variant == "unclosed" else f"</{tag}>")


def _content(slot: Slot, variant: str) -> str:
    text = slot.text
    blank = not text.strip()
    if variant == "word":
        if blank:
            return '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>'
        half = len(text) // 2
        return (
            f'<p class="MsoNormal" style="text-align:center"><span lang="EN-US">{escape(text[:half])}</span>'
            f"<span>{escape(text[half:])}</span><o:p></o:p></p>"
        )
    if variant == "span-per-character":
        return "".join(f"<span>{escape(char)}</span>" for char in text)
    if variant == "line-breaks" and slot.address is None and len(text) > _LONG:
        middle = len(text) // 2
        return escape(text[:middle]) + "<br />" + escape(text[middle:])
    return escape(text).replace("\u00a0", "&nbsp;")
