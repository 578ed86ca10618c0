from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archive.errors import BadSettings
from archive.files.folder import Archive
from archive.verify.run import verify
from archive.warc import manifest, signing
from archive.warc.timestamps import StampFailed, build_query, check_token, read_token, request_token, token_of
from tests.archive.making import fill


def openssl(*arguments: str | Path, cwd: Path) -> str:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    done = subprocess.run([program, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_signature_is_checked_by_openssl_as_the_docs_say(tmp_path: Path) -> None:
    archive = Archive.create(tmp_path, {"proof.sign": True})
    signing.make_key(tmp_path / archive.settings.proof.key)
    fill(archive)
    line = archive.manifest_path.read_text().splitlines()[1]
    value = re.search(r'"value":"([^"]+)"', line)
    assert value is not None
    (tmp_path / "line").write_text(re.sub(r',"signature":.*', "}", line))
    (tmp_path / "sig").write_bytes(base64.b64decode(value[1]))
    said = openssl(
        *(
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            "keys/ogi-ed25519.pub.pem",
            "-rawin",
            "-in",
            "line",
            "-sigfile",
            "sig",
        ),
        cwd=tmp_path,
    )
    assert "Verified Successfully" in said


def test_a_key_is_never_made_over_another(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    signing.make_key(path)
    with pytest.raises(BadSettings, match="already"):
        signing.make_key(path)


@pytest.mark.parametrize("content", [None, b"rubbish"])
def test_without_its_key_an_archive_says_so_and_keeps_the_segment(tmp_path: Path, content: bytes | None) -> None:
    archive = Archive.create(tmp_path, {"proof.sign": True})
    if content is not None:
        (tmp_path / "keys").mkdir()
        (tmp_path / "keys/ogi-ed25519.pem").write_bytes(content)
    with pytest.raises(BadSettings, match="signing key"):
        fill(archive)
    assert manifest.entries(archive) == []
    assert len(list(archive.warc_dir.glob("*.open"))) == 1


# --- RFC 3161, against a time-stamping authority made by openssl


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate that may stamp, and openssl's settings for it."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\nsigner_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4\ndigests = sha256\nordering = no\ntsa_name = no\ness_cert_id_chain = no\n"
        "[req]\ndistinguished_name = dn\nx509_extensions = ext\nprompt = no\n[dn]\nCN = Test TSA\n"
        "[ext]\nextendedKeyUsage = critical,timeStamping\nbasicConstraints = CA:TRUE\n"
    )
    openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-days", "2"),
        *("-config", "tsa.cnf"),
        cwd=folder,
    )
    return folder


def stamped(authority: Path, query: bytes) -> bytes:
    (authority / "q").write_bytes(query)
    openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q", "-out", "r", cwd=authority)
    return (authority / "r").read_bytes()


@pytest.fixture
def service(authority: Path) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = stamped(authority, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_token_covers_what_was_asked(authority: Path, service: str) -> None:
    token = request_token(service, b"line", timeout_s=20)
    assert read_token(token).digest == hashlib.sha256(b"line").digest()
    (authority / "data").write_bytes(b"line")
    (authority / "token").write_bytes(token)
    said = openssl("ts", "-verify", "-token_in", "-in", "token", "-data", "data", "-CAfile", "tsa.pem", cwd=authority)
    assert "Verification: OK" in said


def test_a_query_is_the_one_that_openssl_reads(authority: Path) -> None:
    (authority / "q").write_bytes(build_query(b"line", 0xFF00FF))
    said = openssl("ts", "-query", "-in", "q", "-text", cwd=authority)
    assert "sha256" in said
    assert "0xFF00FF" in said
    assert "Certificate required: yes" in said


def test_a_token_over_something_else_is_refused(authority: Path) -> None:
    with pytest.raises(StampFailed, match="something else"):
        token_of(stamped(authority, build_query(b"other", 1)), b"line")


@pytest.mark.parametrize("answer", [b"", b"<html>", bytes.fromhex("30053003020102"), b"\x30\x82\xff"])
def test_an_answer_without_a_token_is_refused(answer: bytes) -> None:
    with pytest.raises(StampFailed):
        token_of(answer, b"line")


def test_stamped_lines_verify_and_changed_ones_do_not(tmp_path: Path, service: str) -> None:
    archive = Archive.create(tmp_path, {"proof.timestamp_url": service})
    fill(archive)
    assert all(entry.timestamp for entry in manifest.entries(archive))
    assert not verify(archive).is_damaged
    first, second = archive.manifest_path.read_text().splitlines()
    stamps = [re.search(r'"timestamp":"([^"]+)"', line) for line in (first, second)]
    assert stamps[0] is not None
    assert stamps[1] is not None
    archive.manifest_path.write_text(f"{first}\n{second.replace(stamps[1][1], stamps[0][1])}\n")
    assert "timestamp" in {item.kind for item in verify(archive).damages}


def test_an_altered_token_is_told(service: str) -> None:
    token = request_token(service, b"line", timeout_s=20)
    check_token(token)
    later = token.replace(read_token(token).at.strftime("%Y").encode(), b"2019", 1)
    with pytest.raises(StampFailed, match="altered"):
        check_token(later)
    silent = 0
    for place in range(0, len(token), 7):
        try:
            check_token(token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :])
        except StampFailed:
            continue
        silent += 1
    # a few bytes are neither signed nor needed: versions, the list of algorithms, what names the certificate a second time
    assert silent <= len(token) // 7 // 8


def test_a_service_that_is_down_costs_the_stamp_not_the_segment(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive.create(tmp_path, {"proof.timestamp_url": "http://127.0.0.1:9/"})
    fill(archive)
    assert "no time stamp" in caplog.text
    assert not verify(archive).is_damaged
