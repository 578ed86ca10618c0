"""`ogi backfill` against a web archive on loopback: what it gives is kept as its look; what it refuses, mixes up or lacks claims nothing."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from archive.clock import SystemClock, utc_text
from archive.files.folder import Archive
from archive.verify.run import VerifyOptions, verify
from archive.warc.members import compress
from crawler.cli import run
from crawler.imports.files import import_archives
from crawler.imports.web_archives import IndexRow
from crawler.replica.documents.invent import invent
from tests.answering import answering
from tests.archive.season import page
from tests.crawler.imports.test_foreign_records import PAGE, URL, answer, captures, put, stored, told

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
    #: Records of Common Crawl's file, by time, and the host of its indexes if it is another one.
    ranges: dict[str, bytes] = field(default_factory=dict)
    crawls: str = ""

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
        if parts.path == "/collinfo.json":
            crawls = [
                {"id": f"CC-MAIN-{year}-05", "cdx-api": f"{self.crawls or self.base}/cc-{year}"}
                for year in (2019, 2023)
            ]
            return 200, {}, json.dumps(crawls).encode()
        if parts.path.startswith("/timemap/"):
            return 200, {}, self.time_map(path.removeprefix("/timemap/")).encode()
        if parts.path in ("/cdx", "/pywb", "/cc-2023"):
            return 200, {}, self.index(parts.path, parse_qs(parts.query)).encode()
        if not parts.path.startswith("/web/"):
            return 404, {}, b""
        at = parts.path.split("/")[2].removesuffix("id_")
        body, headers = self.bodies[at]
        moment = IndexRow(at, URL, "").at
        return (
            200,
            {"Content-Type": "text/html", "Memento-Datetime": format_datetime(moment, usegmt=True)} | headers,
            body,
        )

    def respond(self, path: str, ranged: str | None) -> tuple[int, dict[str, str], bytes]:
        return self.range(ranged) if ranged else self.answer(path)

    def range(self, header: str) -> tuple[int, dict[str, str], bytes]:
        """A range of Common Crawl's file."""
        self.asked.append(f"/data {header}")
        first, last = map(int, header.removeprefix("bytes=").split("-"))
        return 206, {}, b"".join(self.ranges.values())[first : last + 1]

    def time_map(self, url: str) -> str:
        links = [f'<{url}>; rel="original"', f'<{self.base}/timemap/{url}>; rel="self"; type="application/link-format"']
        for number, (at, *_) in enumerate(self.rows):
            moment = format_datetime(IndexRow(at, URL, "").at, usegmt=True)
            rel = "first memento" if not number else "memento"
            links.append(f'<{self.base}/web/{at}mp_/{url}>; rel="{rel}"; datetime="{moment}"')
        return ",\n".join(links)

    def index(self, path: str, query: dict[str, list[str]]) -> str:
        if path == "/pywb":
            names = ("timestamp", "url", "status", "digest")
            return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in self.rows)
        if path == "/cc-2023":
            places, offset = {}, 0
            for at, member in self.ranges.items():
                places[at] = {"filename": "crawl-data/x.warc.gz", "offset": str(offset), "length": str(len(member))}
                offset += len(member)
            names = ("timestamp", "url", "status", "digest")
            return "".join(json.dumps(dict(zip(names, row, strict=True)) | places[row[0]]) + "\n" for row in self.rows)
        table = [["timestamp", "original", "statuscode", "digest", "length"], *([*row, "5000"] for row in self.rows)]
        if self.pages == 1:
            return json.dumps(table)
        done = int(query.get("resumeKey", ["0"])[0])
        rest: list[Any] = [[], [str(done + 1)]] if done + 1 < len(self.rows) else []
        return json.dumps([table[0], table[done + 1], *rest])


@pytest.fixture
def public() -> Iterator[Public]:
    found = Public()
    with answering(lambda asked: found.respond(asked.path, asked.headers.get("range"))) as found.base:
        yield found


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows one report."""
    folder = tmp_path_factory.mktemp("known")
    file = put(folder / "x.warc.gz", answer("2024-01-02T00:00:00Z"))
    import_archives(Archive.create(folder / "a"), [file], [], SystemClock(), workers=1)
    return folder / "a"


@pytest.fixture
def root(tmp_path: Path, known: Path, public: Public) -> Path:
    """An archive that names the web archive in all dialects."""
    archive = Archive.open(Path(shutil.copytree(known, tmp_path / "a")))
    entries = [
        f'[[backfill]]\nname = "{kind}"\nkind = "{kind}"\nindex = "{public.base}/{index}"\nreplay = "{public.base}/{replay}"\n'
        for kind, index, replay in (
            ("cdx", "cdx", "web"), ("pywb", "pywb", "web"), ("timemap", "timemap", "web"), ("commoncrawl", "collinfo.json", "data"),
        )
    ]  # fmt: skip
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
    # the history is made anew, for these looks are older; the report that was published before is not published again
    assert found["changes"] == {"revised": 1}
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


def test_the_same_address_under_the_other_scheme_is_taken_and_no_other(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    twin = URL.replace("http://", "https://")
    public.hold(T1, OLD, url=twin)
    public.hold(T2, OLD, url=twin.replace("www.", ""))
    public.hold(T3, PAGE, url=URL)
    status, found, _ = ask(root, capsys)
    assert (status, found["written"], found["left"]) == (0, 2, {"another address": 1})
    assert [one["url"] for one in found["captures"]] == [twin, URL]
    assert len([one for one in public.asked if one.startswith("/cdx")]) == 1, "an index lists both, and is asked once"
    again = ask(root, capsys)[1]
    assert (again["written"], again["captures"]) == (0, [])


def test_what_a_dead_run_had_fetched_is_brought_in(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    left = put(root / "work" / "backfill-cdx.warc.gz", answer("2023-01-21T01:00:00Z", OLD, 9))
    left.write_bytes(left.read_bytes() + b"\x1f\x8b torn")
    assert ask(root, capsys)[0] == 0
    assert "cdx" in [one["origin"].get("archive") for one in told(Archive.open(root))]
    assert not left.exists()


@pytest.mark.parametrize("torn", [b"", b"\x1f\x8b", None])
def test_a_death_before_the_first_capture_leaves_nothing_to_bring_in(
    torn: bytes | None, root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file was made, and its first record is not whole: the next run asks for that capture again."""
    left = put(root / "work" / "backfill-cdx.warc.gz", answer("2023-01-21T01:00:00Z", OLD, 9))
    left.write_bytes(left.read_bytes()[:-20] if torn is None else torn)
    public.hold(T1, OLD)
    status, found, err = ask(root, capsys)
    assert (status, found["written"]) == (0, 1), err
    assert not left.exists()


@pytest.mark.parametrize("label", ["sha256:", "sha-256:", ""])
@pytest.mark.parametrize("notation", ["base32", "hex"])
def test_a_digest_is_held_against_the_bytes_whatever_its_kind(
    label: str, notation: str, root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = hashlib.sha256(OLD).digest()
    said = raw.hex() if notation == "hex" else base64.b32encode(raw).decode()
    public.hold(T1, OLD, digest=label + said)
    public.hold(T2, PAGE + b"<!-- other -->", digest=label + said)
    status, found, err = ask(root, capsys, source="pywb")
    assert (status, found["written"], found["known"], found["left"]) == (0, 1, 1, {}), err


def test_a_digest_that_tells_nothing_apart_is_none(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, digest="md5:" + hashlib.md5(OLD, usedforsecurity=False).hexdigest())
    public.hold(T2, OLD, digest="-")
    assert ask(root, capsys)[1]["left"] == {"no digest to hold it against": 2}


@pytest.mark.slow
def test_kill_9_at_twenty_points_loses_nothing_and_doubles_nothing(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed behind the first, second, … request, and while what came is brought in: the last run has all, once."""
    times = [f"2023{month:02}15010000" for month in range(1, 9)]
    for number, at in enumerate(times):
        public.hold(at, page(invent("示例市财政局", 2022, 20 + number)))
    words = [sys.executable, "-m", "crawler", "backfill", "--archive", str(root), "--from", "cdx"]
    for point in range(20):
        before = len(public.asked)
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            until = time.monotonic() + 60
            while process.poll() is None and len(public.asked) <= before + point % 10 and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(0.3 * (point // 10))
            process.kill()
    status, _, err = ask(root, capsys)
    assert status == 0, err
    archive = Archive.open(root)
    looks = [one["at"] for one in captures(archive) if one["origin"] and one["at"].startswith("2023")]
    assert sorted(looks) == [utc_text(IndexRow(at, URL, "").at) for at in times]
    assert verify(archive, VerifyOptions(workers=1, deep=True)).is_whole


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


# ---- what comes back, what does not come, and how often anybody is asked --------------------------------------------------------


def origins(root: Path) -> list[tuple[str, str]]:
    """Time and kind of each change that rests on a web archive's look."""
    told_by = [(one["origin"] or {}, one["kind"]) for one in told(Archive.open(root))]
    return sorted((origin["at"], kind) for origin, kind in told_by if origin.get("archive"))


def remembered(root: Path) -> list[dict[str, Any]]:
    """What is remembered, a torn line apart."""
    found = []
    for line in (root / "work" / "backfill.jsonl").read_text("utf-8").splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def pass_time(root: Path, days: float) -> None:
    """Let what is remembered have happened so much earlier."""
    lines = [
        line | {"at": utc_text(datetime.fromisoformat(line["at"]) - timedelta(days=days))} for line in remembered(root)
    ]
    (root / "work" / "backfill.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines) + '{"torn\n', "utf-8"
    )


@pytest.mark.parametrize("source", ["cdx", "pywb", "timemap"])
def test_a_page_that_came_back_is_a_look_of_its_own(
    root: Path, public: Public, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for at, body in ((T1, OLD), (T2, PAGE), ("20230220010000", PAGE), (T3, OLD)):
        public.hold(at, body)
    status, found, err = ask(root, capsys, source=source)
    assert (status, found["written"]) == (0, 4 if source == "timemap" else 3), err
    assert origins(root) == [
        ("2023-01-21T01:00:00Z", "published"),
        ("2023-02-15T01:00:00Z", "revised"),
        ("2023-03-01T01:00:00Z", "revised"),
    ]
    again = ask(root, capsys, source=source)[1]
    assert (again["written"], again["known"]) == (0, 4)
    assert len([one for one in public.asked if one.startswith("/web/")]) == found["written"]


def test_what_contradicts_the_index_is_not_asked_for_again_unless_the_index_changes(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, digest=sha1(PAGE))
    assert ask(root, capsys)[0] == 1
    asked = len([one for one in public.asked if one.startswith("/web/")])
    pass_time(root, 400)
    status, found, _ = ask(root, capsys)
    assert (status, list(found["left"])) == (0, ["set aside before (its bytes contradict the index)"])
    assert len([one for one in public.asked if one.startswith("/web/")]) == asked == 1
    public.rows[0] = (*public.rows[0][:3], sha1(OLD))
    assert ask(root, capsys)[1]["written"] == 1


def test_what_did_not_come_is_asked_for_again_after_a_month(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, Memento_Datetime="")
    assert ask(root, capsys)[0] == 1
    assert (ask(root, capsys)[0], len([one for one in public.asked if one.startswith("/web/")])) == (0, 1)
    public.bodies[T1] = (OLD, {})
    pass_time(root, 31)
    assert ask(root, capsys)[1]["written"] == 1


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ("", 600, 1200),
        ("7200", 7200, 14400),
        ("soon", 600, 1200),
        ("999999", 999999, 999999),
        ("9" * 18, 31622400, 31622400),
    ],
)
def test_a_refusal_is_remembered_and_waits_longer_each_time(
    root: Path, public: Public, said: str, first: int, second: int, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.refusals["/cdx"] = (429, {"Retry-After": said} if said else {})
    for _ in range(4):
        assert ask(root, capsys)[0] == 1
    assert len([one for one in public.asked if one.startswith("/cdx")]) == 1, "nobody is asked before the time"
    assert "is not asked before" in ask(root, capsys, "--dry-run")[1]["stopped"]
    assert [line["wait_s"] for line in remembered(root)] == [first]
    pass_time(root, 20)
    assert ask(root, capsys)[0] == 1
    assert remembered(root)[-1]["wait_s"] == second
    public.refusals.clear()
    (root / "work" / "backfill.jsonl").unlink()
    assert ask(root, capsys)[0] == 0


@pytest.mark.parametrize("said", ["Sun, 21 Jan 99999999999999 01:00:00 GMT", "yesterday"])
def test_a_time_beyond_all_calendars_is_another_capture(
    root: Path, public: Public, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD, Memento_Datetime=said)
    status, found, _ = ask(root, capsys)
    assert (status, found["written"], len(found["problems"])) == (1, 0, 1)


@pytest.mark.parametrize("source", ["cdx", "pywb"])
def test_a_row_that_cannot_be_costs_itself(
    root: Path, public: Public, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.rows += [("20990101000000", URL, "200", sha1(b"x")), ("19000101000000", URL, "200", sha1(b"y"))]
    honest = public.index
    torn = {
        "cdx": lambda text: text[:-1] + ', ["x"], [1, 2, 3, 4, 5, 6, 7]]',
        "pywb": lambda text: text + "{torn\n[1]\n",
    }
    public.index = lambda path, query: torn[source](honest(path, query))  # type: ignore[method-assign]
    for written in (1, 0):
        status, found, _ = ask(root, capsys, source=source)
        assert (status, found["written"]) == (0, written)
        assert found["left"] == {"a time to come, or before the web": 2, "a line that can't be read": 2}
    assert len([one for one in public.asked if one.startswith("/web/")]) == 1


@pytest.mark.parametrize("source", ["cdx", "timemap"])
def test_what_was_cut_is_no_capture(
    root: Path, public: Public, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = root / "ogi.toml"
    settings.write_text(settings.read_text().replace("[harvest]", f"[harvest]\nmax_bytes = {len(OLD) - 10}", 1))
    public.hold(T1, OLD)
    status, found, _ = ask(root, capsys, source=source)
    assert (status, found["written"], len(found["problems"])) == (1, 0, 1)
    assert "the most that is taken" in found["problems"][0]


def test_an_archive_that_answers_again_has_its_first_wait_again(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.refusals["/cdx"] = (503, {})
    ask(root, capsys)
    pass_time(root, 1)
    public.refusals.clear()
    assert ask(root, capsys)[0] == 0
    public.refusals["/cdx"] = (503, {})
    ask(root, capsys)
    assert [line["wait_s"] for line in remembered(root)] == [600, 0, 600]


def test_a_limit_is_kept_and_the_next_run_goes_on(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.hold(T2, PAGE)
    counts = ask(root, capsys, "--dry-run")[1]
    assert (len(counts["captures"]), counts["bytes"], counts["minutes"]) == (2, 10000, 0)
    assert [ask(root, capsys, "--limit", "1")[1]["written"] for _ in range(3)] == [1, 1, 0]


# ---- Common Crawl -----------------------------------------------------------------------------------------------------------


def crawled(at: str, body: bytes, *, url: str = URL) -> bytes:
    """A record as Common Crawl's files have it."""
    moment = utc_text(IndexRow(at, url, "").at)
    return compress(answer(moment, body, int(at[4:8]), url))


def test_a_range_of_common_crawl_is_the_original_record(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    for at, body in ((T1, OLD), (T2, PAGE)):
        public.hold(at, body)
        public.ranges[at] = crawled(at, body)
    status, found, err = ask(root, capsys, "--since", "2022", source="commoncrawl")
    assert (status, found["written"], found["problems"]) == (0, 2, []), err
    assert origins(root) == [("2023-01-21T01:00:00Z", "published"), ("2023-02-15T01:00:00Z", "revised")]
    kept = stored(Archive.open(root))
    assert all(gzip.decompress(member) in kept for member in public.ranges.values()), "byte for byte"
    assert not [one for one in public.asked if one.startswith("/cc-2019")], "a crawl of before is not asked"
    assert ask(root, capsys, "--since", "2022", source="commoncrawl")[1]["written"] == 0
    assert verify(Archive.open(root), VerifyOptions(workers=1, deep=True)).is_whole


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (crawled(T2, OLD), "another record"),
        (crawled(T1, OLD, url="http://www.elsewhere.example/"), "another record"),
        (crawled(T1, OLD)[:-9], "range"),
        (crawled(T1, OLD) + b"\x1f\x8b", "range"),
        (b"<html>no such file</html>", "range"),
        (gzip.compress(b"WARC/1.0\r\n\r\n"), "range"),
    ],
)
def test_a_range_that_is_something_else_is_not_taken(
    root: Path, public: Public, member: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    public.hold(T1, OLD)
    public.ranges[T1] = member
    status, found, _ = ask(root, capsys, source="commoncrawl")
    assert (status, found["written"]) == (1, 0)
    assert said in found["problems"][0]


def test_a_list_of_crawls_leads_to_no_other_host(
    root: Path, public: Public, capsys: pytest.CaptureFixture[str]
) -> None:
    public.crawls = "http://127.0.0.1:9"
    status, found, _ = ask(root, capsys, source="commoncrawl")
    assert (status, found["written"]) == (1, 0)
    assert "127.0.0.1:9" in found["stopped"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "timemap"), ("<html></html>", "timemap"), ('<http://x/>; rel="memento"', "timemap")],
)
def test_what_is_no_time_map_is_said(
    root: Path,
    public: Public,
    text: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(public, "time_map", lambda url: text)
    status, found, _ = ask(root, capsys, source="timemap")
    assert (status, found["written"]) == (1, 0)
    assert said in found["stopped"]
