from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.x509 import Certificate, load_pem_x509_certificate

from archive.errors import BadSettings
from archive.files.folder import Archive
from archive.publish.heads import publish_heads
from archive.verify.anchors import Anchors
from archive.verify.run import VerifyOptions, verify
from archive.warc import manifest, signing
from archive.warc.timestamps import (
    StampFailed,
    build_query,
    check_token,
    confirm_token,
    read_token,
    request_token,
    token_of,
)
from crawler.cli import run
from tests.answering import answering
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
    with answering(lambda asked: (200, {}, stamped(authority, asked.body))) as base:
        yield f"{base}/"


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


# --- services that somebody trusts


def certificate(path: Path) -> Certificate:
    return load_pem_x509_certificate(path.read_bytes())


@pytest.fixture(scope="module")
def chained(authority: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority whose certificate a root issued; and the root of somebody else, of the same name."""
    folder = Path(shutil.copytree(authority, tmp_path_factory.mktemp("chained") / "tsa"))
    with (folder / "tsa.cnf").open("a") as settings:
        settings.write(
            "[ca]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign\nsubjectKeyIdentifier = hash\n"
        )
        settings.write("[leaf]\nbasicConstraints = CA:FALSE\nextendedKeyUsage = critical,timeStamping\n")
    for name in ("root", "other"):
        openssl(
            *(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                f"{name}.key",
                "-out",
                f"{name}.pem",
                "-days",
                "2",
            ),
            *("-config", "tsa.cnf", "-extensions", "ca", "-subj", "/CN=Root"),
            cwd=folder,
        )
    openssl(
        *(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "tsa.key",
            "-out",
            "tsa.csr",
            "-config",
            "tsa.cnf",
            "-subj",
            "/CN=Service",
        ),
        cwd=folder,
    )
    openssl(
        *(
            "x509",
            "-req",
            "-in",
            "tsa.csr",
            "-CA",
            "root.pem",
            "-CAkey",
            "root.key",
            "-CAcreateserial",
            "-out",
            "tsa.pem",
        ),
        *("-days", "2", "-extfile", "tsa.cnf", "-extensions", "leaf"),
        cwd=folder,
    )
    return folder


def test_only_a_chain_to_a_trusted_root_confirms_a_token(authority: Path, chained: Path) -> None:
    own, other = (token_of(stamped(folder, build_query(b"line", 1)), b"line") for folder in (authority, chained))
    roots = {name: certificate(chained / f"{name}.pem") for name in ("root", "other")}
    assert confirm_token(own, [certificate(authority / "tsa.pem")]) == "CN=Test TSA"
    assert confirm_token(other, [roots["other"], roots["root"]]) == "CN=Service"
    for token, trusted in (
        (own, [roots["root"]]),
        (other, [roots["other"]]),
        (other, [certificate(authority / "tsa.pem")]),
    ):
        with pytest.raises(StampFailed, match="trusted root"):
            confirm_token(token, trusted)  # a certificate in the token is never trusted for being there
    for place in range(0, len(other), 11):
        altered = other[:place] + bytes([other[place] ^ 1]) + other[place + 1 :]
        with suppress(StampFailed):
            confirm_token(altered, [roots["root"]])
            assert read_token(altered) == read_token(other), "what it says is what was signed"


def test_when_is_proved_by_a_service_that_somebody_trusts(
    tmp_path: Path, service: str, authority: Path, chained: Path
) -> None:
    archive = Archive.create(tmp_path / "a", {"proof.timestamp_url": service})
    fill(archive)
    own, other = certificate(authority / "tsa.pem"), certificate(chained / "root.pem")
    for trusted, outcome in (((), "not proved"), ((other,), "not proved"), ((other, own), "proved")):
        claim = verify(archive, VerifyOptions(Anchors(authorities=trusted), workers=1)).claim("when")
        assert claim.outcome == outcome, claim
        assert ("says CN=Test TSA" in claim.why) == (outcome == "proved")
    lines = archive.manifest_path.read_text().splitlines()
    archive.manifest_path.write_text(lines[0] + "\n" + re.sub(r',"timestamp":"[^"]+"', "", lines[1]) + "\n")
    claim = verify(archive, VerifyOptions(Anchors(authorities=(own,)), workers=1)).claim("when")
    assert (claim.outcome, "1 newer lines have no time stamp" in claim.why) == ("proved", True), (
        "stripped: proved up to the line before"
    )


def test_a_service_stamps_the_checkpoint_and_what_is_altered_is_told(
    tmp_path: Path, service: str, authority: Path, chained: Path
) -> None:
    archive = Archive.create(tmp_path / "a", {})
    fill(archive)
    with (archive.root / "ogi.toml").open("a") as settings:
        settings.writelines(
            f'\n[[proof.publish]]\nname = "{name}"\nkind = "tsa"\nto = "{service}"\n' for name in ("one", "two")
        )
    archive = Archive.open(archive.root)
    assert publish_heads(archive, lambda: datetime(2026, 11, 30, tzinfo=UTC)) == []
    tokens = sorted(archive.proof_dir.glob("*/*.tst"))
    assert [path.stem for path in tokens] == ["one", "two"]
    own, other = certificate(authority / "tsa.pem"), certificate(chained / "root.pem")
    for trusted, outcome in (((), "not proved"), ((other,), "not proved"), ((other, own), "proved")):
        claim = verify(archive, VerifyOptions(Anchors(authorities=trusted), workers=1)).claim("when")
        assert (claim.outcome, "says CN=Test TSA" in claim.why) == (outcome, outcome == "proved"), claim
    lines = archive.checkpoint_path.read_bytes().splitlines(keepends=True)[:3]
    (tmp_path / "lines").write_bytes(b"".join(lines))
    openssl("ts", "-verify", "-token_in", "-in", str(tokens[0]), "-data", str(tmp_path / "lines"), "-CAfile", str(authority / "tsa.pem"), cwd=tmp_path)  # fmt: skip
    whole = tokens[0].read_bytes()
    for altered in (
        whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:],
        whole[:50],
        b"",
        token_of(stamped(authority, build_query(b"x", 1)), b"x"),
    ):
        tokens[0].write_bytes(altered)
        found = verify(archive, VerifyOptions(Anchors(authorities=(own,)), workers=1))
        assert (found.claim("when").outcome, found.exit_status) == ("damaged", 1)
    for path in tokens:
        path.unlink()  # stripped
    assert verify(archive, VerifyOptions(Anchors(authorities=(own,)), workers=1)).claim("when").outcome == "not proved"


def test_a_certificate_is_trusted_by_the_operators_file(
    tmp_path: Path, service: str, authority: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OGI_TRUST", str(tmp_path / "trust.toml"))
    (tmp_path / "trust.toml").write_text("")
    archive = Archive.create(tmp_path / "a", {"proof.timestamp_url": service})
    fill(archive)
    where = ["--archive", str(archive.root)]
    pem = Path(shutil.copy(authority / "tsa.pem", tmp_path / "tsa.pem"))
    assert run(["trust", "add", str(pem), *where]) == 0
    capsys.readouterr()
    run(["verify", "--require", "when", "--json", *where])
    claims = {one["claim"]: one["outcome"] for one in json.loads(capsys.readouterr().out)["claims"]}
    assert claims["when"] == "proved"
    for content in (None, "-----BEGIN CERTIFICATE-----\n", "nothing"):
        pem.unlink(missing_ok=True) if content is None else pem.write_text(content)
        assert run(["verify", *where]) == 2, "the verifier's own file is at fault, not the archive"
        assert "tsa.pem" in capsys.readouterr().err
