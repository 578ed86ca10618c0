"""The calendar: the season's due times, each run once, hung jobs stopped, nothing owed twice after a kill -9."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.clock import SimulatedClock, utc_text
from archive.errors import BadSettings
from archive.folder import Archive
from archive.settings import ScheduleJob, ScheduleSettings
from crawler.schedule.entries import build_entries, plan
from crawler.schedule.runner import Runner
from crawler.schedule.state import ScheduleState

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
        if entry.command[0] == "harvest"
    ]
    by_month = {month: sum(1 for due, _ in dues if due.month == month) for month in range(1, 13)}
    assert by_month[1] == 2 + 17  # two Mondays to the 14th, then daily
    assert by_month[3] == 4 + 16
    assert all(by_month[month] <= 2 for month in range(5, 13))
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
    from archive.settings import ScheduleJob, ScheduleSettings
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
        *(ScheduleJob(name=f"daily-{hour}", at=f"{hour}:30") for hour in range(4, 24)),
        ScheduleJob(name="weekly", at="05:00", days="sun", run="verify"))))
    clock = Clock()
    def command(entry):
        due = entry.last_due(clock.now()).isoformat()
        code = f"open({str(folder / 'log')!r}, 'a').write({entry.name + ' ' + due!r} + chr(10))"
        return [sys.executable, "-S", "-c", code]
    runner = Runner(folder, entries, clock, command)
    end = datetime(2026, 3, 1, tzinfo=UTC)
    while clock.now() < end:
        runner.run_owed()
        clock.step()
    runner.run_owed()
    (folder / "done").write_text("")
    """
)


@pytest.mark.slow
def test_every_due_job_runs_through_fifty_kills_of_two_simulated_months(tmp_path: Path) -> None:
    """A run that was cut off may run again; a due time without a finished run must not exist, and none runs twice once finished."""
    (tmp_path / "clock").write_text(datetime(2026, 1, 1, tzinfo=UTC).isoformat())
    (tmp_path / "log").write_text("")
    chance = random.Random(7)
    kills = 0
    while not (tmp_path / "done").exists():
        process = subprocess.Popen(
            [PYTHON, "-c", MONTH, str(tmp_path)], cwd=Path(__file__).parents[2], start_new_session=True
        )
        try:
            if kills < 50:
                process.wait(timeout=chance.uniform(0.2, 0.45))
            else:
                process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    lines = (tmp_path / "log").read_text().splitlines()
    assert kills == 50
    due = set(lines)
    assert len([line for line in due if line.startswith("daily")]) == 20 * 59
    assert len([line for line in due if line.startswith("weekly")]) == 9
    assert len(lines) - len(due) <= kills


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
        assert json.load(answer) == {"ok": True, "failed": []}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert "ogi_job_queue 0" in answer.read().decode()
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stderr.close()


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
