"""Members of one list of a large JSON file, as they stand, and none of what is made to look like them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.warc.har import iter_har
from archive.warc.json_members import NoMembers, members_of, viewed
from extract.errors import UnreadableDocument

PATH = (b"log", b"entries")
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(["log", "entries", '"', "\\", "]}", "{["]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["log", "entries", "a", '"\\']), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4), VALUES, VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_members_are_those_of_a_whole_reading(
    entries: list[Any], beside: Any, before: Any, is_ascii: bool, indent: int | None
) -> None:
    document = {
        "a": before,
        "log": {"pages": beside, "entries": entries, "z": before},
        "entries": [{"no": 1}],
        "z": beside,
    }
    text = json.dumps(document, ensure_ascii=is_ascii, indent=indent).encode()
    found = [json.loads(member.data) for member in members_of(text, PATH)]
    assert found == [entry for entry in entries if isinstance(entry, dict)]


@pytest.mark.parametrize(
    "text",
    [
        b"{}", b"[]", b'{"log": {}}', b'{"log": {"entries": {}}}', b'{"log": [{"entries": []}]}', b'{"a": {"log": {"entries": []}}}',
        b'{"log": {"entries": [{}', b'{"log": {"entries": [{"a": "', b'{"log": "entries", "entries": [{}]}', b'{"entries": [{}]}',
        b'["log", {"entries": [{}]}]', b'{"log": {"entries": 5}}',
    ],
)  # fmt: skip
def test_what_has_no_such_list(text: bytes) -> None:
    with pytest.raises(NoMembers):
        list(members_of(text, PATH))


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"0,", b'"a",', b"[" * 50 + b"]" * 50 + b","])
def test_an_entry_made_to_cost_is_left_out_by_name(unit: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.warc.json_members.MOST_VALUES", few := 3000)
    text = b'{"log": {"entries": [{"a": [' + unit * (2 * few // unit.count(unit[:1])) + b'0]}, {"b": 1}]}}'
    tracemalloc.start()
    problems: list[str] = []
    assert list(iter_har(io.BytesIO(text), "x.har", problems.append)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert any("more than 3000 values" in problem for problem in problems)
    assert peak < 2 * len(text) + (8 << 20)


def test_what_lies_beside_the_entries_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "x.har"
    with file.open("wb") as stream:
        stream.write(b'{"log": {"version": "1.2", "creator": {}, "pages": [')
        for _ in range(100):
            stream.write(b'{"a": "' + b"x" * (3 << 20) + b'"}, ')
        stream.write(b'0], "entries": []}}')
    script = (
        "import resource, sys; from pathlib import Path; from archive.warc.har import iter_har\n"
        "resource.setrlimit(resource.RLIMIT_DATA, (200 << 20, 200 << 20))\n"
        "with Path(sys.argv[1]).open('rb') as stream: print(list(iter_har(stream, 'x.har', print)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


def test_a_file_that_is_too_large_is_said_in_one_line() -> None:
    with pytest.raises(UnreadableDocument, match="split it"), viewed(io.BytesIO(b"x" * 11), 10, "split it"):
        pass
