"""Provinces as the site names and places them; the data is `provinces.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from archive.site.memory import steady


@dataclass(frozen=True, slots=True)
class Province:
    """Names of a province and its tile: column from the west, row from the north, both from 1."""

    code: str
    short: str
    en: str
    iso: str
    x: int
    y: int


@cache
def provinces() -> dict[str, Province]:
    """All provinces by GB/T 2260 code."""
    text = resources.files("archive.site").joinpath("provinces.toml").read_text("utf-8")
    return {code: Province(code, *values) for code, values in tomllib.loads(text).items()}


def province_name(code: str, name: str, language: str) -> str:
    """`浙江省`, in English `Zhejiang 浙江省`."""
    known = provinces().get(code)
    return f"{known.en} {name}" if language == "en" and known else name


async def province_choices(datasette: Any, language: str) -> list[dict[str, str]]:
    """Code and name of the provinces with an agency, to choose from."""
    found = await steady(
        datasette,
        "select code, name from regions where level = 'province' and exists (select 1 from agencies a "
        "where a.region >= substr(code, 1, 2) and a.region < substr(code, 1, 2) || ':') order by code",
    )
    return [{"code": row["code"], "name": province_name(row["code"], row["name"], language)} for row in found]
