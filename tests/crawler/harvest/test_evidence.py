"""Damage and death through the program's own commands: a harvested archive is tampered with, killed, filled up, made read-only."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.index.database import open_index
from archive.index.seals import OWN
from archive.lists.queries import dump
from archive.verify.run import VerifyOptions, verify
from archive.warc.manifest import entries
from archive.warc.records import iter_records
from crawler.replica.documents.invent import invent
from tests.archive.season import page
from tests.archive.verify.test_verify import DAMAGES, edited, forged, members, mutate
from tests.crawler.sites import Page, Site, serve_site

KILLS = 100
KILL_SECONDS = 170.0
#: On a busy machine one harvest may take a minute.
LEAST_KILLS = 5


def ogi(archive: Path, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crawler", *map(str, arguments), "--archive", str(archive)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **options)  # type: ignore[call-overload,no-any-return]


def jobs_of(archive: Path) -> list[str]:
    """Command lines of the job processes of an archive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue  # it ended meanwhile
        if "crawler.harvest.job" in words and any(word.startswith(f"{archive}/") for word in words):
            found.append(" ".join(words))
    return found


def content(archive: Path) -> str:
    """The whole index, but for which state of the extractor read it, which may be edited while a test runs, and for marks of what isn't sealed.

    Those stay where a death came between a change and its seal, until a rebuild; they are about the chain, and `ogi verify` passes over them.
    """
    db = open_index(Archive.open(archive))
    try:
        lines = dump(db).split("\n")
        kept = [line for line in lines if not any(line == f'["{name}", "1"]' for name in OWN)]
        return re.sub(r'"\d+\.\d+\.\d+\+[0-9a-f]{8}"', '"extractor"', "\n".join(kept))
    finally:
        db.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve_site() as served:
        served.list_reports(12)
        for number in range(3):  # the full form, with a total that doesn't add up
            path = f"/nb/202101/t20210120_{1000 + number}.html"
            what = invent(f"示例区第{number}局", 2019 + number, number)
            served.pages[path] = Page(page(what.with_figure(("applications", "received", "total"), "999")))
        copy = "/nb/202101/copy.html"
        original = served.pages["/nb/202101/t20210120_1003.html"]
        listed = served.pages["/nb/"]
        assert isinstance(original, Page)
        assert isinstance(listed, Page)
        assert isinstance(listed.body, str)
        served.pages[copy] = original
        served.pages["/nb/"] = Page(
            listed.body.replace(
                "</ul>", f'<li><a href="{copy}">示例区第3局2007年政府信息公开工作年度报告</a></li></ul>'
            )
        )
        yield served


@pytest.fixture(scope="module")
def harvested(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two harvests by the command, with a page under two addresses; never changed by a test."""
    root = tmp_path_factory.mktemp("evidence") / "a"
    definitions = root.parent / "site.toml"
    definitions.write_text(site.definition(), "utf-8")
    assert ogi(root, "init", "--sign").returncode == 0
    for arguments in ([], ["--full"]):
        done = ogi(root, "harvest", "--portals", definitions, *arguments)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def copied(harvested: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(harvested, tmp_path / "a"))


@pytest.mark.parametrize("name", DAMAGES)
def test_verify_names_each_of_the_fifteen_damages(copied: Path, name: str) -> None:
    path = copied / "warc" / entries(Archive.open(copied))[0].segment
    data = path.read_bytes()
    number = next(
        place
        for place, record in enumerate(members(data))
        if b"WARC-Type: response" in record and "群众".encode() in record
    )
    if name == "payload changed, digests stale":
        damaged = edited(lambda record: record.replace(b"<h1>", b"<h2>", 1), number)(data)
    elif name == "payload and digests changed":
        damaged = edited(lambda record: forged(record.replace("群众".encode(), "企业".encode(), 1)), number)(data)
    elif name == "date of an answer changed":
        damaged = edited(lambda record: record.replace(b"WARC-Date: 20", b"WARC-Date: 19"), number)(data)
    else:
        damaged = DAMAGES[name][0](data)
    assert damaged != data
    path.write_bytes(damaged)
    done = ogi(copied, "verify", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["whole"]) == (1, False)
    assert path.name in {damage.get("segment") for damage in found["damages"]}
    assert "Traceback" not in done.stderr
    assert json.loads((copied / "verified.json").read_text("utf-8"))["ok"] is False


def test_a_stranger_checks_with_the_commands_of_the_docs(copied: Path) -> None:
    """Each command of docs/evidence.md that needs no program of ours, run as it is printed there, on a signed archive."""
    page = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text("utf-8")
    snippets = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    listed = entries(Archive.open(copied))
    last, first = listed[-1], min(listed, key=lambda entry: entry.segment)

    def run(mark: str) -> str:
        (snippet,) = [text for text in snippets if mark in text]
        script = snippet.replace("3p", f"{last.number}p")
        done = subprocess.run(["bash", "-ec", script], cwd=copied, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert f"head {last.hash}" in run("doesn't follow")
    assert first.info.root in run("decompressobj")
    if shutil.which("openssl"):
        assert "Verified Successfully" in run("openssl pkeyutl")


@pytest.mark.slow
def test_two_hundred_mutilations_are_named_by_the_library_behind_the_command(copied: Path) -> None:
    opened = Archive.open(copied)
    targets = [*(copied / "warc" / entry.segment for entry in entries(opened)), opened.manifest_path]
    choice = random.Random(7)
    missed = []
    for number in range(200):
        path = targets[number % len(targets)]
        good = path.read_bytes()
        bad = mutate(good, choice)
        if bad != good:
            path.write_bytes(bad)
            report = verify(opened, VerifyOptions(deep=False, workers=1))
            named = {damage.segment for damage in report.damages}
            if report.is_whole or (path.suffix == ".gz" and path.name not in named):
                missed.append((number, path.name))
            path.write_bytes(good)
    assert missed == []
    assert verify(opened, VerifyOptions(workers=1)).is_whole


def test_a_rebuilt_database_equals_the_live_one_decisions_included(copied: Path) -> None:
    reports = [json.loads(line) for line in ogi(copied, "reports", "--json").stdout.splitlines()]
    changes = [json.loads(line) for line in ogi(copied, "changes", "--json").stdout.splitlines()]
    findings = [json.loads(line) for line in ogi(copied, "findings", "--json").stdout.splitlines()]
    agencies = sorted({report["agency"] for report in reports})
    assert findings
    for arguments in (
        ["agencies", "rename", agencies[0], "示例区更名局"],
        ["agencies", "merge", agencies[1], "--into", agencies[2], "--year", "2019"],
        ["agencies", "add", "示例区新设局"],
        ["findings", "--dismiss", findings[0]["finding"], "--note", "looked at"],
        ["changes", "--false-alarm", changes[-1]["change"]],
        ["withhold", reports[0]["report"], "--reason", "asked for"],
    ):
        done = ogi(copied, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    live = content(copied)
    assert "示例区更名局" in live
    (copied / "ogi.db").unlink()
    for suffix in ("-wal", "-shm"):
        (copied / f"ogi.db{suffix}").unlink(missing_ok=True)
    done = ogi(copied, "rebuild")
    assert done.returncode == 0, done.stderr
    assert content(copied) == live
    done = ogi(copied, "verify")
    assert done.returncode == 0, done.stdout


def test_a_full_disk_stops_a_harvest_in_one_line_and_keeps_what_was_captured(tmp_path: Path) -> None:
    root, definitions = tmp_path / "a", tmp_path / "site.toml"
    with serve_site() as full_site:
        full_site.list_reports(12)
        for number in range(12):
            path, name = f"/nb/202101/t20210120_{1000 + number}.html", f"P{number}.pdf"
            whole = full_site.pages[path]
            assert isinstance(whole, Page)
            assert isinstance(whole.body, str)
            full_site.pages[path] = Page(whole.body.replace("</div>", f'<p><a href="./{name}">附件.pdf</a></p></div>'))
            full_site.pages[f"/nb/202101/{name}"] = Page(b"%PDF-1.4\n" + random.Random(number).randbytes(500_000))
        definitions.write_text(full_site.definition(), "utf-8")
        ogi(root, "init")

        def little_room() -> None:  # no file may grow beyond this: the segment meets it, the index doesn't
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))

        full = ogi(root, "harvest", "--portals", definitions, preexec_fn=little_room)
        assert full.returncode in (1, 2), full.stdout + full.stderr
        assert "Traceback" not in full.stderr
        assert "then run the same command again" in full.stdout + full.stderr
        kept = Counter(record.type for path in (root / "warc").glob("*.warc.gz") for record in iter_records(path))
        assert kept["response"] >= 8
        assert ogi(root, "verify").returncode == 0
        done = ogi(root, "harvest", "--portals", definitions)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(ogi(root, "reports", "--json").stdout.splitlines()) == 12
    assert ogi(root, "verify").returncode == 0


@pytest.mark.slow
def test_killed_again_and_again_a_harvest_loses_nothing(site: Site, tmp_path: Path) -> None:
    """Up to a hundred deaths at any moment, of the coordinator alone or with its job; a segment must never be damaged by one."""
    root, definitions = tmp_path / "a", tmp_path / "site.toml"
    definitions.write_text(site.definition(delay=0.01), "utf-8")
    ogi(root, "init")
    choice = random.Random(3)
    began, kills, span = time.monotonic(), 0, 0.0
    captured: set[str] = set()
    while kills < KILLS and (time.monotonic() - began < KILL_SECONDS or kills < LEAST_KILLS):
        started = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "crawler",
            "harvest",
            "--full",
            "--archive",
            str(root),
            "--portals",
            str(definitions),
        ]
        process = subprocess.Popen(
            command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=choice.uniform(0.05, span * 1.1) if span else None)
        except subprocess.TimeoutExpired:
            kills += 1
            if choice.random() < 0.5:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.wait()
        else:
            span = span or time.monotonic() - started  # the first harvest says how long one takes
        now = {path.name for path in (root / "warc").glob("*.warc.gz")}
        assert captured <= now, "a sealed segment is gone"
        captured = now
    deadline = time.monotonic() + 30
    while orphans := jobs_of(root):
        assert time.monotonic() < deadline, f"still there: {orphans}"
        time.sleep(0.1)
    done = ogi(root, "harvest", "--full", "--portals", definitions)
    assert done.returncode == 0, done.stderr
    assert kills >= LEAST_KILLS
    reports = ogi(root, "reports", "--json").stdout.splitlines()
    assert len(reports) == 12
    kinds = Counter(json.loads(line)["kind"] for line in ogi(root, "changes", "--json").stdout.splitlines())
    assert kinds == {"published": len(reports)}
    verified = ogi(root, "verify", "--deep")
    assert verified.returncode == 0, verified.stdout
    live = content(root)
    assert ogi(root, "rebuild").returncode == 0
    assert content(root) == live
    print(f"{kills} kills, {len(captured)} segments")
