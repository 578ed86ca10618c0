"""What one visit says about a document or a file that is there, in doubt or gone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from archive.history.presence import FilePresence, Presence, after_file_visit, after_visit
from archive.history.visits import PageVisit
from archive.index.codes import AddressStatus
from archive.index.types import AddressRow, DocumentRow

URL = "http://a.example/1.html"
VISIT = PageVisit(URL, "2021-02-01T00:00:00Z", "ok", 200, "report", "p", "sha256:AB")
DOCUMENT = DocumentRow(
    url=URL,
    entry_url=URL,
    report="r",
    portal="p",
    status=AddressStatus.PRESENT,
    gone_run=None,
    gone_at=None,
    first_seen="2021-01-01T00:00:00Z",
    first_run="one",
    last_seen="2021-01-01T00:00:00Z",
    is_primary=True,
    is_listed=True,
    was_listed=True,
    is_correction=False,
    is_plain=True,
    figures=9,
    state="s",
    content_digest=None,
    pending_digest=None,
    title=None,
)
FILE = AddressRow(
    url="http://a.example/1.pdf",
    portal="p",
    role="attachment",
    verdict="ok",
    status=200,
    visited_at="",
    visits=1,
    digest="sha256:CD",
    digest_at="",
    changed_at="",
    etag=None,
    last_modified=None,
    parent=URL,
    column_url=None,
    entry=None,
    is_linked=True,
    gone_run=None,
    gone_at=None,
    is_gone=False,
)


@dataclass(frozen=True)
class Facts:
    """Facts as a test states them."""

    elsewhere: bool = False
    successor: bool = False
    state: str | None = "s"
    withdrawn: bool = False
    named: bool = False

    def leads_elsewhere(self) -> bool:
        return self.elsewhere

    def has_successor(self) -> bool:
        return self.successor

    def item_state(self) -> str | None:
        return self.state

    def is_withdrawn(self) -> bool:
        return self.withdrawn

    def is_named(self) -> bool:
        return self.named


PRESENT, SUSPECT, GONE = AddressStatus.PRESENT, AddressStatus.SUSPECT, AddressStatus.GONE
GONE_FILE = replace(FILE, gone_run="one", gone_at="2021-01-31T00:00:00Z")
SUSPECTED = replace(DOCUMENT, status=SUSPECT, gone_run="one")


@pytest.mark.parametrize(
    ("document", "visit", "facts", "expected"),
    [
        (DOCUMENT, VISIT, Facts(), Presence(PRESENT)),
        (replace(DOCUMENT, is_listed=False), VISIT, Facts(), Presence(PRESENT, is_touched=True)),
        (SUSPECTED, VISIT, Facts(), Presence(PRESENT, is_touched=True)),
        (DOCUMENT, VISIT, Facts(state="other"), Presence()),
        (DOCUMENT, VISIT, Facts(state=None), Presence()),
        (DOCUMENT, VISIT, Facts(elsewhere=True), Presence()),
        (DOCUMENT, VISIT, Facts(elsewhere=True, successor=True), Presence(GONE, is_touched=True)),
        (DOCUMENT, replace(VISIT, status=301), Facts(), Presence()),
        (DOCUMENT, replace(VISIT, url=URL + "?list"), Facts(), Presence()),
        (DOCUMENT, replace(VISIT, verdict="blocked:captcha"), Facts(), Presence()),
        (DOCUMENT, replace(VISIT, verdict="gone", status=410), Facts(), Presence(SUSPECT, is_touched=True)),
        (SUSPECTED, replace(VISIT, verdict="gone?"), Facts(), Presence(GONE, is_touched=True)),
        (replace(SUSPECTED, gone_run="two"), replace(VISIT, verdict="gone?"), Facts(), Presence(None, is_touched=True)),
        (replace(DOCUMENT, status=GONE), replace(VISIT, verdict="moved"), Facts(), Presence(None, is_touched=True)),
    ],
)
def test_a_visit_to_a_document(document: DocumentRow, visit: PageVisit, facts: Facts, expected: Presence) -> None:
    assert after_visit(document, visit, facts, this_pass="two") == expected


@pytest.mark.parametrize(
    ("file", "verdict", "expected"),
    [
        (FILE, "ok", None),
        (FILE, "gone", FilePresence("two", VISIT.at, is_gone=False, is_page_touched=False)),
        (GONE_FILE, "gone", FilePresence("one", "2021-01-31T00:00:00Z", is_gone=True, is_page_touched=True)),
        (replace(GONE_FILE, gone_run="two"), "gone", None),
        (replace(GONE_FILE, gone_at="2021-01-31T12:00:00Z"), "gone", None),
        (replace(GONE_FILE, is_gone=True), "gone", None),
        (replace(GONE_FILE, is_gone=True), "ok", FilePresence(None, None, is_gone=False, is_page_touched=True)),
        (replace(FILE, gone_run="one"), "blocked:waf", None),
        (replace(FILE, parent=None), "gone", None),
        (replace(FILE, digest=None), "gone", None),
    ],
)
def test_a_visit_to_a_file(file: AddressRow, verdict: str, expected: FilePresence | None) -> None:
    assert after_file_visit(file, replace(VISIT, url=file.url, verdict=verdict), this_pass="two") == expected


NOTICE = Facts(state="other", withdrawn=True)
DAY_BEFORE, HOURS_BEFORE = "2021-01-31T00:00:00Z", "2021-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("document", "facts", "expected"),
    [
        (DOCUMENT, NOTICE, Presence(SUSPECT, is_touched=True)),
        (replace(SUSPECTED, gone_at=DAY_BEFORE), NOTICE, Presence(GONE, is_touched=True)),
        (replace(SUSPECTED, gone_at=HOURS_BEFORE), NOTICE, Presence(None, is_touched=True)),
        # while a list names it, an obstacle before this one page is as likely
        (replace(SUSPECTED, gone_at=DAY_BEFORE), replace(NOTICE, named=True), Presence(SUSPECT, is_touched=True)),
    ],
)
def test_a_page_that_has_nothing_of_the_report_is_a_look_that_it_is_gone(
    document: DocumentRow, facts: Facts, expected: Presence
) -> None:
    assert after_visit(document, VISIT, facts, this_pass="two") == expected
