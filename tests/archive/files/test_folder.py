from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive.errors import ArchiveBusy, ArchiveMissing, BadSettings, DamagedArchive, NewerArchive
from archive.files.folder import Archive
from archive.warc import manifest
from crawler.cli import run
from tests.archive.making import fill

OGI = [sys.executable, "-m", "crawler"]


def ogi(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*OGI, *map(str, arguments)], capture_output=True, text=True, check=False)


def test_a_made_archive_opens(tmp_path: Path) -> None:
    made = Archive.create(tmp_path / "deep" / "a", {"operator.contact": "ops@example.org"})
    opened = Archive.open(made.root)
    assert opened.settings.operator.contact == "ops@example.org"
    assert opened.warc_dir.is_dir()


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArchiveMissing, match="ogi init"):
        Archive.open(tmp_path)


def test_an_archive_is_never_made_over_another(tmp_path: Path) -> None:
    Archive.create(tmp_path)
    before = (tmp_path / "ogi.toml").read_bytes()
    with pytest.raises(BadSettings, match="already"):
        Archive.create(tmp_path)
    assert (tmp_path / "ogi.toml").read_bytes() == before


def test_a_newer_archive_is_refused(tmp_path: Path) -> None:
    Archive.create(tmp_path)
    text = (tmp_path / "ogi.toml").read_text()
    (tmp_path / "ogi.toml").write_text(text.replace("format = 1", "format = 99"))
    with pytest.raises(NewerArchive):
        Archive.open(tmp_path)


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    program = (
        "import sys; from pathlib import Path; from archive.files.folder import Archive\n"
        "with Archive.open(Path(sys.argv[1])).lock():\n    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ArchiveBusy, match=f"process {holder.pid} on"), archive.lock():
            pass
        holder.kill()
        holder.wait()
        with archive.lock():  # the system frees it with the process
            pass


def test_the_holder_may_enter_again(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    with archive.lock():
        with archive.lock():
            pass
        with pytest.raises(ArchiveBusy), Archive.open(tmp_path).lock():
            pass
    with Archive.open(tmp_path).lock():
        pass


# --- the commands


def test_init_makes_an_archive_and_says_what_is_next(tmp_path: Path) -> None:
    done = ogi("init", "--archive", tmp_path / "a")
    assert done.returncode == 0
    assert "contact" in done.stdout
    again = ogi("init", "--archive", tmp_path / "a")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr.startswith("Error: ")
    assert again.stderr.count("\n") == 1


def test_init_with_a_key_signs(tmp_path: Path) -> None:
    done = ogi("init", "--archive", tmp_path / "a", "--sign", "--json")
    said = json.loads(done.stdout)
    assert Path(said["public_key"]).read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert Archive.open(tmp_path / "a").settings.proof.sign
    private = tmp_path / "a/keys/ogi-ed25519.pem"
    assert private.stat().st_mode & 0o077 == 0


def test_verify_of_a_whole_archive(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    fill(archive)
    assert ogi("verify", "--archive", tmp_path).returncode == 3  # there is no index yet
    assert ogi("rebuild", "--archive", tmp_path).returncode == 0
    entries = manifest.entries(archive)
    done = ogi("verify", "--archive", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert entries[-1].hash in done.stdout
    said = json.loads(ogi("verify", "--archive", tmp_path, "--json").stdout)
    assert (said["whole"], said["segments"], said["damages"]) == (True, 3, [])
    assert ogi("verify", "--archive", tmp_path, "--head").stdout == entries[-1].hash + "\n"
    assert ogi("verify", "--archive", tmp_path, "--head", entries[0].hash).returncode == 0
    assert ogi("verify", "--archive", tmp_path, "--head", "0" * 64).returncode == 1
    assert json.loads((tmp_path / "verified.json").read_text("utf-8"))[
        "ok"
    ]  # another archive's head says nothing of this one


def test_verify_of_a_damaged_archive_names_the_place(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path)
    path = archive.warc_dir / fill(archive)[0].segment
    path.write_bytes(path.read_bytes()[:-5])
    done = ogi("verify", "--archive", tmp_path)
    assert done.returncode == 1
    assert f"DAMAGED  {path.name}:" in done.stdout
    said = ogi("verify", "--archive", tmp_path, "--json", "--since", "2021-03-04", "--sample", "5")
    assert said.returncode == 1
    assert {item["segment"] for item in json.loads(said.stdout)["damages"]} == {path.name}


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_a_missing_folder_is_one_line_and_status_2(tmp_path: Path, command: str) -> None:
    done = ogi(command, "--archive", tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["manifest.jsonl", "decisions.jsonl", "ogi.db", "proof/checkpoint", "portals/x.toml"])
def test_what_never_ends_is_no_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = Archive.create(tmp_path / "archive")
    (archive.root / name).parent.mkdir(exist_ok=True)
    os.mkfifo(archive.root / name)
    (archive.root / "beside").symlink_to("nowhere")  # a link to nothing is nothing
    for command in ("verify", "reports"):
        assert run([command, "--archive", str(archive.root)]) == 2
        said = capsys.readouterr().err
        assert said == f"Error: {archive.root / name} is neither a file nor a folder: take it out of the archive\n"


def test_a_segment_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path / "archive")
    os.mkfifo(archive.warc_dir / "a.warc.gz")
    with pytest.raises(DamagedArchive, match="is no file"):
        archive.store.open("a.warc.gz")
