"""The documents keep up with the program: every command, option, table, column, check and kind is there, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from archive.index.codes import ChangeKind
from archive.index.dictionary import KINDS_OF_CHANGE
from archive.index.dictionary import render as dictionary
from crawler.cli.reference import commands, page
from extract.audit import CHECKS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_page_of_commands_is_fresh() -> None:
    assert _read("docs/commands.md") == page(), "run `python -m crawler.cli.reference > docs/commands.md`"


def test_the_data_dictionary_says_everything_in_both_languages() -> None:
    from archive.index.dictionary import render, untranslated

    assert untranslated() == []
    text = render("zh")
    assert "年报编号" in text
    assert "Report id" not in text


def test_the_data_dictionary_is_fresh() -> None:
    assert _read("docs/data-dictionary.md") == dictionary(), (
        "run `python -m archive.index.dictionary > docs/data-dictionary.md`"
    )


def test_the_dictionary_knows_each_kind_of_change() -> None:
    assert list(KINDS_OF_CHANGE) == list(ChangeKind)


@pytest.mark.parametrize("word", [*CHECKS, *ChangeKind])
def test_every_check_and_kind_of_change_is_in_the_dictionary(word: str) -> None:
    assert f"`{word}`" in _read("docs/data-dictionary.md")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_and_options_named_in_the_documents_exist(path: Path) -> None:
    known = {" ".join(names): command for names, command in commands()}
    text = re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))
    for line in re.findall(r"(?:^\$? ?|`)(ogi [a-z][^`\n#|>;&]*)", text, flags=re.MULTILINE):
        words = line.split()
        name = " ".join(words[1:3]) if " ".join(words[1:3]) in known else words[1]
        assert name in known, f"{path.name}: {line}"
        options = {
            option
            for param in known[name].params
            if isinstance(param, click.Option)
            for option in (*param.opts, *param.secondary_opts)
        }
        used = {word.split("=")[0] for word in words[2:] if re.match(r"--[a-z]", word)}
        assert used <= options | {"--help"}, f"{path.name}: {line}"


def test_tests_that_the_page_on_evidence_names_exist() -> None:
    named = set(re.findall(r"`(test_[a-z0-9_]+)`", _read("docs/evidence.md")))
    written = {
        name
        for path in Path(__file__).parent.rglob("test_*.py")
        for name in re.findall(r"^def (test_[a-z0-9_]+)", path.read_text("utf-8"), re.M)
    }
    assert len(named) > 30
    assert named <= written, sorted(named - written)


def test_the_index_of_the_architecture_names_what_is_there() -> None:
    index = _read("docs/architecture.md").split("## Where is …?")[1].split("\n## ")[0]
    named = re.findall(r"`([^`]+)`", index)
    assert sum("/" in name for name in named) > 40
    file = ROOT
    for name in named:
        if name in ("ogi probe", "Retry-After"):
            continue
        if "/" in name:
            file = ROOT / name
            assert file.exists(), name
        elif name.endswith(".toml"):
            assert (file.parent / name).exists(), name
        else:
            assert re.search(rf"^(?:def|class) {name}\b", file.read_text("utf-8"), re.M), f"{file}: {name}"


def test_the_architecture_names_every_room() -> None:
    text = _read("docs/architecture.md")
    rooms = {
        path.parent.name
        for package in ("extract", "archive", "crawler")
        for path in (ROOT / package).glob("*/__init__.py")
    }
    assert not [room for room in sorted(rooms) if f"`{room}/`" not in text]
