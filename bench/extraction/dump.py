"""A page as a text dump: one cell a line, or one row a line with tabs."""

from __future__ import annotations

from lxml import html


def dump(page: str, between: str) -> str:
    """The page's lines and table rows in order; cells are parted by `between`."""
    root = html.fromstring(page)
    lines: list[str] = []
    for element in root.iter("p", "h1", "h2", "h3", "tr"):
        if element.tag == "tr":
            cells = (" ".join(cell.text_content().split()) for cell in element.iter("td", "th"))
            lines.append(between.join(cells))
        elif not any(ancestor.tag == "table" for ancestor in element.iterancestors()):
            lines.append(" ".join(element.text_content().split()))
    return "\n".join(lines)
