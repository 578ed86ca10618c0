"""An archive whose closed segments live in an S3-compatible store, through the commands, against a real server on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")  # the helpers of the cluster tests
pytest.importorskip("s3fs")
pytest.importorskip("moto.server")

from tests.crawler.sites import serve_site
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


@pytest.mark.slow
def test_every_command_serves_an_archive_in_an_object_store(s3: dict[str, str], tmp_path: Path) -> None:
    root = tmp_path / "archive"

    def ogi(*arguments: str, status: int = 0) -> str:
        command = [sys.executable, "-m", "crawler", *arguments, "--archive", str(root)]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **s3}, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done.stdout

    ogi("init")
    settings = root / "ogi.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('# location = ""', f'location = "s3://{BUCKET}/warc"'), "utf-8"
    )
    definitions = tmp_path / "site.toml"
    with serve_site() as site:
        site.list_reports(6)
        definitions.write_text(site.definition(), "utf-8")
        ogi("harvest", "--portals", str(definitions))
        ogi("harvest", "--portals", str(definitions), "--full")
    assert not list((root / "warc").glob("*.warc.gz")), "the segments are in the store, not here"
    assert json.loads(ogi("verify", "--json"))["whole"]
    listed = ogi("reports", "--json")
    assert len(listed.splitlines()) == 6
    ogi("rebuild")
    ogi("reextract")
    assert ogi("reports", "--json") == listed
    ogi("export", "--format", "wacz", "--to", str(tmp_path / "copy.wacz"))
    with zipfile.ZipFile(tmp_path / "copy.wacz") as packed:
        assert [name for name in packed.namelist() if name.startswith("archive/") and name.endswith(".warc.gz")]
