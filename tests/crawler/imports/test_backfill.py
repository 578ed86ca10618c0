"""`ogi backfill` against a web archive on loopback: what it gives is kept as its look; what it refuses, mixes up or lacks claims nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.clock import SystemClock
from archive.files.folder import Archive
from archive.verify.run import VerifyOptions, verify
from crawler.cli import run
from crawler.imports.files import import_archives
from crawler.imports.web_archives import Row
from crawler.replica.documents.invent import invent
from tests.archive.season import page
from tests.crawler.imports.test_foreign_records import PAGE, URL, answer, captures, put, told

OLD = page(invent("示例市财政局", 2022, 8))
T1, T2, T3 = "20230121010000", "20230215010000", "20230301010000"


def sha1(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


@dataclass
class Public:
    """A web archive: rows of its index (`kind` tells the dialect) and what a replay answers."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    bodies: dict[str, tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    refusals: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    pages: int = 1
    base: str = ""

    def hold(
        self, at: str, body: bytes, *, digest: str = "", url: str = URL, status: str = "200", **headers: str
    ) -> None:
        self.rows.append((at, url, status, digest or sha1(body)))
        self.bodies[at] = (body, {name.replace("_", "-"): value for name, value in headers.items()})

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        parts = urlsplit(path)
        for prefix, (status, headers) in self.refusals.items():
            if path.startswith(prefix):
                return status, headers, b"no"
        if parts.path in ("/cdx", "/pywb"):
            return 200, {}, self.index(parts.path, parse_qs(parts.query)).encode()
        if not parts.path.startswith("/web/"):
            return 404, {}, b""
        at = parts.path.split("/")[2].removesuffix("id_")
        body, headers = self.bodies[at]
        moment = Row(at, URL, "").at
        return (
            200,
            {"Content-Type": "text/html", "Memento-Datetime": format_datetime(moment, usegmt=True)} | headers,
            body,
        )

    def index(self, path: str, query: dict[str, list[str]]) -> str:
        if path == "/pywb":
            names = ("timestamp", "url", "status", "digest")
            return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in self.rows)
        table = [["timestamp", "original", "statuscode", "digest"], *map(list, self.rows)]
        if self.pages == 1:
            return json.dumps(table)
        done = int(query.get("resumeKey", ["0"])[0])
        rest: list[Any] = [[], [str(done + 1)]] if done + 1 < len(self.rows) else []
        return json.dumps([table[0], table[done + 1], *rest])


@pytest.fixture
def public() -> Iterator[Public]:
    found = Public()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = found.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows one report."""
    folder = tmp_path_factory.mktemp("known")
    file = put(folder / "x.warc.gz", answer("2024-01-02T00:00:00Z"))
    import_archives(Archive.create(folder / "a"), [file], [], SystemClock(), workers=1)
    return folder / "a"


@pytest.fixture
def root(tmp_path: Path, known: Path, public: Public) -> Path:
    """An archive that names the web archive in both dialects."""
    archive = Archive.open(Path(shutil.copytree(known, tmp_path / "a")))
    entries = [
        f'[[backfill]]\nname = "{kind}"\nkind = "{kind}"\nindex = "{public.base}/{kind}"\nreplay = "{public.base}/web"\n'
        for kind in ("cdx", "pywb")
    ]
    with (archive.root / "ogi.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n" + "\n".join(entries))
    return archive.root


def ask(
    root: Path, capsys: pytest.CaptureFixture[str], *options: str, source: str = "cdx"
) -> tuple[int, dict[str, Any], str]:
    status = run(["backfill", "--archive", str(root), "--from", source, "--json", *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if out else {}, err


@pytest.mark.parametrize("source", ["cdx", "pywb"])
def test_old_captures_are_looks_of_the_archive_that_gave_them(
    root: Path, public: Public, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    public.pages = 3
    public.hold(T1, gzip.compress(OLD, mtime=0), Content_Encoding="gzip")
    public.hold(T2, PAGE)
    public.hold(T3, PAGE)
    status, found, err = ask(root, capsys, source=source)
    assert (status, found["written"], found["problems"]) == (0, 2, []), err
    archive = Archive.open(root)
    changes = sorted(
        (one["origin"]["at"], one["kind"], one["origin"].get("archive"), one["origin"]["how"]) for one in told(archive)
    )
    assert changes == [
        ("2023-01-21T01:00:00Z", "published", source, "asked"),
        ("2023-02-15T01:00:00Z", "revised", source, "asked"),
    ]
    assert [one for one in public.asked if f"{T3}id_" in one] == [], "the same payload is asked for once"
    assert not list((root / "work").glob("backfill-*"))
    assert verify(archive, VerifyOptions(workers=1, deep=True)).is_whole
    before = len(captures(archive))
    again = ask(root, capsys, source=source)
    assert (again[0], again[1]["written"], again[1]["known"], len(captures(archive))) == (0, 0, 3, before)


@pytest.mark.parametrize(("status", "place"), [(403, "/cdx"), (503, "/cdx"), (429, f"/web/{T2}")])
def test_a_refusal_ends_the_asking_and_keeps_what_came(
    root: Path, public: Public, status: int, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.hold(T2, PAGE)
    public.refusals[place] = (status, {"Retry-After": "120"})
    done, found, err = ask(root, capsys)
    assert done == 1
    assert f"{status} (Retry-After: 120)" in found["stopped"]
    assert found["stopped"] in err
    assert found["written"] == (0 if place == "/cdx" else 1)
    assert len([one for one in public.asked if one.startswith(place)]) == 1


def test_bytes_that_contradict_the_index_are_set_aside_by_name(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, digest=sha1(PAGE))
    before = told(Archive.open(root))
    status, found, _ = ask(root, capsys)
    assert (status, found["written"]) == (1, 0)
    assert "its digest differs" in found["problems"][0]
    assert URL in found["problems"][0]
    assert told(Archive.open(root)) == before
    assert any(OLD in gzip.decompress(one.read_bytes()) for one in (root / "warc").glob("*.warc.gz"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Memento_Datetime": "Tue, 03 Jan 2023 00:00:00 GMT"},
        {"Memento_Datetime": ""},
    ],
)
def test_another_capture_and_the_archives_own_page_are_not_taken(
    root: Path, public: Public, headers: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, **headers)
    status, found, _ = ask(root, capsys)
    assert (status, found["written"], len(found["problems"])) == (1, 0, 1)


def test_a_redirect_to_another_time_is_not_followed(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.refusals[f"/web/{T1}id_"] = (302, {"Location": f"{public.base}/web/{T2}id_/{URL}"})
    status, found, _ = ask(root, capsys)
    assert (status, found["written"]) == (1, 0)
    assert "another capture" in found["problems"][0]
    assert not [one for one in public.asked if f"{T2}id_" in one]


def test_a_dry_run_asks_the_index_alone_and_stores_nothing(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    before = sorted((one, one.stat().st_size) for one in (root / "warc").iterdir())
    status, found, _ = ask(root, capsys, "--dry-run")
    assert (status, [one["at"] for one in found["captures"]], found["written"]) == (0, ["2023-01-21T01:00:00Z"], 0)
    assert not [one for one in public.asked if one.startswith("/web/")]
    assert sorted((one, one.stat().st_size) for one in (root / "warc").iterdir()) == before


def test_rows_that_prove_nothing_are_counted_and_left(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, b"gone", status="404")
    public.hold(T2, OLD, url=URL.upper())
    public.hold(T3, OLD, digest="unknown")
    public.hold("2023", OLD)
    public.hold("20190101000000", OLD)
    before = told(Archive.open(root))
    status, found, _ = ask(root, capsys, "--since", "2020")
    assert (status, found["written"], sum(found["left"].values())) == (0, 0, 5)
    assert told(Archive.open(root)) == before


def test_what_a_dead_run_had_fetched_is_brought_in(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    left = put(root / "work" / "backfill-cdx.warc.gz", answer("2023-01-21T01:00:00Z", OLD, 9))
    left.write_bytes(left.read_bytes() + b"\x1f\x8b torn")
    assert ask(root, capsys)[0] == 0
    assert "cdx" in [one["origin"].get("archive") for one in told(Archive.open(root))]
    assert not left.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "nobody"], "names no [[backfill]] archive 'nobody'"),
        (["--portal", "nowhere"], "nowhere"),
        (["--report", "none-2022"], "none-2022"),
        (["--since", "soon"], "is no year"),
    ],
)
def test_what_is_not_known_is_a_mistake(
    root: Path, public: Public, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = ask(root, capsys, *options)
    assert (status, said in err, public.asked) == (2, True, []), err


def test_nobody_is_asked_anonymously_or_without_being_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toml = root / "ogi.toml"
    text = toml.read_text("utf-8").partition('[[backfill]]\nname = "cdx"')[0]
    toml.write_text(text, "utf-8")
    assert run(["backfill", "--archive", str(root)]) == 2
    assert "no web archive is named" in capsys.readouterr().err
    entry = (
        '[[backfill]]\nname = "far"\nindex = "https://archive.example/cdx"\nreplay = "https://archive.example/web"\n'
    )
    toml.write_text(text + entry, "utf-8")
    assert run(["backfill", "--archive", str(root)]) == 2
    assert "operator.contact" in capsys.readouterr().err
