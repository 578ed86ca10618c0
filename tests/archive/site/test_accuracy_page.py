"""The accuracy statement in Chinese says what the one in English says, number by number."""

from __future__ import annotations

import re

from archive.site.accuracy import english, statement, tables_of


def test_both_languages_have_the_same_numbers() -> None:
    chinese = statement("zh")
    ours, theirs = tables_of(chinese), tables_of(english())
    assert len(ours) == len(theirs) == 2
    for table, other in zip(ours, theirs, strict=True):
        lines, others = table.splitlines(), other.splitlines()
        assert len(lines) == len(others)
        for line, its in zip(lines, others, strict=True):
            assert line.split("|")[2:] == its.split("|")[2:] or lines.index(line) == 0, "numbers differ"
    for number in re.findall(r"[0-9]+ (?:documents|layouts)", english()):
        assert f"{number.split()[0]} " in chinese


def test_no_english_sentence_is_left_in_the_chinese_page() -> None:
    text = re.sub(r"`[^`]*`", "", statement("zh"))
    for line in text.splitlines():
        first = line.strip("| ").split("|")[0]
        if not re.search(r"\b(?:html|text|pdf|docx|xlsx|xls|zip)\b", first):  # names of carriers stay
            assert not re.search(r"[A-Za-z]{4,}", first), line
