"""The accuracy statement in both languages: one page made by the benchmark, its tables and numbers the same in either."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path

_DOCUMENTS = re.compile(r"makes of ([0-9]+) documents")
_TYPED = re.compile(r"layouts of ([0-9]{1,6}) documents")
_SHAPES = re.compile(r"([0-9]{1,6}) layouts")
#: The words of the tables, with what stands around them.
_WORDS = (
    (r"^\| carrier \| disclosure \| applications \| challenges \| all \| right \|$", "| 载体 | 主动公开 | 依申请公开 | 复议诉讼 | 全部 | 正确 |"),
    (r"^\| confidence \| figures \| true \|$", "| 置信度 | 数字 | 正确 |"),
    (r"^\| seed texts as given \|", "| 种子报告，原文 |"),
    (r"^\| layouts typed by hand \|", "| 手工键入的版式 |"),
    (r"^\| seeds as ", "| 种子报告 · "),
    (r"^\| damaged html and text \|", "| 损坏的 html 和文本 |"),
    (r"^\| \*\*all\*\* \|", "| **全部** |"),
    (r"^\| ([0-9.]+) and more \|", r"| \1 及以上 |"),
    (r"^\| ([0-9.]+) to below ([0-9.]+) \|", r"| \1 至 \2 以下 |"),
    (r"^\| below ([0-9.]+) \|", r"| \1 以下 |"),
)  # fmt: skip


def english() -> str:
    """`docs/accuracy.md`: within the installed package, or beside the packages in a checkout."""
    packed = resources.files("archive.site").joinpath("docs", "accuracy.md")
    return packed.read_text("utf-8") if packed.is_file() else (_docs() / "accuracy.md").read_text("utf-8")


def _docs() -> Path:
    return Path(__file__).parents[2] / "docs"


def tables_of(page: str) -> list[str]:
    """The tables of a page of Markdown."""
    return [found[0].strip() for found in re.finditer(r"(?:^\|.*\n)+", page, re.MULTILINE)]


@cache
def statement(language: str) -> str:
    """The statement as Markdown.

    Raises:
        ValueError: The page is not as the benchmark writes it, so that it can't be said in Chinese.
    """
    page = english()
    if language != "zh":
        return page
    documents, typed, shapes = _DOCUMENTS.search(page), _TYPED.search(page), _SHAPES.search(page)
    tables = tables_of(page)
    if documents is None or typed is None or shapes is None or len(tables) != 2:
        raise ValueError("docs/accuracy.md has another form: archive/site/accuracy.py must follow bench/accuracy")
    text = resources.files("archive.site").joinpath("accuracy.zh.md").read_text("utf-8")
    return text.format(
        documents=documents[1], typed=typed[1], shapes=shapes[1], table=_said(tables[0]), bands=_said(tables[1])
    )


def _said(table: str) -> str:
    for words, chinese in _WORDS:
        table = re.sub(words, chinese, table, flags=re.MULTILINE)
    return table
