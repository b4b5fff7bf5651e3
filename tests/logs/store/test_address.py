"""An address is read whole, and what is wrong with one is named without its password."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.logs.store.address import ServerAddress, parse_address


def test_an_address_says_everything() -> None:
    found = parse_address(
        "clickhouse://me:p%40ss%2F@db.example:9000/calls?cluster=main&replicated=true&sharding=cityHash64(project_id)&timeout=5"
    )
    assert found == ServerAddress(
        host="db.example",
        port=9000,
        database="calls",
        user="me",
        password="p@ss/",
        cluster="main",
        replicated=True,
        sharding="cityHash64(project_id)",
        timeout=5.0,
    )


def test_what_an_address_leaves_out_has_defaults() -> None:
    found = parse_address("clickhouse://localhost")
    assert (found.port, found.database, found.user, found.password) == (8123, "logwright", "default", "")
    assert not found.secure
    assert not found.cluster


@pytest.mark.parametrize("url", ["clickhouses://host", "clickhouse://host?secure=true"])
def test_tls_is_asked_for_by_scheme_or_parameter(url: str) -> None:
    found = parse_address(url)
    assert (found.secure, found.port, found.verify) == (True, 8443, True)
    assert parse_address("clickhouses://host?verify=false&ca=/etc/ca.pem").ca == Path("/etc/ca.pem")


def test_an_address_is_shown_without_its_secrets() -> None:
    found = parse_address("clickhouses://me:secret@[::1]/logs")
    assert found.shown == "clickhouses://[::1]:8443/logs"
    assert "secret" not in repr(found)


def test_a_database_has_one_name_whoever_signs_in() -> None:
    assert parse_address("clickhouse://a:b@host/x").key == parse_address("clickhouse://c@host/x").key
    assert parse_address("clickhouse://host/x").key != parse_address("clickhouse://host/y").key


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("clickhouse://me:hush@host/logs?replicate=true", "no parameter `replicate`"),
        ("clickhouse://me:hush@host/logs?replicated=maybe", "use true or false"),
        ("clickhouse://me:hush@host/logs?cluster=a&cluster=b", "twice"),
        ("clickhouse://me:hush@host/logs?cluster=a'b", "`cluster`"),
        ("clickhouse://me:hush@host/no%20such", "`database`"),
        ("clickhouse://me:hush@host/logs?timeout=0", "seconds"),
        ("clickhouse://me:hush@host:port/logs", "port"),
        ("clickhouse://", "of the form"),
        ("mysql://me:hush@host/logs", "of the form"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_by_its_part(url: str, words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as refused:
        parse_address(url)
    assert "hush" not in str(refused.value)
