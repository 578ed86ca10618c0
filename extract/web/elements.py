"""Kinds of elements of a page, by their tags."""

from __future__ import annotations

import re

from lxml import etree

#: All text below an element, scripts and hidden elements included; ten times faster than joining `itertext`.
string_of = etree.XPath("string()", smart_strings=False)
#: Never text of the report, wherever they stand.
SILENT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "head",
        "select",
        "button",
        "input",
        "svg",
        "datalist",
        "noembed",
        "noframes",
        "title",
    }
)
#: Elements that end a line, or part words inside a cell.
BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form "
        "h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary "
        "table tbody td tfoot th thead tr ul ucapcontent ucaptitle",
    )
)


def imply_bodies(root: etree._Element) -> None:
    """Give the rows that stand directly in a table the `<tbody>` that browsers put around them, so that selectors match as there."""
    for table in root.iter("table"):
        body: etree._Element | None = None
        for child in list(table):
            if child.tag in ("tr", "td", "th"):
                if body is None:
                    body = table.makeelement("tbody")
                    child.addprevious(body)
                body.append(child)
            elif isinstance(child.tag, str):
                body = None
