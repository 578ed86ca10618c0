"""Archived originals made harmless and looked at: pages without anything that runs, PDF pages as images, other carriers as what was read from them.

An archived page is hostile input. What leaves here has no script, form, frame, link target or remote resource, and it is served under a policy that
would stop them anyway (`SANDBOX`): an opaque origin that may load nothing.
"""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

from extract.document.where import parse_page_box
from extract.model import Grid

if TYPE_CHECKING:
    from extract.document.where import Box
    from extract.model import Document

#: The policy of everything that shows archived content.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"

MARK = "outline:3px solid #a6261b !important;background:#fff0a8 !important;scroll-margin:40vh"
STYLE = (
    "body{font:15px/1.7 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;margin:1rem;color:#1c2430;background:#fff;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #bbb;padding:.2rem .4rem}img{max-width:100%}h1{font-size:1.3rem}h2{font-size:1.15rem}h3{font-size:1rem}"
)
_COLOUR = re.compile(r"\brgba?\([\d.,%\s]*\)")
#: Points to pixels for page images, and the most pixels on a side: a page may claim to be as large as a house.
SCALE = 1.6
MOST_PIXELS = 4000
#: Pages shown of a PDF; the page that is looked for is always among them.
MOST_PAGES = 80


def document_view(content: bytes, url: str, page_address: str, where: str | None) -> str:
    """An archived document as a harmless page: a cleaned page, images of a PDF's pages under `page_address`, or what was read from other carriers.

    For a process that may die of it: the document is anybody's.
    """
    from extract.document.detect import detect
    from extract.errors import UnreadableDocument
    from extract.readers import read_document

    media_type = detect(content)
    if media_type == "application/pdf":
        return pdf_view(content, page_address, where)
    if media_type == "text/html":
        page = page_view(content, where)
        if page is not None and (not where or "ogi-mark" in page):
            return page
    try:
        return blocks_view(read_document(content, url=url), where)
    except UnreadableDocument as problem:
        return _document(f"<p>{escape(str(problem))}</p>")


def page_view(content: bytes, where: str | None) -> str | None:
    """An archived HTML page, cleaned, with the element that `where` (an XPath) names marked; `None` if it can't be parsed.

    Everything that could run, load or lead away is removed: scripts, handlers, styles by reference, frames, forms, links.
    """
    import lxml.html
    from lxml import etree
    from lxml_html_clean import Cleaner

    from extract.document.clean import to_its_end
    from extract.document.detect import decode_text

    try:
        page = lxml.html.document_fromstring(
            to_its_end(decode_text(content)), parser=lxml.html.HTMLParser(huge_tree=False)
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    for element in page.xpath("//*[@id='ogi-mark']"):  # ours alone
        del element.attrib["id"]
    if where:
        try:
            found = page.xpath(where)
        except etree.XPathError:
            found = []
        if isinstance(found, list) and found and isinstance(found[0], etree._Element):
            found[0].set("id", "ogi-mark")
            found[0].set("style", MARK)
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        for name in list(element.attrib):
            if _may_act(name, element.attrib[name], element.tag):
                del element.attrib[name]
    cleaner = Cleaner(
        scripts=True, javascript=True, comments=True, style=False, inline_style=False, links=True, meta=True, page_structure=False,
        processing_instructions=True, embedded=True, frames=True, forms=True, annoying_tags=True, safe_attrs_only=False,
        kill_tags=("svg", "math", "template", "noscript", "base", "style", "video", "audio", "source", "track", "portal"),
    )  # fmt: skip
    cleaner(page)
    for image in list(page.iter("img")):
        if not image.get("src"):  # it would be loaded from elsewhere: its words stand for it
            image.tag = "span"
            image.text = image.get("alt", "")
    body = page.find("body")
    inner = lxml.html.tostring(body if body is not None else page, encoding="unicode")
    return _document(inner)


def _may_act(name: str, value: str, tag: str) -> bool:
    name = name.lower()
    if name.startswith("on") or name in (
        "href",
        "xlink:href",
        "action",
        "formaction",
        "srcset",
        "background",
        "poster",
        "data",
        "ping",
        "target",
        "http-equiv",
    ):
        return True
    if name in ("src", "lowsrc", "dynsrc"):
        return not (tag == "img" and value.strip().lower().startswith("data:image/"))
    return name == "style" and not _is_plain_style(value)


def _is_plain_style(style: str) -> bool:
    """Whether a style sets looks only: no functions but colours, no escapes, comments or positions."""
    plain = _COLOUR.sub("", style.lower())
    return not any(part in plain for part in ("(", "\\", "/*", "@", "position"))


def blocks_view(document: Document, where: str | None) -> str:
    """What was read from a document, in reading order, with the cell that `where` names marked."""
    parts = []
    for block in document.blocks:
        if isinstance(block, Grid):
            rows = "".join(
                "<tr>"
                + "".join(_cell(cell.text, cell.where, where, unread=cell.unread) for cell in row if cell is not None)
                + "</tr>"
                for row in block.rows
            )
            parts.append(f"<table><tbody>{rows}</tbody></table>")
        elif block.text.strip():
            marked = f' id="ogi-mark" style="{MARK}"' if where and block.where == where else ""
            parts.append(f"<p{marked}>{escape(block.text)}</p>")
    return _document("\n".join(parts))


def _cell(text: str, place: str, where: str | None, *, unread: bool) -> str:
    marked = f' id="ogi-mark" style="{MARK}"' if where and place == where else ""
    return f"<td{marked}>{'▒' if unread else escape(text)}</td>"


def _document(inner: str) -> str:
    return f'<!DOCTYPE html><html lang="zh-Hans"><head><meta charset="utf-8"><title>原件</title><style>{STYLE}</style></head>{inner if inner.startswith("<body") else f"<body>{inner}</body>"}</html>'


def place_in_pdf(where: str | None) -> tuple[int, Box] | None:
    """The page (from 1) and box that a `where` of a PDF names."""
    found = parse_page_box(where) if where else None
    return (found.page, found.box) if found else None


def pdf_view(content: bytes, page_address: str, where: str | None) -> str:
    """The pages of a PDF as images under `page_address` (`{}` takes the number), with a frame over the cell that `where` names.

    Not thread-safe: call in a process or under a lock.
    """
    place = place_in_pdf(where)
    parts = []
    sizes = _page_sizes(content)
    for number, (width, height) in enumerate(sizes, 1):
        if number > MOST_PAGES and not (place is not None and place[0] == number):
            continue
        frame = ""
        if place is not None and place[0] == number:
            box = place[1]
            shares = (
                box.left / width,
                box.top / height,
                (box.right - box.left) / width,
                (box.bottom - box.top) / height,
            )
            sides = ";".join(
                f"{side}:{100 * share:.2f}%"
                for side, share in zip(("left", "top", "width", "height"), shares, strict=True)
            )
            frame = f'<i id="ogi-mark" style="{sides}"></i>'
        parts.append(f'<p><img src="{page_address.format(number)}" alt="{number}">{frame}</p>')
    if len(sizes) > MOST_PAGES:
        parts.append(f"<div>1–{MOST_PAGES} / {len(sizes)}</div>")
    style = (
        "body{margin:0;background:#666}div{color:#fff;padding:1rem;font-family:sans-serif}p{margin:0 0 8px;position:relative;min-width:820px}img{width:100%;display:block}"
        "#ogi-mark{position:absolute;outline:3px solid #a6261b;background:#ffeea3;mix-blend-mode:multiply;scroll-margin:40vh 30vw}"
    )
    return f"<!DOCTYPE html><html lang=zh-Hans><meta charset=utf-8><title>原件</title><style>{style}</style>{''.join(parts)}"


def _page_sizes(content: bytes) -> list[tuple[float, float]]:
    """Width and height of the pages in points, as displayed; none if the PDF can't be opened."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return []
    try:
        return [document.get_page_size(number) for number in range(len(document))]
    finally:
        document.close()


def page_image(content: bytes, number: int) -> bytes | None:
    """A PDF page as PNG; `None` if there is no such page. Not thread-safe: call in a process or under a lock."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        if not 1 <= number <= len(document):
            return None
        page = document[number - 1]
        scale = min(SCALE, MOST_PIXELS / max(1.0, *page.get_size()))
        image = page.render(scale=scale).to_pil().convert("RGB")
    finally:
        document.close()
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
