"""Titles of which year, organ and kind are known because they were put together: a fixed sample of all combinations."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

LEADS = (
    "",
    "附件：",
    "附件2：",
    "附: ",
    "关于发布",
    "关于公布",
    "[更新]",
    "【图解】",
    "转载：",
    "1、",
    "（一）",
    "公示 | ",
)
ORGANS = (
    "温州市瓯海区财政局",
    "温州市瓯海区人民政府",
    "温州市瓯海区人民政府办公室",
    "温州市瓯海区泽雅镇人民政府",
    "温州市瓯海区三垟街道办事处",
    "鄂温克族自治旗锡尼河西苏木人民政府",
    "巴彦库仁苏木",
    "宁波国家高新区管委会办公室",
    "国家税务总局温州市瓯海区税务局",
    "中华人民共和国温州海关",
    "新疆生产建设兵团第八师石河子市水利局",
    "白塔满族民族乡人民政府",
)
YEARS = {
    "2020年": 2020,
    "2020年度": 2020,
    "二〇二〇年": 2020,
    "二○二○年度": 2020,
    "２０２０年": 2020,
    "2019 年度": 2019,
}
CORES = (
    "政府信息公开工作年度报告",
    "政府信息公开年度报告",
    "政府信息公开工作报告",
    "政府信息公开年报",
    "信息公开工作年度报告",
    "信息公开年报",
    "政务信息公开年度报告",
    "政务公开年度报告",
    "政务公开工作年度报告",
    "政府信息公开工作情况年度报告",
)
TAILS = ("", ".pdf", "（更正）", "（PDF版）", "（扫描件）", ".docx", "（全文）")


@dataclass(frozen=True, slots=True)
class Made:
    """A title, and what it says."""

    title: str
    year: int
    organ: str
    is_plain: bool


def _ordered(organ: str, year: str, core: str) -> Iterator[str]:
    yield organ + year + core
    yield year + organ + core
    yield f"{organ}{core}（{year}）"
    yield f"{year}{core}（{organ}）"


def made_titles(count: int = 5000, seed: int = 20210131) -> list[Made]:
    """`count` titles, each of its own."""
    every = [
        Made(f"{lead}{text}{tail}", YEARS[year], organ, "图解" not in lead and "扫描" not in tail)
        for lead, organ, year, core, tail in product(LEADS, ORGANS, YEARS, CORES, TAILS)
        for text in _ordered(organ, year, core)
    ]
    return random.Random(seed).sample(every, count)
