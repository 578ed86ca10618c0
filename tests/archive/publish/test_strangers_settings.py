"""What the settings of a received folder can't make a command do: write into somebody's file, wait without an end, end with a traceback."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from archive.errors import BadSettings
from archive.files.folder import Archive
from archive.files.settings import load_settings
from archive.publish.heads import owed, publish_heads
from archive.warc.checkpoint import parse_checkpoint
from archive.warc.notes import BadNote
from archive.warc.posting import post
from archive.warc.timestamps import StampFailed, request_token
from tests.answering import accepting
from tests.archive.publish.test_heads import made, now, place, with_places

__all__ = ["made"]


@pytest.mark.parametrize(
    "text", ["export PATH=/usr/bin\n", "ssh-ed25519 AAAA me@here\n", "\x00\xff", "a\n1\nnot 32 bytes\n", "x" * 100_000]
)
def test_a_file_of_something_else_is_left_as_it_is(made: Archive, tmp_path: Path, text: str) -> None:
    theirs = tmp_path / ".bashrc"
    theirs.write_text(text)
    archive = with_places(made, tmp_path / "a", place("file", theirs))
    (problem,) = publish_heads(archive, now)
    assert "something else than heads" in problem
    assert theirs.read_text() == text
    assert len(owed(archive)) == 1


def test_a_pipe_or_a_folder_is_no_place(made: Archive, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "a"):
        archive = with_places(made, tmp_path / f"of-{name}", place("file", tmp_path / name))
        (tmp_path / "a").mkdir(exist_ok=True)
        (problem,) = publish_heads(archive, now)
        assert "is no file" in problem


@pytest.mark.parametrize(
    "origin",
    ["a b", "a\\n* * * * * x", "$(x)", "`x`", "a;b", "-x", "/bin/x", "a+b", "\\u2028x", "x" * 200, "a\\u202eb"],
)
def test_a_name_of_the_log_that_others_would_obey_is_refused(tmp_path: Path, origin: str) -> None:
    (tmp_path / "ogi.toml").write_text(f'[proof]\norigin = "{origin}"\n')
    with pytest.raises(BadSettings, match=r"proof\.origin"):
        load_settings(tmp_path / "ogi.toml", {})


@pytest.mark.parametrize("origin", ["example.org/ogi", "ogi.example.org:8080/a-b_c", "例.中国/年报"])
def test_names_of_logs(tmp_path: Path, origin: str) -> None:
    (tmp_path / "ogi.toml").write_text(f'[proof]\norigin = "{origin}"\n', "utf-8")
    assert load_settings(tmp_path / "ogi.toml", {}).proof.origin == origin


def test_a_size_of_thousands_of_digits_is_no_checkpoint() -> None:
    for size in ("9" * 5000, "²", "-1", "01", "1_0"):
        with pytest.raises(BadNote):
            parse_checkpoint(f"example.org/ogi\n{size}\n{'A' * 43}=\n")


@contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A service that says anything."""

    def hear_and(channel: socket.socket) -> None:
        channel.recv(65536)
        talk(channel)

    with accepting(hear_and) as port:
        yield f"http://127.0.0.1:{port}"


def _drip(before: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def talk(channel: socket.socket) -> None:
        channel.sendall(before)
        while True:
            channel.sendall(piece)
            time.sleep(0.05)

    return talk


ANSWERS: dict[str, Callable[[socket.socket], None]] = {
    "nothing": lambda channel: None,
    "no HTTP": lambda channel: channel.sendall(b"SSH-2.0-x\r\n"),
    "a status that is none": lambda channel: channel.sendall("HTTP/1.1 ²¹³ x\r\n\r\n".encode()),
    "a length that is none": lambda channel: channel.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx"
    ),
    "too short a body": lambda channel: channel.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"),
    "chunks that are none": lambda channel: channel.sendall(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx"
    ),
    "headers without end": lambda channel: channel.sendall(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500),
    "another address": lambda channel: channel.sendall(
        b"HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    ),
    "a size of thousands of digits": lambda channel: channel.sendall(
        b"HTTP/1.1 409 x\r\nContent-Length: 5000\r\n\r\n" + b"9" * 5000
    ),
    "a head that drips": _drip(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "a line that drips": _drip(b"HTTP/1.1 200 OK\r\nA: ", b"b"),
    "a body that drips": _drip(b"HTTP/1.1 200 OK\r\n\r\n", b"b"),
    "a body that never comes": _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b""),
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_a_service_answers_is_owed_and_ends_in_time(made: Archive, tmp_path: Path, kind: str) -> None:
    with answering(ANSWERS[kind]) as url:
        began = time.monotonic()
        with pytest.raises(StampFailed):
            request_token(url, b"data", timeout_s=1.0)
        archive = with_places(made, tmp_path / "a", place("tsa", url, "timeout = 1.0\n"))
        (problem,) = publish_heads(archive, now)
        assert time.monotonic() - began < 6
    assert "the head was not published at tsa" in problem
    assert len(owed(archive)) == 1


def test_what_is_answered_in_time_is_given_with_its_status() -> None:
    with answering(lambda channel: channel.sendall(b"HTTP/1.1 409 x\r\nContent-Length: 3\r\n\r\n12\n")) as url:
        assert post(url, b"x", {}, timeout_s=5.0, most=100) == (409, b"12\n")
        assert post(url, b"x", {}, timeout_s=5.0, most=1) == (409, b"1")
