"""How a tree of logs looks on a terminal."""

from __future__ import annotations

from typing import Any

from logwright.cli.outline import outlined


def a_node(name: str, depth: int, **log: Any) -> dict[str, Any]:
    told = {
        "id": f"log_{name}",
        "tags": {"span.name": name},
        "kind": "flow",
        "model": "",
        "total_tokens": None,
        "cost": None,
        "error_kind": "",
        "error_message": "",
        "request_preview": "",
        "response_preview": "",
        **log,
    }
    return {"log": told, "depth": depth, "parent": None, "offset": 0.5, "duration": 1.25}


def shapes(*depths: int) -> list[str]:
    lines = outlined([a_node(f"n{number}", depth) for number, depth in enumerate(depths)])
    return [line[22:].partition("  log_")[0] for line in lines]


def test_each_node_hangs_from_its_parent() -> None:
    assert shapes(0, 1, 2, 2, 1, 2, 0) == [
        "n0",
        "├─ n1",
        "│  ├─ n2",
        "│  └─ n3",
        "└─ n4",
        "   └─ n5",
        "n6",
    ]


def test_a_line_says_when_how_long_and_what() -> None:
    call = a_node("chat", 0, model="gpt-4o", total_tokens=20, cost=0.0005, response_preview="Rain")

    (line,) = outlined([call])

    assert line == "    0.500s    1.250s  chat  gpt-4o  20 tokens  $0.0005  Rain  log_chat"


def test_a_failure_says_why_and_escapes_are_dropped() -> None:
    failed = a_node("chat", 0, error_kind="reported", error_message="\x1b[31mslow\ndown")

    (line,) = outlined([failed])

    assert "FAILED: slow down" in line
    assert "\x1b" not in line
