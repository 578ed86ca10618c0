"""Answers that no server should give: each is an answer or `unreachable`, and none costs the exchange after it."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from crawler.http.transport import Answer, TransportError
from tests.crawler.http.test_transport import ask, client, server

PAGE = b"<html><body>" + b"a" * 300 + b"</body></html>"
GZIPPED = gzip.compress(PAGE)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 \xb2\xb9\xb3 OK",
        b"HTTP/1.1 -12 OK",
        b"HTTP/1.1 2 OK",
        b"HTTP/1.1 000 OK",
        b"HTTP/1.1 +20 OK",
        b"HTTP/1.1 2_0 OK",
        "HTTP/1.1 ２００ OK".encode(),
        b"HTTP/1.1",
        b"ICY 200 OK",
    ],
)
def test_odd_status(head: bytes) -> None:
    with pytest.raises(TransportError) as failure:
        ask(head + b"\r\nContent-Length: 0\r\n\r\n")
    assert failure.value.verdict == "unreachable"


@pytest.mark.parametrize(
    "length", [b"\xb2", b"9" * 5000, b"-5", b"+5", b"5, 5", b"5_0", b"0x5", b"1e3", "５".encode(), b""]
)
def test_a_length_that_is_none_is_no_frame(length: bytes) -> None:
    answer = ask(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\nabcde")
    assert (answer.body, answer.truncated) == (b"abcde", None)


@pytest.mark.parametrize("size", [b"-5", b"+5", b"5_0", b"0x5", b"F" * 40, b"\xb2"])
def test_an_odd_chunk_ends_what_can_be_read(size: bytes) -> None:
    answer = ask(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + size + b"\r\nabcde\r\n0\r\n\r\n"
    )
    assert (answer.body, answer.truncated) == (b"abc", "disconnect")


@pytest.mark.parametrize(
    "break_", [b"\x0b", b"\x0c", b"\x1c", b"\x1d", b"\x1e", b"\x85", "\x85".encode(), "\u2028".encode(), b"\r"]
)
def test_nothing_but_a_line_feed_ends_a_line(break_: bytes) -> None:
    answer = ask(
        b"HTTP/1.1 200 OK\r\nX-A: b" + break_ + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nabcde"
    )
    assert [name for name, _ in answer.headers] == ["X-A", "Content-Length"]
    assert (answer.body, answer.truncated) == (b"abcde", None)


@pytest.mark.parametrize("blank", [b"\x0b", b"\xa0", b"\x85", b"\x00"])
def test_a_name_is_not_cleaned_until_it_fits(blank: bytes) -> None:
    answer = ask(b"HTTP/1.1 200 OK\r\nTransfer-Encoding" + blank + b": chunked\r\nContent-Length: 5\r\n\r\nabcde")
    assert answer.body == b"abcde"


@pytest.mark.parametrize(
    "url",
    [
        "http://[::1/",
        "http://a\u2100b/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://" + "a" * 300 + "/",
        "http:///x",
        "http://a..b/",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    async def run() -> Answer:
        return await client().exchange("GET", url, [], b"")

    with pytest.raises(TransportError) as failure:
        asyncio.run(run())
    assert failure.value.verdict == "unreachable"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + GZIPPED,
        b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GZIPPED) + GZIPPED + b"\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PAGE) + PAGE,
        b"Content-Length: 9999\r\n\r\n" + PAGE + b"\n",
    ],
    ids=["length of the unpacked page", "no last chunk, gzip", "no last chunk", "too long a length"],
)
@pytest.mark.parametrize("stay", [False, True], ids=["closed", "left open"])
def test_a_whole_body_under_a_wrong_frame(raw: bytes, stay: bool) -> None:
    answer = ask(b"HTTP/1.1 200 OK\r\n" + raw, timeout_s=0.4, stay=stay)
    assert answer.truncated is None
    assert answer.frame.startswith("a whole body of ")
    assert answer.body.rstrip() in (PAGE, GZIPPED)


LATE = b"HTTP/1.0 408 Request Time-out\r\nConnection: close\r\n\r\nlate"


@pytest.mark.parametrize("late", [LATE, b"\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\x00"])
def test_what_comes_unasked_answers_nothing(late: bytes) -> None:
    seen = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            seen.append(head.split()[1])
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + head.split()[1][:2] + late)
            await writer.drain()

    async def run() -> list[Answer]:
        async with server(talk) as port:
            http = client()
            try:
                answers = []
                for name in "abc":
                    answers.append(await http.exchange("GET", f"http://127.0.0.1:{port}/{name}", [], b""))
                    await asyncio.sleep(0.05)
                return answers
            finally:
                await http.close()

    assert [answer.body for answer in asyncio.run(run())] == [b"/a", b"/b", b"/c"]
    assert seen == [b"/a", b"/b", b"/c"]


def test_a_408_on_a_kept_connection_is_asked_again_on_a_fresh_one() -> None:
    connections = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LATE)

    async def run() -> list[Answer]:
        async with server(talk) as port:
            http = client()
            try:
                return [await http.exchange("GET", f"http://127.0.0.1:{port}/", [], b"") for _ in range(3)]
            finally:
                await http.close()

    assert [(answer.status, answer.body) for answer in asyncio.run(run())] == [(200, b"ok")] * 3
    assert len(connections) == 3
