"""What the program says: every message has its Chinese, with the same places for values; codes and JSON stay as they are."""

from __future__ import annotations

import re
import string
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawler.cli import run
from extract.messages import heading, language_of, localize, speaking
from extract.messages.sentences import localized
from tests.scripts import load_script


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    """The script that collects messages."""
    return load_script("messages")


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


def test_every_sentence_is_recognised_by_its_template_and_said_with_its_values(messages: ModuleType) -> None:
    """Filled with values, each template gives its own translation with the same values; those too short to be recognised are none."""
    with speaking("zh"):
        for message, translation in [(one.id, one.string) for one in _own(messages)]:
            names = list(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(message) if name))
            values = {name: f"x{number}y" for number, name in enumerate(names)}
            said = localized(message.format(**values))
            assert not names or said.strip().replace(": ", "：") == translation.format(**values).strip().replace(
                ": ", "："
            ), message


def _own(messages: ModuleType) -> list[Any]:
    """Messages of the packages whose values are put in as they are, with at least six letters and a space of their own."""
    said = messages.sentences()
    return [
        one
        for one in messages.merged()
        if one.id in said
        and not one.context
        and all(not spec and not conversion for _, _, spec, conversion in string.Formatter().parse(one.id))
        and sum(map(str.isalpha, re.sub(r"\{\w*\}", "", one.id))) > 5
    ]


def test_sentences_in_sentences_are_said_too_and_what_is_not_ours_stays() -> None:
    reason = "not there on 2021-04-02; since then the lists could not be read: a.gov.cn blocked 3 requests in a row"
    with speaking("zh"):
        assert localized(reason) == "2021-04-02 不在那里；此后列表无法读取：a.gov.cn 连续拦截了 3 次请求"
        assert localized("  gone.html: the file is empty; download it again") == "  gone.html：文件为空；请重新下载"
        assert localized("reading    proved      0 lines") == "reading    proved      0 行"
        for foreign in (
            "关于此事的 report",
            "published",
            "balance",
            "{x}",
            "%s",
            "a\nb",
            " is no ",
            ": : ; ",
            "x" * 5000,
        ):
            assert localized(foreign) == foreign
    assert localized(reason) == reason


def test_sentences_of_any_length_are_recognised_at_once() -> None:
    """Looking for a template's texts is no search that grows with the square of a text from outside."""
    began = time.process_time()
    with speaking("zh"):
        localized(" is no code of GB/T 2260; must be a list, not" * 80)
    assert time.process_time() - began < 5


def test_headings_are_words_of_their_own() -> None:
    with speaking("zh"):
        assert heading("agency") == "机关"
        assert localize("agency") == localized("agency") == "agency"
        assert heading("no heading of ours") == "no heading of ours"


def test_errors_and_lines_of_our_own_are_in_chinese(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["--lang", "zh", "status", "--archive", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"错误：{tmp_path} 不是档案（其中没有 ogi.toml）：请用 `ogi init --archive {tmp_path}` 建立\n"
    )
    place = tmp_path / "a"
    assert run(["--lang", "zh", "init", "--archive", str(place)]) == 0
    assert capsys.readouterr().out == (
        f"已建立档案 {place}。\n下一步：把您的联系方式写入 {place}/ogi.toml，然后运行 `ogi harvest`。\n"
    )
    assert run(["--lang", "zh", "status", "--archive", str(place)]) == 0
    said = capsys.readouterr().out
    assert "尚未运行过。\n尚未核验。\n" in said
    assert not re.search("[a-z]+ [a-z]+ [a-z]+", said), said
    assert run(["--lang", "zh", "findings", "--archive", str(place), "--check", "balanced"]) == 2
    assert capsys.readouterr().err.startswith("错误：--check 的值无效：'balanced' 不是核对项；可用的有 balance, ")


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
