"""The deployment files: they parse, name what exists, and call commands that `ogi` has."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]

from crawler.cli import cli

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def assert_runs(words: list[str]) -> None:
    """The words are a command of `ogi` with options that it takes."""
    with click.Context(cli) as ctx:
        command = cli.get_command(ctx, words[0])
    assert command is not None, words
    command.make_context(words[0], words[1:])


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_call_commands_that_exist(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/bin/ogi")
    assert_runs(words)
    assert service["User"] != "root"


def test_the_calendar_has_time_to_close_its_files() -> None:
    service = unit(DEPLOY / "systemd" / "ogi-archive.service")["Service"]
    assert int(service["TimeoutStopSec"]) > 30
    # mixed: SIGTERM goes to the calendar alone, which asks its jobs; a harvest that gets it twice would be cut off
    assert (service["KillMode"], service["KillSignal"]) == ("mixed", "SIGTERM")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_are_valid(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", path.read_text("utf-8")), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True)
    assert path.stem not in done.stderr, done.stderr


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def test_dockerfile_copies_what_exists_and_runs_as_nobody_special() -> None:
    found = instructions()
    stages = [words for verb, words in found if verb == "FROM"]
    assert all(re.fullmatch(r"python:3\.\d+-slim-\w+( AS build)?", stage) for stage in stages)
    allowed = {
        line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    for verb, words in found:
        if verb == "COPY" and "--from" not in words:
            for source in words.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in allowed, source
    verbs = [verb for verb, _ in found]
    assert dict(found)["USER"] not in ("root", "0")
    assert verbs.index("USER") < verbs.index("ENTRYPOINT")
    entry, command = (json.loads(dict(found)[verb]) for verb in ("ENTRYPOINT", "CMD"))
    assert entry == ["ogi"]
    assert_runs(command)


def test_extras_of_the_image_exist() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = re.findall(r'"\.\[([\w,]+)\]"', (DEPLOY / "Dockerfile").read_text("utf-8"))
    assert wanted
    assert set(wanted[0].split(",")) <= set(extras)


def test_compose_file() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    version = re.search(r'(?m)^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert version is not None
    for service in compose["services"].values():
        assert service["image"] == f"ogi-archive:{version.group(1)}"
        assert (
            DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]
        ).resolve() == DEPLOY / "Dockerfile"
        assert_runs(service["command"])
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        assert service["healthcheck"]["test"][0] == "CMD"
        compile(service["healthcheck"]["test"][-1], "healthcheck", "exec")
    calendar = compose["services"]["calendar"]
    assert int(calendar["stop_grace_period"].rstrip("s")) > 30
    port = calendar["command"][calendar["command"].index("--metrics-port") + 1]
    assert f"127.0.0.1:{port}/healthz" in calendar["healthcheck"]["test"][-1]
