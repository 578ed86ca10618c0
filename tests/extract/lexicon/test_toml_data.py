"""Strict reading: what a file of the lexicon may not hold is an error that names it."""

from __future__ import annotations

import pytest

from extract.lexicon.organs import parse_organs
from extract.lexicon.toml_data import LexiconError, parse_toml

REST = """
areas = ["区"]
towns = ["镇"]
label_tails = []
endings = [{ text = "局", title = true }]
full_form = [{ end = "街道", becomes = "街道办事处" }]
dissolved = [{ endings = ["地税局"], last_year = 2017, source = "2018" }]
self = { first = ["我"], then = ["局"], levels = ["市"] }
inner = { of = ["局"], units = ["办公室"], matters = ["综合"] }
unit_class = { names = ["部门"], behind = "(?:年报)?" }
"""
KIND = """
[[kind]]
code = "{code}"
endings = [{endings}]
except = []
due = "{due}"
due_before_2019 = "03-31"
"""


def organs(*kinds: tuple[str, str, str], more: str = "") -> None:
    text = "".join(KIND.format(code=code, endings=endings, due=due) for code, endings, due in kinds)
    parse_organs(parse_toml(REST + text + more, "organs.toml"))


GOOD = (("township", '"镇"', "01-31"), ("government", '"政府"', "03-31"), ("department", '""', "01-31"))


@pytest.mark.parametrize(
    ("kinds", "more", "said"),
    [
        (GOOD, "[[kinds]]\n", "organs.toml: unknown key 'kinds'"),
        (GOOD, 'dues = "01-31"\n', r"organs.toml.kind\[3\]: unknown key 'dues'"),
        ((("village", '"村"', "01-31"), *GOOD), "", r"organs.toml.kind\[1\]: code: 'village' is none of"),
        (GOOD[:2], "", "must have each of government, department, township once"),
        ((*GOOD[:2], ("department", '"局"', "01-31")), "", "the last one must take every name"),
        ((*GOOD[:2], ("department", '""', "02-30")), "", "due: '02-30' is no month and day"),
        ((*GOOD[:2], ("department", "3", "01-31")), "", "endings: must be a list of strings"),
        (GOOD, "[kind\n", "is no TOML"),
    ],
)
def test_an_odd_file_is_refused_with_its_name(kinds: tuple[tuple[str, str, str], ...], more: str, said: str) -> None:
    with pytest.raises(LexiconError, match=said):
        organs(*kinds, more=more)


def test_keys_are_typed() -> None:
    record = parse_toml('text = 1\nnumber = true\nflag = "yes"\npattern = "["\nlist = {}\n', "x.toml")
    for read, key in (
        (record.text, "text"),
        (record.number, "number"),
        (record.flag, "flag"),
        (record.pattern, "pattern"),
        (record.words, "list"),
        (record.text, "absent"),
    ):
        with pytest.raises(LexiconError, match=f"x.toml: {key}: "):
            read(key)
