"""Every command that a page of the documents prints in a block runs as printed, from an empty folder.

A page is a session of a shell: its blocks are read from the top, in one folder that holds only the files that the page says its reader has.
Real portals are played by replicas on this machine, so their addresses alone are other ones. What can't run here is named with its reason.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.files.folder import Archive
from archive.verify.run import head
from archive.warc import signing
from crawler.harvest.run import harvest
from crawler.portals.definitions import load_portals
from crawler.replica import SeasonClock, season, serve
from crawler.replica.documents.docx import write_docx
from crawler.replica.documents.invent import invent
from crawler.replica.server import ReplicaServer
from tests.archive.demo_archive import demo_archive
from tests.archive.kept import copy_of
from tests.test_cli_manners import hear_ctrl_c

ROOT = Path(__file__).parents[1]
DOCUMENTS = Path(__file__).parent / "fixtures" / "documents"
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    if re.search(r"^ *```(sh|console)$", path.read_text("utf-8"), re.M)
)
#: Programs whose lines, in a block without a language, would be commands that no test runs.
PROGRAMS = ("ogi", "make", "pip", "docker", "dask", "python", "python3", "sudo", ".ci/run")

#: Commands that are not run here, by how they begin.
NOT_RUN = {
    "make test": "it is what runs this",
    "make check": "it runs this",
    "make demo": "installs from a package index; what it starts is run by the page tour.md",
    ".ci/run": "it runs this, on a clean machine",
    "git clone": "the network; no address is printed but a placeholder's",
    "pip install .": "a package index; tests/safety/test_wheel.py installs the wheel",
    "pip install '.[": "a package index; tests/safety/test_wheel.py installs the wheel",
    "python3 -m venv .venv": "the environment is the one that runs this",
    "sudo ": "another user of the machine, and systemd; tests/test_deploy.py reads the units",
    "docker ": "a container engine; tests/test_deploy.py reads the files",
    "dask ": "certificates and other machines; tests/scale/test_cluster.py runs a cluster",
    "ogi harvest  --cluster": "another machine; tests/scale/test_cluster.py runs a cluster",
    "ogi reextract --cluster": "another machine; tests/scale/test_cluster.py runs a cluster",
    "ogi hub ": "other machines; tests/archive/site runs a hub",
    "ogi serve --archive zhejiang": "the machine of another archive; the other pages serve theirs",
    "openssl ts ": "a time-stamping service; tests/archive/warc runs one",
    'sed -n 3p manifest.jsonl | sed \'s/,"timestamp"': "a time-stamping service; tests/archive/warc runs one",
    'sed -n 3p manifest.jsonl | sed \'s/.*"timestamp"': "a time-stamping service; tests/archive/warc runs one",
}
#: Exit statuses other than 0 that a page speaks of, or that its reader meets at that point.
STATUS = {
    "ogi check": (0, 1),
    "ogi doctor": (0, 1),  # 1 says what is wrong
    "ogi status": (0, 1),
    "ogi prove --check figure.wacz": (3,),
    "python3 figure/proof/check.py": (3,),
}
#: Commands that go on until they are told to end, and what they say when they are ready.
SERVICES = {"ogi serve": "http://127.0.0.1:", "ogi schedule": "", "python -m crawler.replica": "shili"}


def blocks(path: Path) -> Iterator[tuple[str, str]]:
    """Language and text of each block."""
    for found in re.finditer(r"^( *)```(\w*)\n(.*?)^\1```$", path.read_text("utf-8"), re.M | re.S):
        yield found[2], re.sub(f"^{found[1]}", "", found[3], flags=re.M)


def commands(path: Path) -> Iterator[str]:
    """The commands of a page in their order; one with a here-document is one."""
    for language, text in blocks(path):
        if language == "console":
            yield from re.findall(r"^\$ (.+)$", text, re.M)
        elif language == "sh":
            yield from re.findall(r"^[^#\s](?:[^\n]*<<'END'\n(?s:.*?)^END$|[^\n]*)", text, re.M)


class Shell:
    """One session, in which what is set by one command holds for the next."""

    def __init__(self, folder: Path) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OGI_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        self._bash = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env={**environment, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            preexec_fn=hear_ctrl_c,
        )
        self._services: list[str] = []

    def run(self, command: str) -> tuple[int, str]:
        """Exit status, and everything that was said."""
        said, status = self._ask(f'{{ {command}\n}} < /dev/null\n_status=$?; echo; echo "@@ $_status"', r"@@ (\d+)$")
        return int(status), said

    def start(self, command: str, ready: str) -> None:
        """Run a service, which goes on beside what follows, until it has said that it is ready."""
        _, group = self._ask(f'set -m; {{ {command}\n}} < /dev/null & set +m; echo "@@ $!"', r"@@ (\d+)$")
        self._services.append(group)
        self._ask("", f"({re.escape(ready)})")

    def end(self) -> None:
        """Ctrl-C to all services, which must take it well, and the end of the session."""
        for group in self._services:
            os.killpg(int(group), signal.SIGINT)
            said, status = self._ask(f'wait {group}; echo "@@ $?"', r"@@ (\d+)$")
            assert status in ("0", "130"), said
            assert "Traceback" not in said
        self._bash.communicate(timeout=60)

    def _ask(self, line: str, sign: str) -> tuple[str, str]:
        """Type a line; what was said before a line with the sign, and the sign's group. What takes ten minutes has failed."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(line + "\n")
        self._bash.stdin.flush()
        patience = threading.Timer(600, self._bash.kill)
        patience.start()
        said = ""
        try:
            while text := self._bash.stdout.readline():
                if found := re.search(sign, text):
                    return said, found[1]
                said += text
        finally:
            patience.cancel()
        raise AssertionError(f"the shell ended: {said}")


@pytest.fixture(scope="module")
def portals() -> Iterator[ReplicaServer]:
    """The portals that stand in for real ones."""
    with serve(season.demo_season(), SeasonClock(season.DAYS[0])) as server:
        yield server


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ogi demo` leaves: it is run as printed for the tour, and copied for the other pages that begin with it."""
    return copy_of("demo", demo_archive, tmp_path_factory.mktemp("demo") / "demo-data", tmp_path_factory).root


def prepared(page: Path, folder: Path, server: ReplicaServer) -> Path:
    """Put what the page's reader has into the folder; gives where the session begins."""
    match page.name:
        case "README.md" | "README.zh-CN.md" | "office.md":
            (folder / "draft.docx").write_bytes(write_docx(invent("示例市民政局", 2023, seed=1)))
            shutil.copy(DOCUMENTS / "form-2021.pdf", folder / "report.pdf")
        case "portals.md":
            Archive.create(folder / "ogi-data", {"operator.contact": "you@example.org"})
        case "harvesting.md":
            archive = Archive.create(folder / "ogi-data", {"operator.contact": "you@example.org"})
            server.write_definitions(archive.root / "portals")
            server.write_definitions(folder / "my-portals")
        case "evidence.md":
            archive = Archive.create(folder / "ogi-data", {"proof.sign": True, "harvest.delay": 0.0})
            signing.make_key(archive.root / archive.settings.proof.key)
            definitions = load_portals([server.write_definitions(folder / "portals")])
            harvest(archive, definitions[:3], clock=SeasonClock(season.DAYS[0]), workers=1)
            shutil.copy(signing.public_path(archive.root / archive.settings.proof.key), folder / "theirs.pub.pem")
            (folder / "heads.txt").write_text(f"{head(archive)}\n", "utf-8")
            return archive.root
    return folder


def in_this_world(command: str, server: ReplicaServer) -> str:
    """The command with addresses and ports of this machine."""
    base = server.portal("ouhai").base
    command = command.replace("https://www.example.gov.cn/", f"{base}/").replace("http://www.shili.gov.cn/", f"{base}/")
    command = command.replace("--portal shili", f"--portal portal-{re.sub('[^0-9]+', '-', base).strip('-')}")
    return command.replace("--port-base 8101", f"--port-base {20000 + os.getpid() % 30000}")


def begins(command: str, table: dict[str, object]) -> str | None:
    """The longest key of the table that a command begins with."""
    return max((key for key in table if command.startswith(key)), key=len, default=None)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_a_page_run_as_printed(
    page: Path, portals: ReplicaServer, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    shell = Shell(prepared(page, tmp_path, portals))
    for printed in commands(page):
        if begins(printed, {**NOT_RUN}):
            continue
        command = in_this_world(printed, portals)
        if printed.startswith("ogi demo ") and page.name != "tour.md":
            command = f"cp -a {request.getfixturevalue('played')} demo-data"
        if service := begins(printed, {**SERVICES}):
            for settings in tmp_path.glob("*/ogi.toml"):  # the port of the pages may be somebody else's here
                settings.write_text(settings.read_text("utf-8").replace("# port = 8001", "port = 0"), "utf-8")
            shell.start(command, SERVICES[service])
            continue
        status, said = shell.run(command)
        assert status in STATUS.get(begins(printed, {**STATUS}) or "", (0,)), f"{printed}\n{said}"
        assert "Traceback" not in said
        assert "Error: " not in said, f"{printed}\n{said}"
    shell.end()


def test_what_is_not_run_is_printed_somewhere() -> None:
    """A reason for a command that no page prints any more is none."""
    printed = [command for page in PAGES for command in commands(page)]
    assert [key for key in [*NOT_RUN, *STATUS, *SERVICES] if not any(one.startswith(key) for one in printed)] == []


@pytest.mark.parametrize(
    "page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_no_block_without_a_language_hides_commands(page: Path) -> None:
    for language, text in blocks(page):
        lines = re.findall(r"^(?:\$ )?([a-z./0-9]+) ", text, re.M)
        is_usage = page.name == "commands.md"
        assert language or is_usage or not {line for line in lines if line in PROGRAMS}, text
