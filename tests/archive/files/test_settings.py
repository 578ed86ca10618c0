from __future__ import annotations

import re
import tomllib
from datetime import time
from pathlib import Path

import pytest

from archive.errors import BadSettings, NewerArchive
from archive.files.settings import FORMAT, Settings, known_web_archives, load_settings, template
from extract.messages import speaking


def load(
    tmp_path: Path, text: str, environment: dict[str, str] | None = None, overrides: dict[str, object] | None = None
) -> Settings:
    path = tmp_path / "ogi.toml"
    path.write_text(text, "utf-8")
    return load_settings(path, environment or {}, overrides)


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Settings()
    assert Settings().harvest.delay == 2.0


def test_the_template_is_the_defaults_with_every_key_explained(tmp_path: Path) -> None:
    assert load(tmp_path, template()) == Settings()
    uncommented = "\n".join(line.removeprefix("# ") if " = " in line else line for line in template().splitlines())
    assert "delay = 2.0" in uncommented
    tables = tomllib.loads(uncommented.replace("# [[", "[["))
    assert tables["schedule"]["job"][0]["run"] == "harvest"
    assert set(tables["notify"][0]) == {"url", "events", "portals", "agencies", "format"}


def test_values_of_the_template_are_set(tmp_path: Path) -> None:
    settings = load(tmp_path, template({"operator.name": 'A "B" \\ 中', "proof.sign": True}))
    assert (settings.operator.name, settings.proof.sign) == ('A "B" \\ 中', True)


def test_file_environment_and_override_follow_each_other(tmp_path: Path) -> None:
    text = "[harvest]\ndelay = 3\n"
    assert load(tmp_path, text).harvest.delay == 3.0
    environment = {"OGI_HARVEST_DELAY": "4", "OGI_PROOF_SIGN": "true", "OGI_ARCHIVE": "/x", "HOME": "/root"}
    settings = load(tmp_path, text, environment)
    assert (settings.harvest.delay, settings.proof.sign) == (4.0, True)
    assert load(tmp_path, text, environment, {"harvest.delay": 0.0}).harvest.delay == 0.0


@pytest.mark.parametrize(
    ("text", "environment", "said"),
    [
        ("[harvest]\ndeley = 1", {}, r"unknown setting 'harvest.deley' in .*ogi.toml; known here: delay, jitter"),
        ("[havest]\ndelay = 1", {}, r"unknown setting 'havest'"),
        ("[[notify]]\nurl = 'json://x'\nevent = ['a']", {}, r"unknown setting 'notify.event'"),
        ("[[schedule.job]]\nwhen = '1'", {}, r"unknown setting 'schedule.job.when'"),
        ("", {"OGI_HARVEST_DELEY": "1"}, r"'harvest.deley' in environment variable OGI_HARVEST_DELEY"),
        ("[harvest]\ndelay = 'x'", {}, r"'harvest.delay' in .*ogi.toml must be a number, not 'x'"),
        ("[harvest]\ndelay = true", {}, r"must be a number, not True"),
        ("[harvest]\nretries = 1.5", {}, r"must be a whole number, not 1.5"),
        ("[proof]\nsign = 1", {}, r"must be true or false, not 1"),
        ("", {"OGI_PROOF_SIGN": "maybe"}, r"OGI_PROOF_SIGN must be true or false, not 'maybe'"),
        ("[operator]\nname = 1", {}, r"must be a text in quotes, not 1"),
        ("[harvest]\ndelay = -1", {}, r"'harvest.delay' in .* is out of range: -1"),
        ("[harvest]\ndelay = nan", {}, r"out of range"),
        ("[serve]\nport = 70000", {}, r"out of range"),
        ("[harvest]\nquiet_hours = 'night'", {}, r"quiet_hours' in .* must look like"),
        ("[schedule]\ntimezone = 'Mars/Base'", {}, r"no time zone: 'Mars/Base'"),
        ("[[schedule.job]]\nat = '25:00'", {}, r"time of day"),
        ("[[notify]]\nevents = ['revised']", {}, r"has no url"),
        ("[[notify]]\nurl='x'\nevents = 1", {}, r"'notify.events' in .* must be a list"),
        ("harvest = 1", {}, r"\[harvest\] in .* must be a table"),
        ("harvest = 1", {"OGI_HARVEST_DELAY": "1"}, r"\[harvest\] in .* must be a table"),
        ("[harvest\n", {}, r"ogi.toml is no valid TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        load(tmp_path, text, environment)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "ogi.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSettings, match="no valid TOML"):
        load_settings(tmp_path / "ogi.toml", {})


def test_a_newer_layout_is_refused_before_its_keys_are_read(tmp_path: Path) -> None:
    with pytest.raises(NewerArchive, match="install a newer"):
        load(tmp_path, f"[archive]\nformat = {FORMAT + 1}\nunheard_of = 1\n")


def test_lists_of_entries_are_typed(tmp_path: Path) -> None:
    text = "[[notify]]\nurl = 'json://x'\nevents = ['revised']\n[[schedule.job]]\nname = 'n'\nat = '03:15'\nlimit_minutes = 5\n"
    settings = load(tmp_path, text)
    assert settings.notify[0].events == ("revised",)
    assert (settings.schedule.job[0].at, settings.schedule.job[0].limit_minutes) == ("03:15", 5.0)


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("", "ogi-archive/1"),
        ("a@b.cn", "ogi-archive/1 (+mailto:a@b.cn)"),
        ("mailto:a@b.cn", "ogi-archive/1 (+mailto:a@b.cn)"),
        ("https://b.cn/bot", "ogi-archive/1 (+https://b.cn/bot)"),
    ],
)
def test_requests_say_who_asks(tmp_path: Path, contact: str, agent: str) -> None:
    assert load(tmp_path, f"[operator]\ncontact = '{contact}'").user_agent("1") == agent


def test_a_user_agent_of_ones_own_is_used(tmp_path: Path) -> None:
    assert load(tmp_path, "[operator]\nuser_agent = 'x/1'").user_agent("1") == "x/1"


def test_quiet_hours_may_end_the_next_day(tmp_path: Path) -> None:
    assert load(tmp_path, "[harvest]\nquiet_hours = '22:00 - 06:30'").quiet() == (time(22), time(6, 30))
    assert load(tmp_path, "").quiet() is None


def test_a_new_file_is_commented_in_the_language_spoken_and_says_the_same(tmp_path: Path) -> None:
    with speaking("zh"):
        chinese = template({"operator.name": "某研究组"})
    english = template({"operator.name": "某研究组"})
    assert load(tmp_path, chinese) == load(tmp_path, english)
    keys = [line for line in chinese.splitlines() if " = " in line]
    assert keys == [line for line in english.splitlines() if " = " in line]
    comments = [line for line in chinese.splitlines() if line.startswith("#") and " = " not in line]
    assert all(re.search("[\u4e00-\u9fff]", line) for line in comments), comments


def test_known_web_archives_stand_commented_in_the_template_and_can_be_named(tmp_path: Path) -> None:
    assert load(tmp_path, template()).backfill == ()
    named = load(tmp_path, template() + "".join(known_web_archives())).backfill
    assert [(one.name, one.kind) for one in named] == [
        ("ia", "cdx"),
        ("arquivo", "pywb"),
        ("commoncrawl", "commoncrawl"),
    ]
    assert all(one.index.startswith("https://") for one in named)
