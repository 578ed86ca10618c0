"""Codes stand once in the code, and are those that the contract gives users; what is labelled by code has a label for each."""

from __future__ import annotations

import json
import sqlite3

from archive.index.codes import PROCESSING_ORDER, ChangeKind, DutyStatus, ReportStatus
from archive.index.dictionary import KINDS_OF_CHANGE
from archive.lists.row_outcomes import RowOutcome
from archive.publish import events, feeds
from archive.site.pages.missing import MARKS
from crawler.cli.agencies import agencies
from crawler.cli.lists import changes, reports
from crawler.cli.rows import rows
from extract.lexicon.organs import KINDS


def choices(command: object, option: str) -> list[str]:
    """What `--option` of a command takes."""
    found = next(parameter for parameter in command.params if parameter.name == option)  # type: ignore[attr-defined]
    return [str(choice) for choice in found.type.choices]


def test_codes_are_the_contract_s() -> None:
    assert list(DutyStatus) == ["published", "late", "missing", "vanished", "pending", "unknown"]
    assert list(ReportStatus) == ["present", "suspect", "vanished"]
    assert list(ChangeKind) == [
        "published",
        "revised",
        "vanished",
        "restored",
        "moved",
        "delisted",
        "replaced",
        "corrected",
        "column-shrank",
    ]
    assert list(KINDS) == ["government", "department", "township"]


def test_the_command_line_takes_the_codes_as_they_are_written() -> None:
    assert choices(agencies, "kind") == list(KINDS)
    assert choices(reports, "status") == list(ReportStatus)
    assert choices(changes, "kind") == list(ChangeKind)
    assert choices(rows, "outcome") == list(RowOutcome)


def test_every_change_has_its_place_in_a_pass() -> None:
    assert sorted(PROCESSING_ORDER) == sorted(ChangeKind)


def test_whatever_is_labelled_by_a_code_has_all_labels() -> None:
    assert list(feeds.KIND_WORDS) == list(ChangeKind)
    assert list(KINDS_OF_CHANGE) == list(ChangeKind)
    assert list(MARKS) == list(DutyStatus)
    assert {*ChangeKind, DutyStatus.LATE, DutyStatus.MISSING} <= events.KINDS.keys()


def test_codes_go_into_json_and_sqlite_as_text() -> None:
    assert json.dumps({DutyStatus.LATE: ChangeKind.REVISED}) == '{"late": "revised"}'
    with sqlite3.connect(":memory:") as db:
        assert db.execute("SELECT typeof(?1), ?1 = 'late'", (DutyStatus.LATE,)).fetchone() == ("text", 1)
