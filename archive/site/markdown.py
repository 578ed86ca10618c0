"""The little of Markdown that the project's own reference pages use, as HTML: headings, paragraphs, lists, tables, code, bold, links."""

from __future__ import annotations

import re
from html import escape

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)")


def to_html(text: str) -> str:
    """HTML of a page without its first heading. Everything is escaped; only web and relative addresses become links."""
    parts: list[str] = []
    title, number = "", 0
    blocks = re.split(r"\n\s*\n", text.strip())
    for block in blocks:
        lines = block.strip("\n").split("\n")
        first = lines[0]
        if first.startswith(("<!--", "# ")):
            continue
        if first.startswith("#"):
            level = len(first) - len(first.lstrip("#"))
            title, number = first.lstrip("#").strip(), 0
            parts.append(f'<h{level} id="{escape(_anchor(title))}">{_inline(title)}</h{level}>')
            lines = lines[1:]
            if not lines:
                continue
        if lines[0].startswith("|"):
            number += 1  # each region that scrolls has a name of its own
            parts.append(_table(lines, f"{title} {number}" if number > 1 else title))
        elif lines[0].startswith("- "):
            items = re.split(r"\n- ", "\n".join(lines)[2:])
            parts.append("<ul>" + "".join(f"<li>{_inline(' '.join(item.split()))}</li>" for item in items) + "</ul>")
        else:
            parts.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "\n".join(parts)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w]+", "-", title.lower()).strip("-")


def _table(lines: list[str], label: str) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join(
        "<tr>"
        f'<th scope="row">{_inline(row[0])}</th>' + "".join(f"<td>{_inline(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows[2:]
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label or "table")}"><table class="plain"><thead><tr>'
        f"{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _inline(text: str) -> str:
    parts: list[str] = []
    place = 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[place : found.start()]))
        code, bold, label, address = found.groups()
        if code is not None:
            parts.append(f"<code>{escape(code)}</code>")
        elif bold is not None:
            parts.append(f"<b>{escape(bold)}</b>")
        elif address.startswith(("https://", "http://", "/", "#")):
            parts.append(f'<a href="{escape(address)}">{escape(label)}</a>')
        else:  # another page of the documentation, which the site does not show
            parts.append(escape(label))
        place = found.end()
    return "".join([*parts, escape(text[place:])])
