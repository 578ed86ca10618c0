"""What the program says: every message has its Chinese, with the same places for values; codes and JSON stay as they are."""

from __future__ import annotations

import importlib.util
import string
from pathlib import Path
from types import ModuleType

import pytest

from crawler.cli import run
from extract.messages import language_of, localize, speaking

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """The script that collects messages."""
    spec = importlib.util.spec_from_file_location("messages_script", ROOT / ".ci" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_message_lacks_its_translation_and_the_catalogues_are_those_of_the_source(
    messages: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.main(check=True) == 0, capsys.readouterr().out


def test_translations_have_the_places_of_their_messages(messages: ModuleType) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for one in messages.merged():
        if not one.id or "python-brace-format" not in one.flags:
            continue
        ids, texts = ([one.id], [one.string]) if isinstance(one.id, str) else (list(one.id), list(one.string))
        allowed = set[str]().union(*(places(text) for text in ids))
        for text in texts:
            assert places(text) <= allowed, one.id
            assert len(ids) > 1 or places(text) == allowed, one.id


def test_codes_and_members_are_no_messages(messages: ModuleType) -> None:
    said = {message for message in messages.messages() if isinstance(message, str)}
    assert not said & {"published", "late", "missing", "vanished", "present", "revised", "figures", "agency", "year"}


def test_help_and_errors_are_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh", "reports", "--help"]) == 0
    assert "列出已存档的年报。" in capsys.readouterr().out
    assert run(["reports", "--help", "--lang=zh"]) == 0
    assert "显示此说明并退出。" in capsys.readouterr().out
    assert run(["reports", "--help", "--lang", "en"]) == 0
    assert "List the archived reports." in capsys.readouterr().out
    assert run(["--lang", "zh", "agencies", "add", "--xyzzy"]) == 2
    assert capsys.readouterr().err == "错误：没有 '--xyzzy' 这个选项。（见 `ogi agencies add --help`）\n"
    assert run(["--lang", "fr", "reports"]) == 2
    assert capsys.readouterr().err == "Error: --lang 'fr': there are en, zh\n"


def test_json_is_the_same_in_both_languages(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = tmp_path / "report.html"
    document.write_text("<title>示例市2023年政府信息公开工作年度报告</title><p>一、总体情况", "utf-8")
    said = []
    for language in ("zh", "en"):
        assert run(["extract", "--json", str(document), "--lang", language]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "C"}, "zh"),
        ({"OGI_LANG": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"OGI_LANG": "klingon", "LANG": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_language_of_an_environment(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


def test_values_go_into_messages_in_either_language() -> None:
    assert localize("Error: {message}", message="{x}") == "Error: {x}"
    with speaking("zh"):
        assert localize("Error: {message}", message="{x}") == "错误：{x}"
        assert localize("") == ""
        assert localize("no message of ours {") == "no message of ours {"
