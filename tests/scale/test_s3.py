"""An archive whose closed segments live in an S3-compatible store, through the commands, against a real server on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")  # the helpers of the cluster tests
pytest.importorskip("s3fs")
pytest.importorskip("moto.server")

from tests.answering import free_port
from tests.crawler.sites import Page, report, serve_site
from tests.scale.clusters import ROOT, until

BUCKET = "ogi-test"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A server process with one bucket; gives the environment that leads there."""
    folder = tmp_path_factory.mktemp("s3")
    script = (
        "import sys, time\n"
        "from moto.server import ThreadedMotoServer\n"
        "server = ThreadedMotoServer(ip_address='127.0.0.1', port=0)\n"
        "server.start()\n"
        "host, port = server.get_host_and_port()\n"
        "open(sys.argv[1] + '.part', 'w').write(str(port))\n"
        "import os; os.rename(sys.argv[1] + '.part', sys.argv[1])\n"
        "time.sleep(3600)\n"
    )
    port_file = folder / "port"
    log = (folder / "log").open("wb")
    process = subprocess.Popen([sys.executable, "-c", script, str(port_file)], stdout=log, stderr=log)
    try:
        until(port_file.exists, "the S3 server")
        environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port_file.read_text()}",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        make = "import s3fs; s3fs.S3FileSystem().mkdir('" + BUCKET + "')"
        subprocess.run([sys.executable, "-c", make], env={**os.environ, **environment}, check=True)
        yield environment
    finally:
        process.kill()
        process.wait()
        log.close()


#: Commands that only read, each with what its output holds.
READING = {
    "agencies": "示例区",
    "changes": "published",
    "changes --since 2000-01-01 --json": "published",
    "findings --json": "",
    "obligations --json": "due",
    "portals": "haishu",
    "reports": "2004",
    "status --json": "reports",
    "digest --json": "",
    "verify": "Whole",
    "verify --deep --json": "whole",
}


class Remote:
    """An archive whose segments are in the store, and the command line over it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = {**os.environ, **environment}
        self.run("init")
        settings = root / "ogi.toml"
        place = f"s3://{BUCKET}/{root.parent.name}/warc"
        settings.write_text(settings.read_text("utf-8").replace('# location = ""', f'location = "{place}"'), "utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "crawler", *arguments, "--archive", str(self.root)]

    def run(self, *arguments: str, status: int = 0) -> str:
        done = subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, (arguments, done.stderr)
        return done.stdout


@pytest.mark.slow
def test_every_command_serves_an_archive_in_an_object_store(s3: dict[str, str], tmp_path: Path) -> None:
    remote = Remote(tmp_path / "archive", s3)
    definitions = tmp_path / "site.toml"
    with serve_site() as site:
        site.list_reports(6)
        definitions.write_text(site.definition(), "utf-8")
        remote.run("harvest", "--portals", str(definitions))
        page = site.pages["/nb/202101/t20210120_1000.html"]
        assert isinstance(page, Page)
        site.pages["/nb/202101/t20210120_1000.html"] = Page(str(page.body).replace("主动公开信息", "另外主动公开信息"))
        remote.run("harvest", "--portals", str(definitions), "--full")
    document = tmp_path / "loose.html"
    document.write_text(report("示例区第九局2019年政府信息公开工作年度报告", 9), "utf-8")
    remote.run("import", str(document), "--url", "http://www.example.gov.cn/9.html", "--date", "2020-02-01")
    assert not list((remote.root / "warc").glob("*.warc.gz")), "the segments are in the store, not here"
    listed = remote.run("reports", "--json")
    assert len(listed.splitlines()) == 7
    for command, said in READING.items():
        assert said in remote.run(*command.split()), command
    (revised,) = (
        json.loads(line)
        for line in remote.run("changes", "--json").splitlines()
        if json.loads(line)["kind"] == "revised"
    )
    assert "另外主动公开信息" in remote.run("diff", revised["report"])
    remote.run("rebuild", "--workers", "2")
    assert remote.run("reports", "--json") == listed
    remote.run("reextract")
    assert remote.run("reports", "--json") == listed
    for form in ("csv", "parquet", "xlsx"):
        remote.run("export", "--format", form, "--to", str(tmp_path / form))
    remote.run("export", "--format", "wacz", "--to", str(tmp_path / "copy.wacz"))
    with zipfile.ZipFile(tmp_path / "copy.wacz") as packed:
        assert [name for name in packed.namelist() if name.startswith("archive/") and name.endswith(".warc.gz")]
    remote.run("publish", "--to", str(tmp_path / "site"))
    assert list((tmp_path / "site").rglob("ogi.db"))


@pytest.mark.slow
def test_the_site_shows_originals_from_the_store(s3: dict[str, str], tmp_path: Path) -> None:
    remote = Remote(tmp_path / "archive", s3)
    document = tmp_path / "loose.html"
    document.write_text(report("示例区第九局2019年政府信息公开工作年度报告", 9), "utf-8")
    remote.run("import", str(document), "--url", "http://www.example.gov.cn/9.html", "--date", "2020-02-01")
    port = free_port()
    command = remote.command("serve", "--port", str(port))
    process = subprocess.Popen(
        command, cwd=ROOT, env=remote.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:

        def get(path: str) -> str:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
                return str(answer.read().decode())

        def is_up() -> bool:
            try:
                return bool(get("/"))
            except OSError:
                return False

        until(is_up, "the site")
        (capture,) = json.loads(get("/ogi.json?sql=select+id+from+captures&_shape=arrayfirst"))
        assert "示例区第九局2019年政府信息公开工作年度报告" in get(f"/raw/{urllib.parse.quote(capture)}")
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_a_store_that_is_away_is_one_line(s3: dict[str, str], tmp_path: Path) -> None:
    remote = Remote(tmp_path / "archive", s3)
    document = tmp_path / "loose.html"
    document.write_text(report("示例区第九局2019年政府信息公开工作年度报告", 9), "utf-8")
    remote.run("import", str(document), "--url", "http://www.example.gov.cn/9.html", "--date", "2020-02-01")
    remote.environment |= {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    for command in ("verify", "rebuild", "reextract"):
        remote.run(command, status=2)
    assert len(remote.run("reports", "--json").splitlines()) == 1
