"""What is said to a server, to replicas and to a cluster; the last two are held by their text."""

from __future__ import annotations

import pytest

from logwright.logs.store.address import parse_address
from logwright.logs.store.layout import Layout
from logwright.logs.store.machines import TABLES
from logwright.logs.store.schema import STEPS


def layout(options: str = "") -> Layout:
    return Layout(parse_address(f"clickhouse://host/calls{options}"))


STATEMENTS = [*TABLES, *(statement for step in STEPS for statement in step.statements)]


@pytest.mark.parametrize("options", ["", "?replicated=true", "?cluster=main", "?cluster=main&replicated=true"])
@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda text: " ".join(text.split()[:6]))
def test_every_step_has_a_form_for_every_layout(options: str, statement: str) -> None:
    for text in layout(options).laid_out(statement):
        assert "`calls`." in text
        assert text.count("ON CLUSTER `main`") == (1 if "cluster" in options else 0)
        if "CREATE TABLE" in text:
            assert ("ENGINE = Replicated" in text) == ("replicated" in options)


def test_one_server_has_the_tables_as_they_are() -> None:
    (text,) = layout().laid_out("CREATE TABLE IF NOT EXISTS logs (a UInt8)\nENGINE = MergeTree\nORDER BY a")
    assert text.startswith(
        "CREATE TABLE IF NOT EXISTS `calls`.`logs` (a UInt8)\nENGINE = MergeTree\nORDER BY a\nSETTINGS "
    )
    assert "fsync_after_insert = 1" in text
    assert layout().owned("logs") == "`calls`.`logs`"
    assert layout().parts == "system.parts"
    assert layout().gathered() == ()


def test_a_cluster_of_replicas_has_the_manuals_form() -> None:
    shards = layout("?cluster=main&replicated=true&sharding=cityHash64(project_id)")
    (text,) = shards.laid_out(
        "CREATE TABLE IF NOT EXISTS logs (a UInt8)\nENGINE = ReplacingMergeTree\nORDER BY a\n"
        "SETTINGS index_granularity = 1"
    )
    assert text.startswith("CREATE TABLE IF NOT EXISTS `calls`.`logs_local` ON CLUSTER `main` (a UInt8)\n")
    assert (
        "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/calls/logs', '{replica}')\nORDER BY a"
        in text
    )
    assert text.rstrip().endswith("index_granularity = 1")
    assert shards.owned("logs") == "`calls`.`logs_local` ON CLUSTER `main`"
    assert shards.parts == "cluster('main', system.parts)"
    assert shards.database == "CREATE DATABASE IF NOT EXISTS `calls` ON CLUSTER `main`"
    assert shards.gathered()[0] == (
        "CREATE OR REPLACE TABLE `calls`.`logs` ON CLUSTER `main` AS `calls`.`logs_local`"
        " ENGINE = Distributed('main', 'calls', 'logs_local', cityHash64(project_id))"
    )
    (altered,) = shards.laid_out("ALTER TABLE logs\n ADD COLUMN b UInt8")
    assert altered == "ALTER TABLE `calls`.`logs_local` ON CLUSTER `main`\n ADD COLUMN b UInt8"


def test_a_table_of_its_own_on_each_server_is_not_shared_out() -> None:
    (text,) = layout("?cluster=main").laid_out(
        "CREATE TABLE IF NOT EXISTS migrations (a UInt8) ENGINE = MergeTree ORDER BY a"
    )
    assert text.startswith("CREATE TABLE IF NOT EXISTS `calls`.`migrations` ON CLUSTER `main` (")


def test_a_statement_of_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="no form"):
        layout().laid_out("OPTIMIZE TABLE logs")
