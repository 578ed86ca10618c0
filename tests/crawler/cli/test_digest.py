"""`ogi digest`: every event told once, where `ogi.toml` says, whatever breaks on the way."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from apprise import Apprise

from archive.files.folder import Archive
from archive.publish.events import KINDS
from archive.publish.failures import Failure, add_failure
from archive.warc.context import Entry
from crawler.cli import run
from tests.archive.season import BASE, BUREAU, GONE_PAGE, GOVERNMENT, Season, Shown, page, report
from tests.crawler.receivers import smtp_server, webhook

URL = f"{BASE}/art/1.html"
SCHEMA = Path(__file__).parents[3] / "docs" / "digest.schema.json"
WHAT = report()
LISTED = [Entry(URL, WHAT.title)]
EDITED = WHAT.with_figure(("applications", "received", "business"), "5555")


def at(month: int, day: int) -> datetime:
    return datetime(2021, month, day, 2, 0, tzinfo=UTC)


@pytest.fixture
def season(tmp_path: Path) -> Season:
    made = Season(tmp_path / "archive")
    made.run(at(1, 20), [Shown(URL, page(WHAT))], LISTED)
    return made


def set_rules(season: Season, *rules: str) -> None:
    path = season.root / "ogi.toml"
    text = path.read_text("utf-8").partition("\n[[notify]]\n")[0]
    path.write_text(text + "".join(f"\n[[notify]]\n{rule}\n" for rule in rules), "utf-8")


@pytest.fixture
def digest(season: Season, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs `ogi digest`; gives its exit status and its JSON, or its text."""

    def call(*args: str, as_json: bool = True) -> tuple[int, Any]:
        code = run(["digest", "--archive", str(season.root), *(["--json"] if as_json else []), *args])
        out, err = capsys.readouterr()
        return code, (json.loads(out) if as_json and code != 2 else out or err)

    return call


def kinds(said: dict[str, Any]) -> Counter[str]:
    return Counter(event["kind"] for event in said["events"])


def test_every_event_is_told_in_one_digest(season: Season, digest: Any) -> None:
    code, first = digest()
    assert (code, kinds(first), first["since"]) == (0, {"published": 1, "due": 1}, None)
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    season.run(at(2, 2), [Shown(URL, page(EDITED))], LISTED)
    _, second = digest()
    # the bureau of this portal never publishes, and its date was 31 January
    assert kinds(second) == {"revised": 1, "missing": 1, "finding": kinds(second)["finding"]}
    assert second["since"] == first["at"]
    season.run(at(2, 3), [Shown(URL, GONE_PAGE, "gone?", 404)], [])
    season.run(at(2, 4), ok=False, complete=False, reason="blocked:waf")
    season.run(at(2, 5), [Shown(URL, GONE_PAGE, "gone?", 404)], [])
    _, third = digest()
    assert kinds(third) == {"vanished": 1, "blocked": 1}  # the block ended before the digest, and is told
    assert digest()[1]["events"] == []
    told = [event["id"] for part in (first, second, third) for event in part["events"]]
    assert len(told) == len(set(told))


def test_revision_names_its_figures(season: Season, digest: Any) -> None:
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    texts = [event["text"] for event in digest()[1]["events"] if event["kind"] == "revised"]
    assert len(texts) == 1
    assert "applications.received.business" in texts[0]
    assert "→ 5,555" in texts[0]


def test_missing_is_judged_on_the_day_of_the_digest_and_never_in_a_block(season: Season, digest: Any) -> None:
    season.run(at(2, 4), ok=False, complete=False, reason="blocked:waf")
    assert "missing" not in kinds(digest()[1])
    season.run(at(2, 10), [Shown(URL)], LISTED)
    missing = [event for event in digest()[1]["events"] if event["kind"] == "missing"]
    assert [(event["agency"], event["at"][:10]) for event in missing] == [(BUREAU, "2021-02-10")]


def test_dry_run_and_since_remember_nothing(season: Season, digest: Any) -> None:
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    assert kinds(digest("--dry-run")[1])["published"] == 1
    assert kinds(digest("--since", "2021-01-22")[1])["published"] == 0
    assert kinds(digest("--since", "2021-01-22")[1])["revised"] == 1
    assert not (season.root / "digests.jsonl").exists()
    assert kinds(digest()[1])["published"] == 1
    assert kinds(digest("--since", "2021-01-01")[1])["published"] == 1  # told before or not
    assert digest("--since", "yesterday")[0] == 2


def test_forms_of_a_digest(season: Season, digest: Any) -> None:
    add_failure(season.root, Failure("<b>_job_</b>", "2021-01-21T00:00:00Z", "2021-01-21T00:01:00Z", "failed & gone"))
    text = digest("--dry-run", as_json=False)[1]
    assert f"- {GOVERNMENT} 2020 年报 网站: <{URL}>" in text
    markdown = digest("--dry-run", "--format", "markdown", as_json=False)[1]
    assert markdown.startswith("# 年报档案：")
    assert "\n## 发布\n" in markdown
    assert r"\<b\>\_job\_\</b\>" in markdown
    html = digest("--dry-run", "--format", "html", as_json=False)[1]
    assert f'<li>{GOVERNMENT} 2020 年报 <a href="{URL}">网站</a></li>' in html
    assert "&lt;b&gt;_job_&lt;/b&gt;" in html
    assert "failed &amp; gone" in html
    assert "<b>" not in html


def test_events_lead_to_the_archive_and_say_what_to_do(season: Season, digest: Any) -> None:
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    season.run(at(2, 10), [Shown(URL)], LISTED)
    path = season.root / "ogi.toml"
    path.write_text(
        path.read_text("utf-8").replace("[serve]", '[serve]\nbase_url = "https://archive.example/x/"', 1), "utf-8"
    )
    events = {event["kind"]: event for event in digest("--dry-run")[1]["events"]}
    revised, missing = events["revised"], events["missing"]
    assert revised["page"].startswith("https://archive.example/x/r/")
    assert revised["diff"] == revised["page"] + "/diff/1..2"
    assert {"table": "applications", "row": "received", "column": "business", "after": 5555}.items() <= revised[
        "figures"
    ][0].items()
    assert "--false-alarm" in revised["todo"]
    assert missing["list_read_at"].startswith("2021-02-10")
    assert missing["page"].startswith("https://archive.example/x/agency/")
    text = digest("--dry-run", as_json=False)[1]
    assert "列表最近一次完整读取：2021-02-10" in text
    assert f"两个版本: <{revised['diff']}>" in text
    assert f'href="{revised["diff"]}"' in digest("--dry-run", "--format", "html", as_json=False)[1]


def test_vanished_page_is_no_link(season: Season, digest: Any) -> None:
    for day in (25, 27):
        season.run(at(1, day), [Shown(URL, GONE_PAGE, "gone?", 404)], [])
    lines = digest("--dry-run", as_json=False)[1].split("消失\n", 1)[1].split("\n\n")[0]
    assert GOVERNMENT in lines
    assert URL not in lines


def test_in_english(season: Season, digest: Any, capsys: pytest.CaptureFixture[str]) -> None:
    season.run(at(2, 10), [Shown(URL)], LISTED)
    text = digest("--dry-run", "--lang", "en", as_json=False)[1]
    assert f"{BUREAU}, report of 2020 (due 2021-01-31); the list was last read whole on 2021-02-10" in text


def test_what_was_told_wrongly_is_taken_back(season: Season, digest: Any, capsys: pytest.CaptureFixture[str]) -> None:
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    season.run(at(2, 10), [Shown(URL)], LISTED)
    told = {event["kind"]: event["id"] for event in digest()[1]["events"]}
    assert (
        run(["changes", "--archive", str(season.root), "--false-alarm", told["revised"].removeprefix("change:")]) == 0
    )
    season.run(at(2, 12), ok=False, complete=False, reason="blocked:waf")
    capsys.readouterr()
    events = digest()[1]["events"]
    assert {event["id"] for event in events if event["kind"] == "corrected"} == {
        f"corrected:{told['revised']}",
        f"corrected:{told['missing']}:unknown",
    }
    unknown = [event for event in events if event["kind"] == "unknown"]
    assert len(unknown) == 1
    assert BUREAU in unknown[0]["text"]
    assert "blocked:waf" in unknown[0]["text"]
    assert digest()[1]["events"] == []


def test_first_harvest_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    season = Season(tmp_path / "large")
    found = [(f"{BASE}/art/{year}.html", report(GOVERNMENT, year)) for year in range(2015, 2021)]
    listed = [Entry(url, what.title) for url, what in found]
    season.run(at(1, 20), [Shown(url, page(what)) for url, what in found], listed)
    assert run(["digest", "--archive", str(season.root), "--json"]) == 0
    published = [event for event in json.loads(capsys.readouterr().out)["events"] if event["kind"] == "published"]
    assert len(published) == 1
    assert "6 份年报（2015–2020）" in published[0]["text"]


def test_what_was_missing_in_years_before_the_first_harvest_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody could act on them; what is missing of the season that is running is a line each."""
    season = Season(tmp_path / "gaps")
    season.portal["agency"][0]["since"] = 2011
    found = [(f"{BASE}/art/{year}.html", report(GOVERNMENT, year)) for year in (2011, 2019)]
    season.run(
        at(6, 20), [Shown(url, page(what)) for url, what in found], [Entry(url, what.title) for url, what in found]
    )

    def missing() -> list[dict[str, str]]:
        assert run(["digest", "--archive", str(season.root), "--json"]) == 0
        return [event for event in json.loads(capsys.readouterr().out)["events"] if event["kind"] == "missing"]

    past, *running = sorted(missing(), key=lambda event: event["agency"])
    assert "7 份年报（2012–2018）" in past["text"]
    assert "2021-06-20" in past["text"]
    assert [(event["agency"], " 2020 年报" in event["text"]) for event in running] == [
        (GOVERNMENT, True),
        (BUREAU, True),
    ]
    season.run(
        at(6, 22), [Shown(url, page(what)) for url, what in found], [Entry(url, what.title) for url, what in found]
    )
    assert missing() == []


def test_contradictions_of_years_before_the_first_harvest_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that a later version brings is told, and so is that of the season that is running."""
    season = Season(tmp_path / "old")
    place = ("applications", "received", "business")
    found = {year: report(GOVERNMENT, year).with_figure(place, "5555") for year in range(2014, 2021)}
    address = {year: f"{BASE}/art/{year}.html" for year in found}
    listed = [Entry(address[year], what.title) for year, what in found.items()]

    def findings() -> list[dict[str, str]]:
        assert run(["digest", "--archive", str(season.root), "--json"]) == 0
        return [event for event in json.loads(capsys.readouterr().out)["events"] if event["kind"] == "finding"]

    season.run(at(1, 20), [Shown(address[year], page(what)) for year, what in found.items()], listed)
    told = findings()
    old = [event for event in told if not event["agency"]]
    assert len(old) == 1
    assert "6 份年报（2014–2019）" in old[0]["text"]
    assert {" 2020 年报" in event["text"] for event in told if event["agency"]} == {True}
    found[2016] = found[2016].with_figure(place, "6666")
    season.run(at(1, 25), [Shown(address[year], page(what)) for year, what in found.items()], listed)
    assert {" 2016 年报" in event["text"] for event in findings()} == {True}


def test_webhook_gets_events_as_the_schema_describes(season: Season, digest: Any) -> None:
    import jsonschema

    with webhook() as hook:
        set_rules(season, f'url = "{hook.url.replace("json://", "http://")}"\nformat = "json"')
        assert digest()[1]["sent"] == 1
    jsonschema.validate(hook.taken[0], json.loads(SCHEMA.read_text("utf-8")))
    assert {event["kind"] for event in hook.taken[0]["events"]} == {"published", "due"}


def test_rules_can_be_tried(season: Season, digest: Any) -> None:
    assert digest("--test")[0] == 1  # nobody would be told
    with webhook() as hook:
        set_rules(season, f'url = "{hook.url}"')
        assert digest("--test") == (0, {"tried": [{"service": "json", "taken": True}]})
    assert "测试" in hook.taken[0]["message"]
    assert digest("--test")[1]["tried"][0]["taken"] is False  # nobody listens any more
    assert not (season.root / "digests.jsonl").exists()


def test_failed_verification_is_told(season: Season, digest: Any, capsys: pytest.CaptureFixture[str]) -> None:
    digest()
    assert run(["verify", "--archive", str(season.root)]) == 0
    capsys.readouterr()
    assert digest()[1]["events"] == []
    segment = next((season.root / "warc").glob("*.warc.gz"))
    segment.chmod(0o644)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    assert run(["verify", "--archive", str(season.root)]) == 1
    capsys.readouterr()
    events = digest()[1]["events"]
    assert [event["kind"] for event in events] == ["verify"]
    assert segment.name in events[0]["text"]
    assert digest()[1]["events"] == []
    # a sample of nothing that finds no damage is no good news
    run(["verify", "--archive", str(season.root), "--sample", "0"])
    assert not json.loads((season.root / "verified.json").read_text("utf-8"))["ok"]


def test_sent_by_mail_and_webhook_by_rules(season: Season, digest: Any) -> None:
    with smtp_server() as box, webhook() as hook:
        mail = f"mailto://127.0.0.1:{box.port}/?from=ogi@example.org&to=watch@example.org&mode=insecure"
        set_rules(
            season,
            f'url = "{mail}"\nformat = "html"',
            f'url = "{hook.url}"\nformat = "text"\nevents = ["revised"]',
            f'url = "{hook.url}none"\nportals = ["elsewhere"]',
            f'url = "{hook.url}bureau"\nagencies = ["{BUREAU}"]',
        )
        code, said = digest()
        assert (code, said["sent"], len(box.mails), hook.taken) == (0, 1, 1, [])
        assert any(f'{GOVERNMENT} 2020 年报 <a href="{URL}">网站</a>' in part for part in box.texts())
        season.run(at(2, 2), [Shown(URL, page(EDITED))], LISTED)
        code, said = digest()
        assert (code, said["sent"]) == (0, 3)
        revised, missing = sorted((body["message"] for body in hook.taken), key=lambda text: BUREAU in text)
        assert "→ 5,555" in revised
        assert BUREAU not in revised
        assert BUREAU in missing
        assert "→ 5,555" not in missing
        assert digest()[1]["sent"] == 0


def test_what_is_refused_waits_and_is_sent_once(season: Season, digest: Any) -> None:
    with webhook() as hook, smtp_server() as box:
        mail = f"mailto://127.0.0.1:{box.port}/?from=ogi@example.org&to=watch@example.org&mode=insecure"
        set_rules(season, f'url = "{hook.url}"', f'url = "{mail}"')
        hook.status, box.refuses = 503, True
        code, said = digest()
        assert (code, said["sent"], said["waiting"], said["uncertain"]) == (1, 0, 2, 0)
        code, said = digest()
        assert (code, said["events"], said["waiting"]) == (1, [], 2)
        hook.status, box.refuses = 200, False
        code, said = digest()
        assert (code, said["sent"], said["waiting"]) == (0, 2, 0)
        assert (len(hook.taken), len(box.mails)) == (1, 1)
        assert digest()[1]["sent"] == 0


def test_message_that_waits_follows_its_rule_to_a_mended_address(season: Season, digest: Any) -> None:
    with webhook() as gone:
        wrong = gone.url
    with webhook() as hook, webhook() as other:
        set_rules(season, f'url = "{wrong}"', f'url = "{other.url}"\nevents = ["published"]')
        assert (digest()[1]["waiting"], len(other.taken)) == (1, 1)
        set_rules(season, f'url = "{hook.url}"', f'url = "{other.url}"\nevents = ["published"]')
        code, said = digest()
        assert (code, said["sent"], said["waiting"]) == (0, 1, 0)
        assert (len(hook.taken), len(other.taken)) == (1, 1)


def test_long_digest_goes_in_messages_of_their_own_and_none_is_told_again(season: Season, digest: Any) -> None:
    """A sender that cuts a long message into parts would send the first ones again when a later one is refused."""
    for number in range(400):
        add_failure(
            season.root, Failure(f"job-{number:03d}", "2021-01-21T00:00:00Z", "2021-01-21T00:01:00Z", "失败" * 40)
        )
    with webhook() as hook:
        set_rules(season, f'url = "{hook.url}"\nformat = "text"')
        hook.refuses_after = 1
        code, said = digest()
        assert (code, said["sent"]) == (1, 1)
        assert said["waiting"] > 1
        hook.refuses_after = None
        assert digest()[0] == 0
    told = [line for body in hook.taken for line in body["message"].splitlines() if line.startswith("- ")]
    assert len(told) == len(set(told)) == 402
    assert all(len(body["message"].encode()) < 32_768 for body in hook.taken)
    assert hook.asked == len(hook.taken) + 1  # after the refusal it was left alone


def test_nobody_there_waits_too(season: Season, digest: Any) -> None:
    with webhook() as hook:
        url = hook.url
    set_rules(season, f'url = "{url}"')
    code, said = digest()
    assert (code, said["waiting"], said["uncertain"]) == (1, 1, 0)


def test_no_answer_is_told_as_uncertain_and_not_sent_twice(season: Season, digest: Any) -> None:
    with webhook() as hook:
        set_rules(season, f'url = "{hook.url}"')
        hook.hangs_up = True
        code, said = digest()
        assert (code, said["sent"], said["waiting"], said["uncertain"]) == (1, 0, 0, 1)
        hook.hangs_up = False
        assert digest()[1]["uncertain"] == 1
        assert len(hook.taken) == 1
        code, said = digest("--again")
        assert (code, said["sent"], said["uncertain"], len(hook.taken)) == (0, 1, 0, 2)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ('url = "json://127.0.0.1/"\nevents = ["publishd"]', "publishd"),
        ('url = "nowhere://x"', "nowhere"),
        ('url = "json://127.0.0.1/"\nformat = "pdf"', "format"),
    ],
)
def test_rule_that_could_never_tell_is_an_error(season: Season, digest: Any, rule: str, words: str) -> None:
    set_rules(season, rule)
    code, said = digest()
    assert code == 2
    assert words in said
    assert not (season.root / "digests.jsonl").exists()


def test_rules_may_use_aliases_and_unknown_names_are_said(season: Season, capsys: pytest.CaptureFixture[str]) -> None:
    with webhook() as hook:
        set_rules(
            season,
            f'url = "{hook.url}"\nagencies = ["瓯海区政府"]',
            f'url = "{hook.url}"\nagencies = ["没有的局"]\nportals = ["nowhere"]',
        )
        assert run(["digest", "--archive", str(season.root), "--json"]) == 0
        assert GOVERNMENT in hook.taken[0]["message"]
    said = capsys.readouterr()
    assert json.loads(said.out)["sent"] == 1
    assert "没有的局" in said.err
    assert "nowhere" in said.err


PIECES = """
import os, sys
from pathlib import Path
import archive.publish.digest, archive.publish.notify
place = sys.argv[1]
def dying(function):
    def call(*args, **kwargs):
        if place.startswith("before"):
            os.kill(os.getpid(), 9)
        function(*args, **kwargs)
        os.kill(os.getpid(), 9)
    return call
kind = place.split(" ")[1]
if kind == "log":
    archive.publish.notify.DigestLog.add = dying(archive.publish.notify.DigestLog.add)
elif kind == "plan":
    archive.publish.notify.Outbox._put = dying(archive.publish.notify.Outbox._put)
else:
    original = archive.publish.notify._write
    def write(path, content):
        if path.suffix == ".json":
            return dying(original)(path, content)
        return original(path, content)
    archive.publish.notify._write = write
from crawler.cli import run
sys.exit(run(["digest", "--archive", sys.argv[2]]))
"""


@pytest.mark.parametrize(
    "place", ["before plan", "after plan", "before message", "after message", "before log", "after log"]
)
def test_killed_anywhere_nothing_is_lost_or_told_twice(season: Season, digest: Any, place: str) -> None:
    """The process dies between two of the steps that `archive.publish.notify` describes; two rules, so that one message may be there alone."""
    with webhook() as hook, webhook() as other:
        set_rules(season, f'url = "{hook.url}"', f'url = "{other.url}"')
        done = subprocess.run([sys.executable, "-c", PIECES, place, str(season.root)], cwd=Path(__file__).parents[3])
        assert done.returncode == -signal.SIGKILL
        assert (hook.taken, other.taken) == ([], [])
        assert digest()[0] == 0
        assert digest()[0] == 0
        assert (len(hook.taken), len(other.taken)) == (1, 1)


def test_killed_while_sending_is_uncertain(season: Season, digest: Any) -> None:
    with webhook() as hook:
        set_rules(season, f'url = "{hook.url}"')
        hook.before_answer = threading.Event()
        process = subprocess.Popen([sys.executable, "-m", "crawler", "digest", "--archive", str(season.root)])
        assert hook.arrived.wait(60)
        code, said = digest()  # a second one meanwhile
        assert code == 2
        assert "another digest" in said
        process.kill()
        process.wait()
        hook.before_answer.set()
        code, said = digest()
        assert (code, said["events"], said["uncertain"], len(hook.taken)) == (1, [], 1, 1)


def test_torn_log_and_first_digest_without_rules(season: Season, digest: Any) -> None:
    digest()
    path = season.root / "digests.jsonl"
    season.run(at(1, 25), [Shown(URL, page(EDITED))], LISTED)
    with path.open("a") as stream:
        stream.write('{"at": "2021-01')
    assert kinds(digest()[1])["revised"] == 1
    assert digest()[1]["events"] == []


def test_archive_opened_for_a_digest_is_not_locked(season: Season, digest: Any) -> None:
    """A harvest may take hours; a digest doesn't wait for it."""
    with Archive.open(season.root).lock():
        assert digest()[0] == 0
    assert (season.root / "digests.jsonl").exists()


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # apprise's first use imports all its senders, some of them old-fashioned
def test_the_guide_names_every_event_and_addresses_that_are_understood() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
    assert not [kind for kind in KINDS if f"`{kind}`" not in guide]
    addresses = re.findall(r"`((?:wecombot|dingtalk|feishu|lark)://[^`]+)`", guide)
    assert len(addresses) == 4
    for address in addresses:
        filled = (
            address.replace("SECRET", "SEC0123456789")
            .replace("TOKEN", "0123456789abcdef")
            .replace("KEY", "0123456789abcdef")
        )
        assert Apprise().add(filled), address
