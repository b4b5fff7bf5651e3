from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logwright.sdk.options import Destination
from logwright.sdk.report import Report
from logwright.sdk.reporter import Reporter
from logwright.sdk.spool import Spool, folder_of
from logwright.testing.report_door import ReportDoor

Make = Callable[..., Reporter]


@pytest.fixture
def make(target: Destination) -> Iterator[Make]:
    made: list[Reporter] = []

    def make(**changes: Any) -> Reporter:
        options = {name: changes.pop(name) for name in ("queue_bytes", "spool_bytes") if name in changes}
        made.append(Reporter(replace(target, **changes), first_wait=0.02, **options))
        return made[-1]

    yield make
    for reporter in made:
        reporter.close()


def a_report(name: str = "sdk_1", *, size: int = 10, **more: Any) -> Report:
    return Report(
        id=name,
        kind="chat_completion",
        requested_at=1_767_225_600_123_456,
        received_at=1_767_225_601_000_000,
        request=b'{"model":"gpt-5","pad":"%s"}' % (b"x" * size),
        response=(b'{"id":"chatcmpl-1"}',),
        status=200,
        **more,
    )


def test_a_report_arrives_as_openpipe_wrote_it_down(door: ReportDoor, make: Make) -> None:
    make().put(a_report(tags={"prompt_id": "triage"}))

    (report,) = door.wait_for(1)
    assert report.path == "/api/v1/report"
    assert report.headers["authorization"] == "Bearer lwk_test"
    assert report.headers["idempotency-key"] == "sdk_1"
    assert report.body["requestedAt"] == 1_767_225_600_123.456
    assert report.body["receivedAt"] == 1_767_225_601_000
    assert report.body["reqPayload"]["model"] == "gpt-5"
    assert report.body["respPayload"] == {"id": "chatcmpl-1"}
    assert report.body["statusCode"] == 200
    assert report.body["tags"]["prompt_id"] == "triage"
    assert report.body["tags"]["$sdk"] == "python"
    assert "errorMessage" not in report.body


def test_reports_arrive_in_order_over_one_thread(door: ReportDoor, make: Make) -> None:
    reporter = make()
    for number in range(50):
        reporter.put(a_report(f"sdk_{number}"))

    assert reporter.flush(10)
    assert door.ids == [f"sdk_{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("status", "answer"),
    [(503, b"{}"), (429, b"{}"), (500, b"oops"), (200, b"<html>Please log in</html>"), (200, b'{"status": "error"}')],
    ids=["unavailable", "too many", "server error", "a login page", "not kept"],
)
def test_what_logwright_did_not_take_is_sent_again(door: ReportDoor, make: Make, status: int, answer: bytes) -> None:
    door.status, door.answer = status, answer
    reporter = make()
    reporter.put(a_report())
    door.wait_for(2)

    door.status, door.answer = 200, b'{"status": "ok"}'
    seen = len(door.reports)
    door.wait_for(seen + 1)

    assert set(door.ids) == {"sdk_1"}


def test_what_logwright_refuses_is_not_sent_again(
    door: ReportDoor, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    door.status, door.answer = 401, b'{"message": "This key has ended"}'
    reporter = make()
    reporter.put(a_report())

    assert reporter.flush(10)
    assert len(door.reports) == 1
    assert "401" in caplog.text
    assert "This key has ended" in caplog.text
    assert "lwk_test" not in caplog.text


def test_a_report_that_breaks_the_server_does_not_hold_up_the_others(door: ReportDoor, make: Make) -> None:
    """Without a spool the failing report is first in line; after six tries it is given up."""
    door.status = 500
    reporter = make(spool=None)
    reporter.put(a_report("sdk_bad"))
    door.wait_for(6)
    door.status = 200
    reporter.put(a_report("sdk_good"))

    assert reporter.flush(10)
    assert door.ids[-1] == "sdk_good"


def test_reports_wait_on_disk_while_logwright_is_down(door: ReportDoor, make: Make, target: Destination) -> None:
    door.close()
    reporter = make()
    for number in range(20):
        reporter.put(a_report(f"sdk_{number}"))

    assert reporter.flush(10)
    folder = folder_of(target)
    assert folder is not None
    assert any(folder.iterdir())

    door.open()
    door.wait_for(20)
    assert sorted(set(door.ids)) == sorted(f"sdk_{number}" for number in range(20))


def test_a_later_reporter_sends_what_an_earlier_one_left(door: ReportDoor, make: Make, target: Destination) -> None:
    door.close()
    earlier = make()
    earlier.put(a_report("sdk_old"))
    earlier.close()

    door.open()
    make()

    assert door.wait_for(1)[0].headers["idempotency-key"] == "sdk_old"


def test_the_spool_is_private_and_names_neither_key_nor_address(
    make: Make, door: ReportDoor, target: Destination
) -> None:
    door.close()
    reporter = make()
    reporter.put(a_report())
    assert reporter.flush(10)

    folder = folder_of(target)
    assert folder is not None
    (file,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file.stat().st_mode & 0o777 == 0o600
    assert "lwk_test" not in str(file)
    assert b"lwk_test" not in file.read_bytes()


def test_putting_takes_microseconds_while_logwright_hangs(door: ReportDoor, make: Make) -> None:
    door.hang()
    reporter = make(spool=None, flush_seconds=0.0)
    reporter.put(a_report("sdk_first"))
    door.wait_for(1)

    began = time.perf_counter()
    for _ in range(1000):
        reporter.put(a_report())
    took = time.perf_counter() - began

    assert took < 0.5  # measured: 5 ms; the bound only tells waiting from not waiting
    assert len(door.reports) == 1


def test_a_queue_that_fills_up_behind_a_hanging_server_goes_to_disk(
    door: ReportDoor, make: Make, target: Destination
) -> None:
    door.hang()
    reporter = make(queue_bytes=100_000)
    reporter.put(a_report("sdk_first"))
    door.wait_for(1)
    folder = folder_of(target)
    assert folder is not None

    for number in range(40):
        reporter.put(a_report(f"sdk_{number}", size=2000))
    deadline = time.monotonic() + 10
    while not (folder.exists() and any(folder.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.005)

    door.answer_all()
    assert reporter.flush(10)


def test_beyond_its_bound_the_queue_drops_and_says_so(
    door: ReportDoor, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    door.hang()
    reporter = make(spool=None, queue_bytes=20_000, flush_seconds=0.0)
    for number in range(100):
        reporter.put(a_report(f"sdk_{number}", size=1000))

    assert "too many are waiting" in caplog.text
    assert len(caplog.records) < 10


def test_a_full_spool_keeps_what_it_has(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=3000, file_bytes=1000)
    taken = [spool.append(a_report(f"sdk_{number}", size=500).pack()) for number in range(10)]
    spool.close()

    assert taken[0]
    assert not taken[-1]
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 4000


def test_nothing_is_taken_after_closing(door: ReportDoor, make: Make) -> None:
    reporter = make()
    reporter.close()

    reporter.put(a_report())

    assert reporter.flush(1)
    assert door.reports == []


def run(script: str, door: ReportDoor, tmp_path: Path, *, code: int = 0) -> float:
    """Run a program that reports to the door; return how many seconds it took."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(script)],
        env={**os.environ, "DOOR": door.url, "SPOOL": str(tmp_path / "spool")},
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    if code == 0:
        assert not done.stderr
    return time.monotonic() - began


PRELUDE = """
import os, time
from pathlib import Path
from logwright.sdk.options import Destination
from logwright.sdk.report import Report
from logwright.sdk.reporter import Reporter

def a_report(name):
    return Report(id=name, kind="chat_completion", requested_at=1767225600000000, request=b'{"model":"gpt-5"}')

reporter = Reporter(
    Destination(
        base_url=os.environ["DOOR"], api_key="lwk_test", spool=Path(os.environ["SPOOL"]), flush_seconds=1.0
    )
)
"""

UNTIL_SENT = "while any(Path(os.environ['SPOOL']).glob('*/*.spool')): time.sleep(0.01)"


def test_a_program_that_ends_at_once_has_reported_everything(door: ReportDoor, tmp_path: Path) -> None:
    run("for number in range(30): reporter.put(a_report(f'sdk_{number}'))", door, tmp_path)

    assert door.ids == [f"sdk_{number}" for number in range(30)]


def test_a_program_ends_in_bounded_time_while_logwright_hangs(door: ReportDoor, tmp_path: Path) -> None:
    door.hang()
    took = run("for number in range(5): reporter.put(a_report(f'sdk_{number}'))", door, tmp_path)
    assert took < 5

    door.answer_all()
    run(UNTIL_SENT, door, tmp_path)
    assert set(door.ids) == {f"sdk_{number}" for number in range(5)}


def test_a_program_ends_at_once_while_logwright_is_down(door: ReportDoor, tmp_path: Path) -> None:
    door.close()
    script = """
    for number in range(5): reporter.put(a_report(f'sdk_{number}'))
    assert reporter.flush(10)
    began = time.monotonic()
    reporter.close()
    assert time.monotonic() - began < 0.5  # flush_seconds, the most it may take, is 1
    """
    run(script, door, tmp_path)

    door.open()
    run(UNTIL_SENT, door, tmp_path)
    assert sorted(door.ids) == [f"sdk_{number}" for number in range(5)]


def test_a_program_killed_amid_spooling_loses_only_what_was_in_memory(door: ReportDoor, tmp_path: Path) -> None:
    """The files of a killed process are sent by the next, but for a torn end."""
    door.close()
    killed = """
    import signal
    for number in range(20): reporter.put(a_report(f'sdk_{number}'))
    assert reporter.flush(10)
    os.kill(os.getpid(), signal.SIGKILL)
    """
    run(killed, door, tmp_path, code=-9)
    (file,) = (tmp_path / "spool").glob("*/*.spool")
    with file.open("ab") as torn:
        torn.write(b"\x40\x00\x00\x00half")

    door.open()
    run(UNTIL_SENT, door, tmp_path)
    assert sorted(door.ids) == sorted(f"sdk_{number}" for number in range(20))


def test_two_processes_do_not_send_the_same_file(door: ReportDoor, make: Make, target: Destination) -> None:
    folder = folder_of(target)
    assert folder is not None
    spool = Spool(folder, max_bytes=1 << 20)
    spool.append(a_report("sdk_1").pack())
    spool.close()
    holder = Spool(folder, max_bytes=1 << 20)
    claim = holder.claim()
    assert claim is not None

    script = "import fcntl; reporter.put(a_report('sdk_other')); assert reporter.flush(10)"
    assert target.spool is not None
    run(script, door, target.spool.parent)
    assert door.ids == ["sdk_other"]

    claim.abandon()
    make()
    door.wait_for(2)
    assert door.ids == ["sdk_other", "sdk_1"]


def test_a_forked_child_reports_its_own_calls_and_not_its_parents(door: ReportDoor, tmp_path: Path) -> None:
    script = """
    reporter.put(a_report("sdk_parent"))
    child = os.fork()
    if child == 0:
        reporter.put(a_report("sdk_child"))
        raise SystemExit
    assert os.waitpid(child, 0)[1] == 0
    """
    run(script, door, tmp_path)

    assert sorted(door.ids) == ["sdk_child", "sdk_parent"]


def test_a_child_of_multiprocessing_reports_before_it_ends(door: ReportDoor, tmp_path: Path) -> None:
    script = """
    import multiprocessing
    child = multiprocessing.get_context("fork").Process(target=reporter.put, args=(a_report("sdk_child"),))
    child.start()
    child.join()
    """
    run(script, door, tmp_path)

    assert door.ids == ["sdk_child"]
