"""Names in pinyin, for whoever types `wenzhou` or `wz`. Places have the reading of their whole name, other characters their usual one."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def _readings() -> dict[str, str]:
    """Syllables by the code of a place, and by character."""
    text = resources.files("archive.index").joinpath("data", "pinyin.txt").read_text("utf-8")
    return dict(line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def of_place(code: str) -> list[str]:
    """Syllables of a place's name; empty for one that isn't known."""
    return _readings().get(code, "").split()


def of_name(name: str, places: dict[str, list[str]]) -> list[str]:
    """Syllables of an agency's name. `places`: syllables of names of places that may stand in it, which are read whole."""
    found: list[str] = []
    place = 0
    while place < len(name):
        whole = next((word for word in places if name.startswith(word, place)), "")
        found += places[whole] if whole else [_readings().get(name[place], name[place].lower())]
        place += len(whole) or 1
    return found


def keys_of(syllables: list[str]) -> tuple[str, str]:
    """What is typed: all letters in a row, and the first ones."""
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)
