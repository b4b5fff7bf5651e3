"""Which addresses may be called: the public internet, and what the operator has allowed."""

from __future__ import annotations

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.addresses import (
    AddressRefused,
    AllowList,
    CheckedUrl,
    check_address,
    check_addresses,
    check_url,
    is_public,
)
from logwright.errors import Misconfigured

EVERYTHING = AllowList(everything=True)
ODD = ":/\\@[]%?#.-_ \t\n\x00é\u3002\uff20"

PUBLIC = ["1.1.1.1", "8.8.8.8", "104.18.6.192", "2606:4700::6810:6c0", "2a00:1450:4001:81b::200e"]

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - refused, not listened on
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",  # a cloud's metadata service
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # most clouds' metadata service
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",  # a cloud's metadata service; `ipaddress.is_global` calls it public
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",  # a cloud's metadata service
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert str(check_address(address, 443)) == address


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused_at_dialling(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(address, 443)


@pytest.mark.parametrize("address", [address for address in PRIVATE if "%" not in address])
def test_an_address_that_is_not_public_is_refused_in_a_url(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(AddressRefused):
        check_url(f"https://{host}/v1")


def test_one_bad_address_among_those_of_a_name_refuses_them_all() -> None:
    checked = check_url("https://api.example.com/v1")
    assert len(check_addresses(checked, ["1.1.1.1", "2606:4700::1"])) == 2
    with pytest.raises(AddressRefused):
        check_addresses(checked, ["1.1.1.1", "127.0.0.1"])


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://API.OpenAI.com:443/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com", "https://api.openai.com"),
        ("https://host_name.example:8443/a/b-c~d", "https://host_name.example:8443/a/b-c~d"),
        ("https://[2606:4700:0:0:0:0:0:1]:8443", "https://[2606:4700::1]:8443"),
        ("https://1.1.1.1/", "https://1.1.1.1"),
    ],
)
def test_a_url_has_one_normal_form(written: str, normal: str) -> None:
    checked = check_url(written)
    assert str(checked) == normal
    assert check_url(str(checked)) == checked


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.openai.com",
        "ftp://host/",
        "file:///etc/passwd",
        "HTTPS//host",
        "https://",
        "https:///path",
        "https://user@host/",
        "https://user:password@host/",
        "https://host\\@evil/",
        "https:\\\\host",
        "https://host/\\..\\x",
        "https://host /",
        " https://host",
        "https://host\n",
        "https://ho\tst/",
        "https://host\x00/",
        "https://hóst/",
        "https://\uff48ost/",
        "https://host\u3002com/",
        "https://%31%32%37.0.0.1/",
        "https://host/%2e%2e/x",
        "https://host/?q=1",
        "https://host/#f",
        "https://host:0/",
        "https://host:65536/",
        "https://host:080/",
        "https://host:/",
        "https://host:443:443/",
        "https://host./",
        "https://.host/",
        "https://ho..st/",
        "https://-host/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0177.0.0.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://1.1.1.01/",
        "https://[::1",
        "https://::1/",
        "https://[1.1.1.1]/",
        "https://[fe80::1%25eth0]/",
        "https://host/a/../b",
        "https://host/./b",
        "https://host//b",
        "https://" + "a" * 64 + ".com/",
        "https://localhost/",
        "https://LOCALHOST:8000/",
        "https://model.localhost/",
        "http://api.openai.com/v1",
        "http://1.1.1.1/",
    ],
)
def test_a_url_that_might_be_read_in_two_ways_or_lead_inside_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


# ------------------------------------------------------------------ what the operator allows


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("localhost:8000", "http://localhost:8000/v1"),
        ("vllm.lan:8000", "http://vllm.lan:8000/v1"),
        ("VLLM.lan:8000", "https://vllm.lan:8000/v1"),
        ("127.0.0.1:8000", "http://localhost:8000/v1"),
        ("[::1]:8000", "http://[::1]:8000/v1"),
        ("127.0.0.0/8", "http://127.0.0.1:9000"),
        ("10.0.0.0/8", "http://10.1.2.3:8000"),
        ("10.1.2.3", "http://10.1.2.3:8000"),
        ("fd00::/8", "http://[fd00::1]:8000"),
        ("10.0.0.0/8", "http://vllm.lan:8000"),  # decided when the name is resolved
    ],
)
def test_what_the_operator_allows_may_be_called_also_without_tls(entry: str, url: str) -> None:
    assert isinstance(check_url(url, AllowList.parse([entry])), CheckedUrl)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("127.0.0.1:8000", "http://localhost:8001"),
        ("localhost:8000", "http://127.0.0.1:8000"),
        ("10.0.0.0/24", "http://10.0.1.1:8000"),
        ("127.0.0.1:8000", "http://1.1.1.1:8000"),
    ],
)
def test_an_exception_allows_what_it_says_and_no_more(entry: str, url: str) -> None:
    allow = AllowList.parse([entry])
    resolved = check_url(url, EVERYTHING)
    with pytest.raises(AddressRefused):
        check_addresses(resolved, [str(resolved.address or "127.0.0.1")], allow)


def test_a_name_that_is_allowed_may_resolve_to_anything_and_others_may_not() -> None:
    allow = AllowList.parse(["vllm.lan:8000"])
    assert check_addresses(check_url("http://vllm.lan:8000", allow), ["10.0.0.1"], allow)
    with pytest.raises(AddressRefused):
        check_addresses(check_url("https://other.lan:8000", allow), ["10.0.0.1"], allow)


def test_plain_http_to_a_name_is_decided_by_its_addresses() -> None:
    allow = AllowList.parse(["10.0.0.0/8"])
    checked = check_url("http://vllm.lan:8000", allow)
    assert check_addresses(checked, ["10.0.0.1"], allow)
    for address in ("1.1.1.1", "192.168.0.1"):
        with pytest.raises(AddressRefused):
            check_addresses(checked, [address], allow)


def test_an_allowed_network_holds_for_a_mapped_address_too() -> None:
    allow = AllowList.parse(["10.0.0.0/8"])
    assert str(check_address("::ffff:10.0.0.1", 8000, allow)) == "10.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::", "10.0.0.5", "localhost"])  # noqa: S104 - as above
def test_our_own_port_is_refused_even_when_it_is_allowed(host: str) -> None:
    allow = AllowList.parse(["127.0.0.0/8", "10.0.0.0/8", "127.0.0.1:8700"], listening=(host, 8700))
    with pytest.raises(AddressRefused):
        check_url("http://127.0.0.1:8700", allow)
    check_url("http://127.0.0.1:8701", allow)
    check_url("http://10.0.0.6:8700", allow)  # another machine's
    if host == "10.0.0.5":
        with pytest.raises(AddressRefused):
            check_url("http://10.0.0.5:8700", allow)


@pytest.mark.parametrize(
    "entry",
    ["", "host", "host:", "host:0", "host:99999", ":80", "http://host:80", "host:80/path", "10.0.0.0/33", "a b:1"],
)
def test_an_entry_that_allows_nothing_clear_stops_the_start(entry: str) -> None:
    with pytest.raises(Misconfigured, match="no address to allow"):
        AllowList.parse([entry])


def test_a_refusal_reads_the_same_whatever_listens_there() -> None:
    """Nothing was connected to, and host and port are only those that the caller wrote."""
    refusals = set()
    for port in (22, 65000):
        with pytest.raises(AddressRefused) as refused:
            check_url(f"https://127.0.0.1:{port}")
        refusals.add(refused.value.message.replace(str(port), "PORT"))
    assert len(refusals) == 1


# ------------------------------------------------------------------ properties

ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(address=ADDRESSES)
def test_whatever_python_calls_private_is_never_public_for_us(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return  # judged by what is inside, below
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_loopback:
        assert not is_public(address)


@given(inner=st.ip_addresses(v=4))
def test_a_mapped_address_is_judged_as_the_one_inside(inner: ipaddress.IPv4Address) -> None:
    assert is_public(ipaddress.IPv6Address(f"::ffff:{inner}")) == is_public(inner)


@given(
    text=st.text(alphabet=string.ascii_letters + string.digits + ODD, max_size=60).map(lambda rest: f"https://{rest}")
)
def test_a_url_is_refused_or_has_a_normal_form_that_every_reader_agrees_on(text: str) -> None:
    from urllib.parse import urlsplit

    try:
        checked = check_url(text, EVERYTHING)
    except AddressRefused:
        return
    assert check_url(str(checked), EVERYTHING) == checked
    for url in (text, str(checked)):
        other = urlsplit(url)
        assert other.hostname is not None
        read = ipaddress.ip_address(other.hostname) if checked.address else other.hostname
        assert read == (checked.address or checked.host)
        assert (other.port or 443) == checked.port
        assert not other.query
        assert other.username is None
