"""The calendar: the season's due times, each run once, hung jobs stopped, nothing owed twice after a kill -9."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from archive.clock import SHANGHAI, SimulatedClock, utc_text
from archive.errors import ArchiveBusy, BadSettings
from archive.files.folder import Archive
from archive.files.settings import ScheduleJob, ScheduleSettings, parse_hours
from archive.index.database import DatabaseError, open_index
from archive.publish.failures import failures
from archive.publish.notify import Outbox
from archive.verify.run import verify
from archive.warc import manifest
from archive.warc.context import Entry
from crawler.schedule.entries import build_entries, check_entries, plan
from crawler.schedule.monitor import metric_lines, serve_metrics
from crawler.schedule.runner import Runner
from crawler.schedule.state import LastRun, ScheduleState
from extract.errors import OgiError
from tests.answering import Answer, Asked, answering
from tests.archive.season import BASE, Season, Shown, page, report

PYTHON = sys.executable


class SteppedClock:
    """A clock that the test moves."""

    kind = "simulated"

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def entries_of(*jobs: ScheduleJob, spread: float = 0.0) -> tuple:  # type: ignore[type-arg]
    return build_entries(ScheduleSettings(spread_minutes=spread, job=jobs))


def test_season_harvests_daily_around_the_due_dates_and_monthly_in_summer() -> None:
    entries = build_entries(ScheduleSettings())
    dues = [
        (due, entry)
        for due, entry in plan(entries, datetime(2026, 1, 1, tzinfo=UTC), 365)
        if entry.harvests("any")  # second looks are no pass over a portal
    ]
    by_month = {month: sum(1 for due, _ in dues if due.month == month) for month in range(1, 13)}
    assert by_month[1] == 2 + 17  # two Mondays to the 14th, then daily
    assert by_month[3] == 4 + 16
    days = sorted(due.date() for due, _ in dues)
    after = [day for day in days if (4, 10) <= (day.month, day.day) <= (5, 21)]
    assert max((later - day).days for day, later in pairwise(after)) <= 7  # late reports and corrections
    assert all(by_month[month] <= 2 for month in range(6, 13))
    assert all(due.utcoffset() == timedelta(hours=8) for due, _ in dues)


def test_days_are_names_so_that_nobody_gets_monday_for_sunday() -> None:
    with pytest.raises(BadSettings, match="by name"):
        entries_of(ScheduleJob(name="x", days="0"))
    (entry,) = entries_of(ScheduleJob(name="x", days="sun"))
    assert next(entry.dues(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC))).strftime("%a") == "Sun"


@pytest.mark.parametrize(
    "job",
    [ScheduleJob(name="", run="harvest"), ScheduleJob(name="x", run="rm -rf"), ScheduleJob(name="x", monthday="40")],
)
def test_bad_entry_is_named(job: ScheduleJob) -> None:
    with pytest.raises(BadSettings, match=r"schedule\.job"):
        entries_of(job)


def test_entries_of_one_time_do_not_start_together() -> None:
    jobs = [ScheduleJob(name=f"portal-{number}") for number in range(8)]
    starts = {
        next(entry.dues(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)))
        for entry in entries_of(*jobs, spread=30)
    }
    assert len(starts) == 8
    assert max(starts) - min(starts) <= timedelta(minutes=30)


def appending(log: Path) -> list[str]:
    return [PYTHON, "-c", f"open({str(log)!r}, 'a').write('ran\\n')"]


class TakingTime(SteppedClock):
    """A clock on which every job lasts as long as the test says."""

    lasts = timedelta(0)

    def command(self, log: Path) -> Callable[[Any], list[str]]:
        def start(entry: Any) -> list[str]:
            self.moment += self.lasts
            return [PYTHON, "-S", "-c", f"open({str(log)!r}, 'a').write({entry.name!r} + '\\n')"]

        return start


@pytest.mark.parametrize(
    ("first", "second", "minutes", "ran"),
    [
        ({}, {"at": "02:40"}, 5, "first"),  # spread over one hour, they mean one look
        ({}, {"at": "05:00"}, 300, "first"),  # fell due while the other was reading
        ({}, {"at": "05:00"}, 60, "first second"),  # a look of its own
        ({"run": "harvest --full"}, {"at": "02:40"}, 20, "first"),
        ({}, {"at": "02:40", "run": "harvest --full"}, 20, "first second"),
        ({"run": "harvest --portal a"}, {"at": "02:40", "run": "harvest --portal b"}, 20, "first second"),
        ({"run": "harvest --portal a --portal b"}, {"at": "02:40", "run": "harvest --portal b"}, 20, "first"),
        ({"run": "harvest --portal a"}, {"at": "02:40"}, 20, "first second"),
        ({"run": "harvest --except a"}, {"at": "02:40", "run": "harvest --portal a"}, 20, "first second"),
        ({"run": "harvest --portal=a"}, {"at": "02:40", "run": "harvest --portal=b"}, 20, "first second"),
        ({"run": "verify"}, {"at": "02:40"}, 20, "first second"),
        ({"run": "verify"}, {"at": "02:40", "run": "verify --read all"}, 20, "first second"),
    ],
)
def test_harvest_that_just_ended_is_not_repeated_by_another_entry(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], minutes: int, ran: str
) -> None:
    clock, log = TakingTime(datetime(2026, 3, 1, 12, tzinfo=UTC)), tmp_path / "log"
    entries = entries_of(ScheduleJob(name="first", **first), ScheduleJob(name="second", **second))
    runner = Runner(tmp_path, entries, clock, clock.command(log))
    clock.lasts = timedelta(minutes=minutes)
    clock.moment = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
    runner.run_owed()
    clock.moment = max(clock.moment, datetime(2026, 3, 1, 21, 0, tzinfo=UTC))
    again = Runner(tmp_path, entries, clock, clock.command(log))  # as well after a restart
    again.run_owed()
    again.run_owed()
    assert log.read_text().split() == ran.split()
    assert again.state.runs["second"].status == ("done by first" if ran == "first" else "done")
    clock.moment += timedelta(days=1)
    again.run_owed()
    assert len(log.read_text().split()) > len(ran.split())  # and the next day's look is a new one


@pytest.mark.parametrize(
    ("hours", "status", "ran"),
    [
        (30, "done", 1),  # went on beyond the next day's due time: that look was made
        (20, "done", 2),
        (30, "done, with problems", 1),
        (30, "failed", 2),
        (30, "rewritten", 2),
    ],
)
def test_run_that_lasts_beyond_its_next_due_time_is_not_repeated_at_once(
    tmp_path: Path, hours: int, status: str, ran: int
) -> None:
    clock, log = TakingTime(datetime(2026, 3, 1, 12, tzinfo=UTC)), tmp_path / "log"
    runner = Runner(tmp_path, entries_of(ScheduleJob(name="daily")), clock, clock.command(log))
    clock.lasts = timedelta(hours=hours)
    clock.moment = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
    runner.run_owed()
    if status == "rewritten":
        runner.state.record("daily", replace(runner.state.runs["daily"], command="harvest --portal a"))
    else:
        runner.state.record("daily", replace(runner.state.runs["daily"], status=status))
    clock.moment = max(clock.moment, datetime(2026, 3, 2, 18, 40, tzinfo=UTC))
    clock.lasts = timedelta(minutes=5)
    again = Runner(tmp_path, entries_of(ScheduleJob(name="daily")), clock, clock.command(log))
    again.run_owed()
    again.run_owed()
    assert len(log.read_text().split()) == ran
    clock.moment += timedelta(days=1)
    again.run_owed()
    assert len(log.read_text().split()) == ran + 1


def test_missed_harvests_of_several_entries_are_made_up_by_the_one_that_does_all(tmp_path: Path) -> None:
    clock, log = TakingTime(datetime(2026, 3, 1, tzinfo=UTC)), tmp_path / "log"
    jobs = [
        ScheduleJob(name="plain"),
        ScheduleJob(name="full", run="harvest --full", at="09:00"),
        ScheduleJob(name="b"),
    ]
    runner = Runner(tmp_path, entries_of(*jobs), clock, clock.command(log))
    clock.moment += timedelta(days=3)
    runner.run_owed()
    assert log.read_text().split() == ["full"]
    assert {run.status for run in runner.state.runs.values()} == {"done", "done by full"}


@pytest.mark.parametrize("how", ["failed", "rewritten", "older release"])
def test_only_a_harvest_that_is_known_to_have_done_the_work_settles_anothers(tmp_path: Path, how: str) -> None:
    clock, log = TakingTime(datetime(2026, 3, 1, 12, tzinfo=UTC)), tmp_path / "log"
    entries = entries_of(ScheduleJob(name="first"), ScheduleJob(name="second", at="02:40"))
    runner = Runner(tmp_path, entries, clock, clock.command(log))
    at = "2026-03-01T18:30:00Z"
    run = LastRun(at, at, "2026-03-01T19:00:00Z", "done", 0, {"rewritten": "harvest --portal a"}.get(how, "harvest"))
    if how == "failed":
        run = replace(run, status="failed", exit_code=2)
    runner.state.record("first", run if how != "older release" else replace(run, command=""))
    clock.moment = datetime(2026, 3, 1, 19, 0, tzinfo=UTC)
    runner.run_owed()
    assert log.read_text().split() == ["second"]


def test_missed_runs_are_made_up_once(tmp_path: Path) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    entries = entries_of(ScheduleJob(name="daily", at="02:30"))
    log = tmp_path / "log"
    first = Runner(tmp_path, entries, clock, lambda entry: appending(log))
    assert first.run_owed() == 0  # a new calendar owes nothing from before its start
    clock.moment += timedelta(days=1)
    assert first.run_owed() == 1
    assert first.run_owed() == 0
    clock.moment += timedelta(days=9)
    again = Runner(tmp_path, entries, clock, lambda entry: appending(log))
    assert again.run_owed() == 1
    assert log.read_text() == "ran\nran\n"


def test_hung_job_is_stopped_after_its_limit_and_reported(tmp_path: Path) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    entries = entries_of(ScheduleJob(name="hangs", limit_minutes=0.005))
    runner = Runner(tmp_path, entries, clock, lambda entry: [PYTHON, "-c", "import time; time.sleep(600)"])
    clock.moment += timedelta(days=1)
    began = time.monotonic()
    assert runner.run_owed() == 1
    assert time.monotonic() - began < 30
    assert ScheduleState(tmp_path).runs["hangs"].status == "stopped after its limit"


def test_job_that_fails_is_reported_and_not_repeated(tmp_path: Path) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    runner = Runner(
        tmp_path, entries_of(ScheduleJob(name="fails")), clock, lambda entry: [PYTHON, "-c", "raise SystemExit(2)"]
    )
    clock.moment += timedelta(days=1)
    assert [runner.run_owed(), runner.run_owed()] == [1, 0]
    assert runner.state.runs["fails"].status == "failed"


MONTH = textwrap.dedent(
    """
    import sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    from archive.files.settings import ScheduleJob, ScheduleSettings
    from crawler.schedule.entries import build_entries
    from crawler.schedule.runner import Runner

    folder = Path(sys.argv[1])
    class Clock:
        kind = "simulated"
        def __init__(self): self.moment = datetime.fromisoformat((folder / "clock").read_text())
        def now(self): return self.moment
        def step(self):
            self.moment += timedelta(hours=3)
            temporary = folder / "clock.tmp"; temporary.write_text(self.moment.isoformat()); temporary.replace(folder / "clock")
    entries = build_entries(ScheduleSettings(spread_minutes=0, job=(
        *(ScheduleJob(name=f"daily-{hour}", at=f"{hour}:30", portals=(f"p{hour}",)) for hour in range(4, 20, 2)),
        ScheduleJob(name="weekly", at="05:00", days="sun", run="verify"))))
    clock = Clock()
    def command(entry):
        due = entry.last_due(clock.now()).isoformat()
        code = f"open({str(folder / 'log')!r}, 'a').write({entry.name + ' ' + due!r} + chr(10))"
        return [sys.executable, "-S", "-c", code]
    runner = Runner(folder, entries, clock, command)
    end = datetime(2026, 2, 1, tzinfo=UTC)
    while clock.now() < end:
        runner.run_owed()
        clock.step()
    runner.run_owed()
    (folder / "done").write_text("")
    """
)


@pytest.mark.slow
def test_every_due_job_runs_through_fifty_kills_of_a_simulated_month(tmp_path: Path) -> None:
    """A run that was cut off may run again; a due time without a finished run must not exist, and none runs twice once finished.

    Each process is killed some jobs after it began, at any point of what it does then.
    """
    (tmp_path / "clock").write_text(datetime(2026, 1, 1, tzinfo=UTC).isoformat())
    log = tmp_path / "log"
    log.write_text("")
    chance = random.Random(7)
    for _ in range(50):
        enough = len(log.read_text().splitlines()) + chance.randint(1, 3)
        process = subprocess.Popen(
            [PYTHON, "-c", MONTH, str(tmp_path)], cwd=Path(__file__).parents[3], start_new_session=True
        )
        while len(log.read_text().splitlines()) < enough:
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.06))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([PYTHON, "-c", MONTH, str(tmp_path)], cwd=Path(__file__).parents[3], check=True, timeout=400)
    lines = log.read_text().splitlines()
    due = set(lines)
    assert len([line for line in due if line.startswith("daily")]) == 8 * 31
    assert (
        len([line for line in due if line.startswith("weekly")]) == 5
    )  # 1 February 05:00 in Shanghai is still January in UTC
    assert len(lines) - len(due) <= 50


def test_service_ends_within_thirty_seconds_of_sigterm_and_answers_on_its_port(tmp_path: Path) -> None:
    Archive.create(tmp_path / "a")
    process = subprocess.Popen(
        [PYTHON, "-m", "crawler", "schedule", "--archive", str(tmp_path / "a"), "--metrics-port", "0", "-v"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    port = 0
    for line in process.stderr:
        if "metrics on" in line:
            port = int(line.split(":")[-1].split("/")[0])
            break
    assert port
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert json.load(answer) == {"ok": True, "failed": [], "verify": None}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert "ogi_job_queue 0" in answer.read().decode()
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stderr.close()


def test_second_calendar_of_an_archive_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    Archive.create(tmp_path / "a", {"operator.contact": "test@localhost"})
    command = [PYTHON, "-m", "crawler", "schedule", "--archive", str(tmp_path / "a")]
    first = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert first.stderr is not None
    assert "Calendar of" in first.stderr.readline()
    second = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith(f"Error: process {first.pid} keeps the calendar")
    assert second.stderr.count("\n") == 1
    assert first.poll() is None
    first.kill()
    first.wait()
    first.stderr.close()
    third = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # what was killed holds nothing
    assert third.stderr is not None
    assert "Calendar of" in third.stderr.readline()
    third.terminate()
    assert third.wait(timeout=30) == 0
    third.stderr.close()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_harvest_ends_sealed_when_its_calendar_is_killed(tmp_path: Path) -> None:
    """No orphan goes on beside the run that the next calendar makes up."""
    archive = Archive.create(tmp_path / "a", {"harvest.delay": 0.0, "harvest.jitter": 0.0})
    with slow_site() as base:
        process = owing_calendar(archive, base)
        try:
            wait_for(lambda: has_records(archive.warc_dir), 120)
        finally:
            process.kill()
            process.wait()
        wait_for(lambda: is_free(archive), 40)
        assert list(archive.warc_dir.glob("*.open")) == []
        assert verify(archive).is_whole
        assert ScheduleState(archive.root).runs["harvest"].finished_at == ""


def is_free(archive: Archive) -> bool:
    try:
        with archive.lock():
            return True
    except ArchiveBusy:
        return False


def test_digest_waits_for_one_that_outlived_its_calendar(tmp_path: Path) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    job = ScheduleJob(name="digest", run="digest")
    runner = Runner(tmp_path, entries_of(job), clock, lambda entry: [PYTHON, "-c", ""])
    clock.moment += timedelta(days=1)
    outbox = Outbox(tmp_path)
    with held(outbox.folder / ".lock"):
        assert runner.run_owed() == 0
    assert runner.run_owed() == 1


@contextmanager
def held(path: Path) -> Iterator[None]:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def test_portals_of_an_entry_follow_it_alone_and_the_season_goes_on() -> None:
    job = ScheduleJob(name="slow-one", days="sat", portals=("slow",))
    entries = build_entries(ScheduleSettings(season=True, job=(job,)))
    own = next(entry for entry in entries if entry.name == "slow-one")
    others = [entry for entry in entries if entry.command[0] == "harvest" and entry is not own]
    assert own.command == ("harvest", "--portal", "slow")
    assert others
    assert all(entry.command[-2:] == ("--except", "slow") for entry in others)
    assert [own.harvests("slow"), own.harvests("other")] == [True, False]
    assert [others[0].harvests("slow"), others[0].harvests("other")] == [False, True]
    assert [entry.name for entry in build_entries(ScheduleSettings(job=(job,)))] == ["slow-one"]
    with pytest.raises(BadSettings, match="portals are for harvests"):
        entries_of(ScheduleJob(name="x", run="verify", portals=("slow",)))


@pytest.mark.parametrize(
    ("quiet", "due", "starts"),
    [
        ("08:30-18:00", "10:00", "2026-03-02T18:00"),
        ("08:30-18:00", "18:00", "2026-03-02T18:00"),
        ("22:00-06:00", "23:30", "2026-03-03T06:00"),
        ("22:00-06:00", "02:30", "2026-03-02T06:00"),
        ("22:00-06:00", "07:00", "2026-03-02T07:00"),
    ],
)
def test_harvest_that_is_due_in_quiet_hours_starts_after_them(
    tmp_path: Path, quiet: str, due: str, starts: str
) -> None:
    jobs = (ScheduleJob(name="harvest", at=due), ScheduleJob(name="digest", run="digest", at=due))
    entries = build_entries(ScheduleSettings(spread_minutes=0, job=jobs), parse_hours(quiet))
    midnight = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    planned = {entry.name: start for start, entry in plan(entries, midnight - timedelta(minutes=1), 1)}
    assert planned["harvest"].astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") == starts
    assert planned["digest"].strftime("%H:%M") == due
    clock = SteppedClock(midnight)
    runner = Runner(tmp_path, entries, clock, lambda entry: [PYTHON, "-c", ""])
    clock.moment = planned["harvest"] - timedelta(minutes=1)
    runner.run_owed()
    assert "harvest" not in runner.state.runs
    clock.moment = planned["harvest"]
    runner.run_owed()
    assert runner.state.runs["harvest"].status == "done"


def test_locked_out_harvest_waits_and_is_reported_after_its_limit(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a")
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    entries = entries_of(ScheduleJob(name="harvest", limit_minutes=60), ScheduleJob(name="digest", run="digest"))
    runner = Runner(archive.root, entries, clock, lambda entry: [PYTHON, "-c", ""])
    clock.moment = datetime(2026, 3, 1, 18, 40, tzinfo=UTC)  # 02:40 in Shanghai; due at 02:30
    with archive.lock():
        assert runner.run_owed() == 1
        assert set(runner.state.runs) == {"digest"}  # a digest needs no lock
        clock.moment += timedelta(hours=2)
        runner.run_owed()
        assert runner.state.runs["harvest"].status.startswith("locked out")
    assert [failure.job for failure in failures(archive.root)] == ["harvest"]
    assert runner.run_owed() == 0
    clock.moment += timedelta(days=1)
    runner.run_owed()
    assert runner.state.runs["harvest"].status == "done"


def test_locked_out_harvest_runs_when_the_archive_is_free(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "a")
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    runner = Runner(archive.root, entries_of(ScheduleJob(name="harvest")), clock, lambda entry: [PYTHON, "-c", ""])
    clock.moment += timedelta(days=1)
    with archive.lock():
        assert runner.run_owed() == 0
    assert runner.run_owed() == 1
    assert failures(archive.root) == []


def test_jobs_run_in_the_archive_whatever_the_services_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The season's snapshot goes to `exports/site`: of the archive, not of wherever the service was started."""
    open_index(Archive.create(tmp_path / "a")).close()
    monkeypatch.chdir(tmp_path)
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    job = ScheduleJob(name="export", run="export --to exports/data")
    runner = Runner(Path("a"), entries_of(job), clock)
    clock.moment += timedelta(days=1)
    assert runner.run_owed() == 1
    assert runner.state.runs["export"].status == "done"
    assert any((tmp_path / "a" / "exports" / "data").iterdir())


def test_failed_runs_are_kept_for_the_digest(tmp_path: Path) -> None:
    clock = SteppedClock(datetime(2026, 3, 1, tzinfo=UTC))
    job = ScheduleJob(name="fails", run="verify")
    runner = Runner(tmp_path, entries_of(job), clock, lambda entry: [PYTHON, "-c", "raise SystemExit(2)"])
    clock.moment += timedelta(days=1)
    runner.run_owed()
    (failure,) = failures(tmp_path)
    assert (failure.job, failure.due) == ("fails", "2026-03-01T18:30:00Z")
    assert "exit status 2" in failure.what


def test_metrics_of_an_archive(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    what = report()
    url = f"{BASE}/art/1.html"
    season.run(datetime(2021, 2, 5, 2, 0, tzinfo=UTC), [Shown(url, page(what))], [Entry(url, what.title)])
    verified = {"at": "2021-02-05T03:00:00Z", "ok": True, "problems": 0, "first": ""}
    (season.root / "verified.json").write_text(json.dumps(verified))
    clock = SteppedClock(datetime(2021, 2, 5, 4, 0, tzinfo=UTC))
    runner = Runner(season.root, entries_of(ScheduleJob(name="verify", run="verify")), clock, lambda entry: [])
    runner.state.record(
        "verify", LastRun("2021-02-05T03:00:00Z", "2021-02-05T03:00:00Z", "2021-02-05T03:00:05Z", "done", 0)
    )
    lines = list(metric_lines(season.archive, runner))
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['ogi_captures{verdict="ok"}'] == "1"
    assert values['ogi_pages{portal="ouhai"}'] == "1"
    assert int(values["ogi_bytes"]) > 1000
    assert values['ogi_changes{kind="published"}'] == "1"
    assert values['ogi_portal_ok{portal="ouhai"}'] == "1"
    assert float(values['ogi_portal_last_success_timestamp_seconds{portal="ouhai"}']) == 1612490403.0
    assert values["ogi_verify_age_seconds"] == "3600"
    assert values["ogi_outbox_messages"] == "0"
    assert values['ogi_job_success{job="verify"}'] == "1"
    assert (values['ogi_findings{severity="error"}'], values['ogi_changes{kind="vanished"}']) == ("0", "0")
    assert values['ogi_obligations{status="missing"}'] == "1"
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} >= {name.split("{")[0] for name in values}
    season.archive.db_path.write_bytes(b"no database" * 1000)
    with pytest.raises((OgiError, DatabaseError)):
        list(metric_lines(season.archive, runner))


def health(archive: Archive, runner: Runner) -> tuple[int, dict[str, Any]]:
    server = serve_metrics(archive, runner, 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}/healthz") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    finally:
        server.shutdown()
        server.server_close()


def test_health_is_bad_after_a_verification_that_failed(tmp_path: Path) -> None:
    season = Season(tmp_path / "a")
    what = report()
    season.run(datetime(2021, 2, 5, 2, 0, tzinfo=UTC), [Shown(BASE, page(what))], [Entry(BASE, what.title)])
    runner = Runner(season.root, (), SteppedClock(datetime(2021, 2, 5, 4, 0, tzinfo=UTC)))

    def verified(*options: str) -> int:
        command = [PYTHON, "-m", "crawler", "verify", "--archive", str(season.root), *options]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert health(season.archive, runner)[0] == 200  # nobody has verified anything yet
    assert (verified(), health(season.archive, runner)[0]) == (0, 200)
    assert (verified("--require", "when"), health(season.archive, runner)[0]) == (3, 503)  # required, and not proved
    assert (verified(), health(season.archive, runner)[0]) == (0, 200)
    segment = min(season.archive.warc_dir.glob("*.warc.gz"))
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-40] + bytes(40))
    assert (verified(), health(season.archive, runner)[0]) == (1, 503)
    segment.write_bytes(whole)
    assert (verified(), health(season.archive, runner)[0]) == (0, 200)
    (season.root / "verified.json").write_text("{")
    assert health(season.archive, runner)[0] == 503  # what it said can't be read


@pytest.mark.slow
def test_sigterm_in_a_running_harvest_leaves_everything_sealed(tmp_path: Path) -> None:
    """A slow portal, a harvest of the calendar in the middle of it, and the service told to end."""
    archive = Archive.create(tmp_path / "a", {"harvest.delay": 0.0, "harvest.jitter": 0.0})
    with slow_site() as base:
        process = owing_calendar(archive, base)
        try:
            wait_for(lambda: has_records(archive.warc_dir), 120)
            began = time.monotonic()
            process.terminate()
            assert process.wait(timeout=40) == 0
            assert time.monotonic() - began < 30
        finally:
            process.kill()
            process.wait()
    assert list(archive.warc_dir.glob("*.open")) == []
    assert len(manifest.entries(archive)) >= 1
    assert verify(archive).is_whole
    with archive.lock():  # nobody holds it any more
        assert ScheduleState(archive.root).runs["harvest"].finished_at == ""  # owed again at the next start


def owing_calendar(archive: Archive, base: str) -> subprocess.Popen[bytes]:
    """A calendar with one harvest, of a slow portal, that it owes now."""
    definitions = archive.root / "portals"
    definitions.mkdir(exist_ok=True)
    (definitions / "slow.toml").write_text(
        f'[portal]\nid = "slow"\nname = "示例"\nurl = "{base}/"\nstart = ["{base}/nb/"]\ndelay = 0.0\n', "utf-8"
    )
    with (archive.root / "ogi.toml").open("a", encoding="utf-8") as stream:
        stream.write('\n[[schedule.job]]\nname = "harvest"\nat = "02:30"\n')
    due = datetime.now(UTC) - timedelta(days=3)  # in the calendar for days, so it owes a run now
    ScheduleState(archive.root).enter(["harvest"], utc_text(due))
    return subprocess.Popen(
        [PYTHON, "-m", "crawler", "schedule", "--archive", str(archive.root)], stderr=subprocess.DEVNULL
    )


def has_records(folder: Path) -> bool:
    return any(path.stat().st_size > 1500 for path in folder.glob("*.open"))


@contextmanager
def slow_site() -> Iterator[str]:
    """A list of thirty reports, each of which takes a second."""

    def answer(asked: Asked) -> Answer:
        if asked.path == "/nb/":
            rows = "".join(
                f'<li><a href="/art/{number}.html" title="示例局{number}2020年政府信息公开工作年度报告">报告</a>'
                "<span>2021-01-20</span></li>"
                for number in range(30)
            )
            body = f"<html><head><meta charset='utf-8'><title>年报</title></head><body><ul>{rows}</ul></body></html>"
        elif asked.path.startswith("/art/"):
            threading.Event().wait(1.0)
            number = asked.path.split("/")[-1].split(".")[0]
            body = page(report(f"示例局{number}")).decode()
        else:
            return 404, {}, b""
        return 200, {"Content-Type": "text/html; charset=utf-8"}, body.encode()

    with answering(answer) as base:
        yield base


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('run = "harvest --foo"', "--foo"),
        ("run = 'harvest \"x'", "No closing quotation"),
        ('portals = ["nowhere"]', "'nowhere'"),
        ('months = "2"\nmonthday = "30"', "no such day"),
        ('months = "13"', "13"),
    ],
)
def test_slip_of_the_pen_is_said_at_the_start_and_not_in_the_night(tmp_path: Path, entry: str, words: str) -> None:
    archive = Archive.create(tmp_path / "a")
    with (archive.root / "ogi.toml").open("a", encoding="utf-8") as stream:
        stream.write(f'\n[[schedule.job]]\nname = "slip"\n{entry}\n')
    for more in ([], ["--dry-run"]):
        command = [PYTHON, "-m", "crawler", "schedule", "--archive", str(archive.root), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


def test_leap_day_comes(tmp_path: Path) -> None:
    check_entries(entries_of(ScheduleJob(name="leap", months="2", monthday="29")), (), datetime(2025, 3, 1, tzinfo=UTC))


def test_dry_run_prints_what_would_run(tmp_path: Path) -> None:
    Archive.create(tmp_path / "a")
    done = subprocess.run(
        [PYTHON, "-m", "crawler", "schedule", "--archive", str(tmp_path / "a"), "--dry-run", "--days", "30", "--from", "2027-01-15", "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(row["run"] == "harvest" for row in rows) == 17 + 10 + 1
    assert rows == sorted(rows, key=lambda row: row["due"])


def test_simulated_clock_runs_on() -> None:
    clock = SimulatedClock(datetime(2021, 3, 1, tzinfo=UTC))
    assert utc_text(clock.now()).startswith("2021-03-01T00:00:0")
