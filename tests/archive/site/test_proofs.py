"""Proof cards: what a claim rests on, as of a day, with commands that a stranger can run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.clock import shanghai_day
from archive.index.database import open_index
from archive.publish.check_proof import check
from archive.site.pages.proof import commands
from archive.site.proofs import PortalLook, Proof
from crawler.demo_country import make_country
from tests.archive.kept import copy_of
from tests.archive.site_archive import BUREAU, Client, build, serving

VANISHED, REVISED, GOVERNMENT = "ouhai-2019-5290cd", "ouhai-2020-5290cd", "08e98f2f71f3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    client = Client(copy_of("site", build, tmp_path_factory.mktemp("proofs") / "a", tmp_path_factory))
    yield client
    client.close()


def test_a_vanished_report_shows_every_answer_that_did_not_give_it(site: Client) -> None:
    gone = [row["id"] for row in site.sql("select id from captures where verdict = 'gone'")]
    assert len(gone) == 2
    for page in (f"/r/{VANISHED}", f"/proof/vanished/{VANISHED}"):
        text = site.text(page)
        assert all(capture in text for capture in gone), page
    assert "曾经发布" in site.text(f"/proof/vanished/{VANISHED}@1")


def test_a_revision_shows_both_values_and_what_lies_between(site: Client) -> None:
    text = site.text(f"/proof/revised/{REVISED}@1..2")
    assert "987,654" in text
    proof = json.loads(site.text(f"/proof/revised/{REVISED}@1..2.json"))
    assert proof["holds"]
    assert proof["address"].endswith(f"/proof/revised/{REVISED}@1..2")
    assert {look["digest"].partition(":")[0] for look in proof["looks"]} == {"sha256"}
    assert site.get("/proof/revised/ouhai-2018-5290cd").status_code == 404
    assert site.get(f"/proof/revised/{REVISED}@2..3").status_code == 404


def test_what_does_not_hold_is_said(site: Client) -> None:
    for kind in ("missing", "unknown"):
        proof = json.loads(site.text(f"/proof/{kind}/{GOVERNMENT}/2020.json"))
        assert not proof["holds"]
        assert proof["now"] == "published"
    assert not json.loads(site.text(f"/proof/vanished/{REVISED}.json"))["holds"]


@pytest.mark.parametrize(
    "path",
    ["/proof/missing/nobody/2020", f"/proof/missing/{GOVERNMENT}/1900", f"/proof/missing/{GOVERNMENT}/2020@2021-02-31", "/proof/vanished/no-such",
     f"/proof/vanished/{REVISED}@77", f"/proof/lost/{REVISED}"],
)  # fmt: skip
def test_a_claim_about_nothing_has_no_card(site: Client, path: str) -> None:
    assert site.get(path).status_code == 404


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    archive, _ = make_country(tmp_path_factory.mktemp("country") / "a", size=0.2, only=("330000",))
    client = Client(archive)
    yield client
    client.close()


def test_missing_rests_on_a_whole_reading_after_the_due_date(country: Client, tmp_path: Path) -> None:
    missing = country.sql(
        "select agency, year, due from obligations where status = 'missing' and year = 2025 limit 1"
    ) or country.sql("select agency, year, due from obligations where status = 'missing' limit 1")
    duty = missing[0]
    address = f"/proof/missing/{duty['agency']}/{duty['year']}"
    proof = json.loads(country.text(f"{address}.json"))
    assert proof["holds"]
    last = shanghai_day(country.sql("select max(ended_at) as at from runs")[0]["at"])
    assert proof["pin"] == last
    assert any(look["is_good"] and look["at"][:10] > duty["due"] for look in proof["looks"])
    assert all(look["capture"] and look["digest"] for look in proof["looks"])  # the lists' own bytes
    assert f"@{last}" in country.text(address)
    made = country.get(
        f"{address}@{last}.wacz"
    )  # the file says itself what it leaves open, or the page says why there is none
    assert f"{address}@{last}.wacz" in country.text(address)
    if made.status_code == 200:
        (tmp_path / "x.wacz").write_bytes(made.content)
        assert "damaged" not in [outcome for outcome, _ in check(str(tmp_path / "x.wacz"), None)]
    else:
        assert (made.status_code, "证明文件" in made.text) == (409, True)
    assert country.get(f"{address}@2026-04-10.wacz").status_code == 404
    # before the first look nobody could say, and an old pin goes on saying so
    early = json.loads(country.text(f"{address}@2026-04-10.json"))
    assert not early["holds"]
    assert early["looks"] == []
    assert early["now"] == ""
    then = json.loads(country.text(f"/proof/unknown/{duty['agency']}/{duty['year']}@2026-04-10.json"))
    assert then["holds"]
    assert then["now"] == "missing"
    file = country.get(f"{address}@{proof['pin']}.wacz")
    assert file.status_code == 200, file.text
    (tmp_path / "absence.wacz").write_bytes(file.content)
    assert not [said for outcome, said in check(str(tmp_path / "absence.wacz"), None) if outcome == "damaged"]
    agency = country.text(f"/agency/{duty['agency']}")
    assert address in agency
    assert address in country.text(f"/missing?status=missing&year={duty['year']}")


def test_the_commands_of_a_card_check_the_bytes(tmp_path: Path) -> None:
    archive = build(tmp_path / "a")
    db = open_index(archive)
    capture, digest = db.execute("select id, digest from captures where verdict = 'gone' order by at desc").fetchone()
    db.close()
    look = PortalLook("2021-04-02T02:00:02Z", "", "gone", False, capture, digest, 200)
    proof = Proof("vanished", True, BUREAU, "x", 2019, "1", [look], report=VANISHED)
    with serving(archive.root) as url:
        for command in commands(proof, url):
            done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (command, done)
    assert "OK" in done.stdout


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"/proof/published/{REVISED}@1", f"published-{REVISED}-1.wacz"),
        (f"/proof/published/{REVISED}@2", f"published-{REVISED}-2.wacz"),
        (f"/proof/revised/{REVISED}@1..2", f"revised-{REVISED}-1..2.wacz"),
    ],
)
def test_a_card_offers_the_file_that_proves_it(site: Client, tmp_path: Path, address: str, name: str) -> None:
    card = site.text(address)
    assert f"{address}.wacz" in card
    assert f"ogi prove --check {name}" in card
    answer = site.get(f"{address}.wacz")
    assert answer.status_code == 200
    assert name in answer.headers["content-disposition"]
    file = tmp_path / "proof.wacz"
    file.write_bytes(answer.content)
    said = check(str(file), None)
    assert said
    assert not [sentence for outcome, sentence in said if outcome == "damaged"]


@pytest.mark.parametrize(
    "path",
    [f"/proof/revised/{REVISED}@2..3", f"/proof/revised/{REVISED}@2..1", "/proof/published/no-such@1", f"/proof/published/{REVISED}@9",
     "/proof/unknown/nobody/2020@2021-01-01", f"/proof/missing/{GOVERNMENT}/2020@2021-04-02"],
)  # fmt: skip
def test_what_no_file_proves_has_none(site: Client, path: str) -> None:
    assert site.get(f"{path}.wacz").status_code == 404


def test_without_the_segments_it_is_said_that_no_file_can_be_made(tmp_path: Path) -> None:
    archive = build(tmp_path / "a")
    client = Client(archive)
    for segment in (archive.root / "warc").iterdir():
        segment.unlink()
    answer = client.get(f"/proof/published/{REVISED}@1.wacz")
    client.close()
    assert answer.status_code == 409
    assert "证明文件" in answer.text


def test_what_the_records_do_not_prove_is_said_with_the_reason(site: Client) -> None:
    """In this archive no other page of the portal answered well when the report was gone: the portal may have been down."""
    assert f"/proof/vanished/{VANISHED}@1.wacz" in site.text(f"/proof/vanished/{VANISHED}@1")
    answer = site.get(f"/proof/vanished/{VANISHED}@1.wacz")
    assert answer.status_code == 409
    assert "answered well" in answer.text
