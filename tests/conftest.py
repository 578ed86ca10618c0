"""Rules for all tests: nobody leaves the loopback interface, or touches files of whoever runs them."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

#: A test says whether something is right; how fast it is, `bench` measures. On a loaded machine drawing examples may take long, too.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

#: Test functions that ask for much CPU, a line each (`file::function`); .ci/heavy.py measures and writes it.
HEAVY = Path(__file__).parent / "heavy.txt"


def _is_local(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    host = str(address[0])
    if host in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback or host == "0.0.0.0"
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys that are trusted and heads that were seen are those of the tests, never those of who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        patch.delenv("OGI_TRUST", raising=False)
        yield


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere but to this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if not _is_local(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `tests/heavy.txt` names."""
    names = set(HEAVY.read_text("utf-8").splitlines())
    for item in items:
        if item.nodeid.split("[")[0] in names:
            item.add_marker("heavy")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name cases of bytes by their length: bytes that carry the time of their making would be other cases in each process of a run."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None
