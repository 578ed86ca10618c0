"""Tables as flattened text, in the dialects of the seeds and a few more."""

from __future__ import annotations

import random

from bench.accuracy.layout import HEADINGS, Sheet, Slot

VARIANTS = (
    "tab-rows",
    "tab-rows-covered",
    "tab-rows-ragged",
    "pipes",
    "pipes-bare",
    "markdown",
    "cell-lines-tab",
    "cell-lines",
    "cell-lines-blank",
    "cell-lines-pages",
    "rows-spaced",
    "tab-rows-pages",
    "html-pasted",
)

#: Dialects that print the covered positions of merged cells as blanks.
COVERED_AS_BLANK = frozenset({"tab-rows-covered", "markdown", "cell-lines-tab"})


def render(sheets: list[Sheet], variant: str, seed: int) -> bytes:
    """A text file with a report's chapters and tables."""
    rng = random.Random(seed)
    lines = [
        "某市2020年政府信息公开工作年度报告",
        "",
        "一、总体情况",
        "本年度共办理申请若干件，公开各类信息1307条，其中图解14件。",
        "",
    ]
    last = ""
    for sheet in sheets:
        if sheet.code != last:
            lines += [HEADINGS[sheet.code], ""]
            last = sheet.code
        lines += _with_pages(_lines(sheet, variant, rng), variant, rng)
        lines.append("")
    lines += [
        "五、存在的主要问题及改进情况",
        "公开的内容还不够深入，2021年将继续改进，力争办结率达到100%。",
        "六、其他需要报告的事项",
        "无。",
    ]
    return "\n".join(lines).encode()


def _with_pages(lines: list[str], variant: str, rng: random.Random) -> list[str]:
    if not variant.endswith("pages") or len(lines) < 4:
        return lines
    at = rng.randrange(2, len(lines))
    furniture = rng.choice([["- 4 -"], ["4"], ["第 4 页 共 9 页"], ["—4—", "某市政府信息公开工作年度报告"]])
    return [*lines[:at], *furniture, *lines[at:]]


def expand(sheet: Sheet) -> list[list[Slot | None]]:
    """The rows of a sheet with `None` where a merged cell covers a position."""
    grid: list[list[Slot | None]] = []
    covered: dict[tuple[int, int], bool] = {}
    for y, row in enumerate(sheet.rows):
        cells: list[Slot | None] = []
        x = 0
        for slot in row:
            while covered.get((y, x)):
                cells.append(None)
                x += 1
            for dy in range(slot.rows):
                for dx in range(slot.columns):
                    covered[y + dy, x + dx] = True
            cells += [slot, *([None] * (slot.columns - 1))]
            x += slot.columns
        while covered.get((y, x)):
            cells.append(None)
            x += 1
        grid.append(cells)
    return grid


def _lines(sheet: Sheet, variant: str, rng: random.Random) -> list[str]:
    bare = [[_flat(slot.text) for slot in row] for row in sheet.rows]
    covered = [[_flat(slot.text) if slot else "" for slot in row] for row in expand(sheet)]
    if variant in {"tab-rows", "tab-rows-pages"}:
        return ["\t".join(row) for row in bare]
    if variant == "tab-rows-covered":
        return ["\t".join(row) for row in covered]
    if variant == "tab-rows-ragged":
        return ["\t" * rng.randint(0, 2) + "\t".join(row) + "\t" * rng.randint(0, 2) for row in bare]
    if variant == "pipes":
        return [" | ".join(row) + " |" for row in bare]
    if variant == "pipes-bare":
        return [" | ".join(row) for row in bare]
    if variant == "markdown" and covered:
        rows = ["| " + " | ".join(row) + " |" for row in covered]
        return [rows[0], "|" + " --- |" * len(covered[0]), *rows[1:]]
    if variant == "cell-lines-tab":
        return [line for row in covered for line in (*("\t" + cell for cell in row), "")]
    if variant == "rows-spaced":
        return [" ".join(cell for cell in row if cell) for row in bare]
    if variant == "html-pasted":
        return [line for row in bare for line in (*("\u00a0" + cell for cell in row), "\u00a0")]
    gap = [""] if variant == "cell-lines-blank" else []
    return [line for row in bare for cell in row if cell for line in (cell, *gap)]


def _flat(text: str) -> str:
    return text.replace("\u00a0", " ").strip() if not text.strip() else text
