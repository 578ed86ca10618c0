"""Manners of the command line: one line for every error, clean stdout, pipes, locales, empty archives, interruptions."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import random
import re
import signal
import socket
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import click
import pytest

from crawler.cli import COMMANDS, cli, run
from crawler.cli.reference import commands

LISTS = ("reports", "changes", "findings", "obligations", "agencies")


def ogi(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run `ogi` as a user does, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "crawler", *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A fresh archive without a single harvest."""
    assert run(["init", "--archive", str(tmp_path / "archive")]) == 0
    capsys.readouterr()
    return tmp_path / "archive"


@pytest.mark.parametrize("path", [" ".join(path) for path, _ in commands()])
def test_every_command_has_the_common_options_and_explains_itself(path: str) -> None:
    command = {" ".join(path): command for path, command in commands()}[path]
    names = {name for param in command.params for name in param.opts}
    is_group, needs_archive = (
        isinstance(command, click.Group) and not command.invoke_without_command,
        path != "completion",
    )
    folder = "--hub" if path.startswith("hub ") else "--archive"
    assert is_group or ({folder, "--json", "-v"} if needs_archive else {"-v"}) <= names
    assert command.help is not None
    assert command.help.strip().endswith((".", "below)."))
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help
            assert param.help.rstrip("]) ").endswith((".", "0")), f"{path} {param.opts}"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["reports", "--archive", "nowhere"], "ogi init"),
        (["reports", "--archive", "file.txt"], "is no archive"),
        (["status", "--archive", "broken"], "no valid TOML"),
        (["status", "--archive", "unknown"], "unknown setting 'archive.nme'"),
        (["portals", "--portals", "bad.toml"], "portal.foo"),
        (["portals", "--portals", "junk.bin"], "not UTF-8"),
        (["extract", "nowhere.pdf"], "No such file"),
        (["extract", "junk.bin"], "of no kind that can be read"),
        (["extract"], "ogi extract --help"),
        (["harvst"], "No such command"),
        (["diff", "x", "--archive", "made"], "no report x"),
        (["changes", "--since", "gestern", "--archive", "made"], "gestern"),
        (["obligations", "--as-of", "2021-02-30", "--archive", "made"], "2021-02-30"),
        (["findings", "--check", "x", "--archive", "made"], "balance"),
        (["agencies", "import", "junk.bin", "--archive", "made"], "CSV"),
        (["import", "folder", "--archive", "made"], "is a folder"),
        (
            ["import", "junk.bin", "--url", "http://a.gov.cn/", "--date", "2021-01-01", "--archive", "made"],
            "junk.bin: ",
        ),
        (["export", "--to", "made/warc", "--archive", "made"], "another folder"),
        (["publish", "--to", ".", "--archive", "made"], "holds something else"),
        (["probe", "ftp://x/"], "http://"),
        (["harvest", "--archive", "made"], "operator.contact"),
        (["harvest", "--portal", "nope", "--archive", "made"], "no portal has the id 'nope'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_error_is_one_line_and_status_2(
    args: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, settings in {"made": "", "broken": "[archive\n", "unknown": '[archive]\nnme = "x"\n'}.items():
        assert run(["init", "--archive", name]) == 0
        if settings:
            Path(name, "ogi.toml").write_text(settings, encoding="utf-8")
    Path("made", "ogi.db").unlink(missing_ok=True)
    assert run(["reports", "--archive", "made"]) == 0
    Path("file.txt").write_text("hi\n", encoding="utf-8")
    Path("junk.bin").write_bytes(random.Random(1).randbytes(3000))
    Path("folder").mkdir()
    Path("bad.toml").write_text('[portal]\nid="a"\nname="x"\nurl="http://a.gov.cn/"\nfoo=1\n', encoding="utf-8")
    capsys.readouterr()
    assert run(args) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ")
    assert captured.err.count("\n") == 1
    assert said in captured.err
    assert "defect" not in captured.err


def _minimal(command: click.Command) -> list[str]:
    """Arguments and options that a command can't do without."""
    words = []
    for param in command.params:
        if isinstance(param, click.Argument) and param.required:
            words.append("file.txt" if isinstance(param.type, click.Path) else "x")
        elif isinstance(param, click.Option) and param.required:
            words += [
                param.opts[0],
                "2020" if isinstance(param.type, click.IntRange | click.types.IntParamType) else "x",
            ]
    return words


@pytest.mark.parametrize(
    "slip", ["an unknown option", "an option misspelt", "no folder", "a file", "a folder of something else"]
)
def test_a_slip_in_any_command_is_one_line_and_status_2(
    slip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file.txt").write_text("x", "utf-8")
    Path("else").mkdir()
    Path("else", "letter.txt").write_text("x", "utf-8")
    place = {"no folder": "nowhere", "a file": "file.txt", "a folder of something else": "else"}.get(slip)
    for path, command in commands():
        if isinstance(command, click.Group) and not command.invoke_without_command:
            continue
        folder = "--hub" if path[0] == "hub" else "--archive"
        known = [name for param in command.params for name in param.opts if name.startswith("--")]
        if place is not None and (folder not in known or (slip != "a file" and path[0] in ("init", "demo"))):
            continue  # these two make the folder
        words = {"an unknown option": ["--xyzzy"], "an option misspelt": [f"{known[0]}x"]}.get(slip)
        line = [*path, *_minimal(command), *(words or [folder, str(place)])]
        assert run(line) == 2, line
        said = capsys.readouterr()
        assert said.out == "", line
        assert said.err.startswith("Error: "), line
        assert said.err.count("\n") == 1, line
        assert "defect" not in said.err, line
        if slip == "an option misspelt":
            assert f"'{known[0]}'" in said.err, line
        assert sorted(path.name for path in tmp_path.iterdir()) == ["else", "file.txt"], line


@pytest.mark.parametrize("command", LISTS)
def test_a_list_of_an_empty_archive_is_no_line_of_json(
    command: str, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--archive", str(empty), "--json"]) == 0
    assert capsys.readouterr() == ("", "")
    assert run([command, "--archive", str(empty)]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_of_an_empty_archive_nothing_is_proved_and_nothing_is_damaged(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, status in (("verify", 3), ("reports", 0), ("verify", 3), ("rebuild", 0), ("verify", 3)):
        assert run([command, "--archive", str(empty)]) == status, capsys.readouterr().out


def test_export_and_publish_of_an_empty_archive_say_nothing_on_stderr(
    empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["reports", "--archive", str(empty)]) == 0
    capsys.readouterr()
    for command, key in (("export", "files"), ("publish", "reports")):
        assert run([command, "--archive", str(empty), "--to", str(tmp_path / command), "--json"]) == 0
        captured = capsys.readouterr()
        assert key in json.loads(captured.out)
        assert captured.err == ""


def test_the_archive_may_come_from_the_environment(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_ARCHIVE", str(empty))
    assert run(["reports"]) == 0
    assert run(["reports", "--archive", "nowhere"]) == 2


def test_a_reader_that_goes_away_is_no_error(empty: Path) -> None:
    program = [sys.executable, "-m", "crawler", "portals", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        found = subprocess.run(program, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    finally:
        os.close(writing)
    assert (found.returncode, found.stderr) == (0, b"")


def test_a_locale_without_chinese_gets_escapes(empty: Path) -> None:
    listed = ogi("portals", PYTHONIOENCODING="latin-1")
    assert (listed.returncode, listed.stderr) == (0, b"")
    lines = ogi("portals", "--json", PYTHONIOENCODING="latin-1").stdout.splitlines()
    assert {json.loads(line)["id"]: json.loads(line)["name"] for line in lines}["ouhai"] == "温州市瓯海区人民政府"


def test_python_m_crawler_is_ogi_and_plain_when_piped() -> None:
    found = ogi("--help")
    assert found.returncode == 0
    assert b"\x1b" not in found.stdout
    assert all(name.encode() in found.stdout for name in COMMANDS)
    assert set(cli.list_commands(click.Context(cli))) == set(COMMANDS)


def test_a_port_in_use_is_said_before_anything_else(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reports", "--archive", str(empty)]) == 0
    capsys.readouterr()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert run(["serve", "--archive", str(empty), "--port", str(taken.getsockname()[1])]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "another --port" in captured.err


def test_serve_says_where_it_listens_and_ctrl_c_ends_it(empty: Path) -> None:
    assert run(["reports", "--archive", str(empty)]) == 0
    site = subprocess.Popen(
        [sys.executable, "-m", "crawler", "serve", "--archive", str(empty), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_ctrl_c,
    )
    assert site.stdout is not None
    url = json.loads(site.stdout.readline())["url"]
    assert not url.endswith(":0/")
    site.send_signal(signal.SIGINT)
    _, said = site.communicate(timeout=30)
    assert site.returncode in (0, 130)
    assert b"Traceback" not in said


def hear_ctrl_c() -> None:
    """For a new process: what a shell starts in the background ignores Ctrl-C, and hands that down to the tests and their processes."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_in_the_middle_is_130_and_one_line() -> None:
    reading = subprocess.Popen(
        [sys.executable, "-m", "crawler", "extract", "-v", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_ctrl_c,
    )
    assert reading.stdin is not None
    reading.stdin.write(b"<p>" + b"x" * 1_000_000)  # more than a pipe holds: once it is written, the command is reading
    reading.stdin.flush()
    state = Path(f"/proc/{reading.pid}/stat")
    while state.read_text().rpartition(")")[2].split()[0] != "S":  # asleep: it waits for the rest
        time.sleep(0.01)
    reading.send_signal(signal.SIGINT)
    reading.wait(timeout=120)  # and its input is still open
    out, said = reading.communicate()
    assert (reading.returncode, said.decode()) == (130, "Interrupted; everything written so far is kept.\n")
    assert out == b""


def test_ctrl_c_while_a_document_is_read_is_not_lost(tmp_path: Path) -> None:
    """At any moment from the fork of the reading process on, whose hooks swallow what is raised in them."""
    page = tmp_path / "page.html"  # one whose reading takes seconds
    page.write_text("<body>" + f"<table>{('<tr>' + '<td>1</td>' * 30 + '</tr>') * 30}</table>" * 160, "utf-8")
    reading = subprocess.Popen(
        [sys.executable, "-m", "crawler", "extract", str(page)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hear_ctrl_c,
    )
    children = Path(f"/proc/{reading.pid}/task/{reading.pid}/children")
    while not children.read_text():
        assert reading.poll() is None
        time.sleep(0.01)
    reading.send_signal(signal.SIGINT)
    out, said = reading.communicate()
    assert (reading.returncode, out, said.decode()) == (130, b"", "Interrupted; everything written so far is kept.\n")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "gb18030"])
@pytest.mark.parametrize("stream", ["out", "err"])
def test_nothing_that_a_terminal_obeys_is_printed(stream: str, encoding: str) -> None:
    raw = "甲\x1b[31m\x1b]0;x\x07\x9b5n\u202e\u2066\u061c\u200f\u2028\x7f"
    call = "click.echo" if stream == "out" else "functools.partial(click.echo, err=True)"
    script = (
        "import functools, click; from archive.work.speaking import speak_safely; speak_safely(); say = "
        f"{call}; say({raw!r}); say('政务\\tok'); print({raw!r}, file=__import__('sys').std{stream})"
    )
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True, encoding=encoding, env=env
    )
    said = done.stdout if stream == "out" else done.stderr
    assert not any(
        unicodedata.category(char) in ("Cc", "Cf", "Zl") for char in said.replace("\n", "").replace("\t", "")
    )
    assert "\\u202e" in said
    assert ("\\u653f\\u52a1\tok" if encoding == "ascii" else "政务\tok") in said


def on_a_terminal(*words: str, cwd: Path) -> str:
    """What a command writes to a terminal that is its stdout and stderr."""
    reading, writing = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *words],
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        cwd=cwd,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(writing)
    said = b""
    with contextlib.suppress(OSError):  # the other side is closed
        while part := os.read(reading, 65536):
            said += part
    process.wait()
    os.close(reading)
    return said.decode()


NAMES = [
    "a\x1b[1A\x1b[2K.html",
    "a\x1b[8m.html",
    "a\x1b]0;x\x07.html",
    "a\u202e.html",
    "a[/b].html",
    "a\nError: b.html",
    "a\x9b2J.html",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_terminal_obeys_this_program_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(f"<html><title>{name}</title><p>{name}</p></html>", "utf-8")
    root = str(Path(__file__).parents[1])
    call = f"import sys; sys.path.insert(0, {root!r}); from crawler.cli import run; sys.exit(run(sys.argv[1:]))"
    said = on_a_terminal("-c", call, "extract", name, cwd=tmp_path)
    said += on_a_terminal("-c", call, "import", name, "--archive", name, cwd=tmp_path)
    assert not re.search(r"^Error: b", said, re.MULTILINE)
    shown = (
        f"import sys; sys.path.insert(0, {root!r}); from archive.work.speaking import speak_safely; speak_safely(); import click\n"
        "from crawler.cli.progress import lines_on_terminal\n"
        "with lines_on_terminal() as tell:\n"
        "    name = sys.argv[1]; tell('looking through ' + name); click.echo(name, err=True); print(name); import time; time.sleep(0.3)\n"
    )
    said += on_a_terminal("-c", shown, name, cwd=tmp_path)
    assert "Traceback" not in said
    for sequence in ("\x1b[1A\x1b[2K.html", "\x1b[8m", "\x1b]0;", "\x07", "\u202e", "\x9b"):
        assert sequence not in said
