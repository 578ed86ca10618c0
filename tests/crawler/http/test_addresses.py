from __future__ import annotations

import pytest

from crawler.http.hosts import host_key, is_public, origin, private_names


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        ("61.135.1.1", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_is_public(ip: str, public: bool) -> None:
    assert is_public(ip) is public


def test_ports_of_a_real_host_are_one_host_and_those_of_loopback_are_many() -> None:
    assert host_key("http://www.a.gov.cn/x") == host_key("https://www.a.gov.cn.:8443/y") == "www.a.gov.cn"
    assert host_key("http://127.0.0.1:81/") != host_key("http://127.0.0.1:82/")
    assert origin("https://u:p@WWW.a.gov.cn:8443/y?z") == "https://www.a.gov.cn:8443"


def test_only_addresses_written_as_private_are_the_portals_own() -> None:
    urls = [
        "http://127.0.0.1:8000/",
        "http://localhost/",
        "http://10.0.0.5/nb/",
        "http://www.a.gov.cn/",
        "http://8.8.8.8/",
    ]
    assert private_names(urls) == {"127.0.0.1", "localhost", "10.0.0.5"}
