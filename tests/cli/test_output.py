"""What commands print cannot act upon the terminal, and programs can read it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.cli import output
from logwright.errors import InvalidRequest


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==", ""),
        ("\x9b2Jgone", "gone"),
        ("back\x08space\x7f", "backspace"),
        ("\u202egnp.exe", "gnp.exe"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("carriage\rreturn", "carriagereturn"),
        ("grüß 你好", "grüß 你好"),
    ],
)
def test_what_a_terminal_would_act_upon_is_dropped(text: str, left: str) -> None:
    assert output.clean(text) == left


@given(st.text())
def test_no_escape_survives_whatever_the_text(text: str) -> None:
    assert not set(output.clean(text)) & {"\x1b", "\x9b", "\x07", "\x08", "\r", "\x7f", "\u202e"}


def test_a_pipe_gets_a_header_and_one_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(["name", "tags", "cost"], [["a\tb\nc", {"env": "dev", "n": "1"}, None], ["d", {}, 0.25]])
    assert capsys.readouterr().out == "name\ttags\tcost\na b c\tenv=dev n=1\t\nd\t\t0.25\n"


def test_json_is_the_value_and_holds_nothing_that_a_terminal_acts_upon(capsys: pytest.CaptureFixture[str]) -> None:
    value = {"text": "\x1b[2J \x9b2J \u202e grüß \ud800"}
    output.as_json(value)
    printed = capsys.readouterr().out
    assert json.loads(printed) == value
    assert "grüß" in printed
    assert not set(printed) & {"\x1b", "\x9b", "\u202e"}


def test_a_refusal_is_a_line_for_people_and_a_body_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    error = InvalidRequest("The \x1b[31mquery is wrong", issues=["at 3", "at 7"])
    output.refusal(error, as_json=False)
    assert capsys.readouterr().err == "logwright: The query is wrong\n  at 3\n  at 7\n"
    output.refusal(error, as_json=True)
    told = json.loads(capsys.readouterr().err)
    assert told["code"] == "BAD_REQUEST"
    assert told["issues"] == [{"message": "at 3"}, {"message": "at 7"}]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (3 << 40, "3.0 TiB"), (5 << 50, "5120.0 TiB")]
)
def test_sizes_are_written_for_people(count: int, text: str) -> None:
    assert output.size(count) == text


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with output.progress("Exporting", unit="logs") as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")
