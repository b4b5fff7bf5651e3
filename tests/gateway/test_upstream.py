"""Connections to providers rest between calls, and are not trusted when they have rested."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

    RigMaker = Callable[..., Rig]


def test_calls_at_once_take_connections_of_their_own(a_rig: RigMaker) -> None:
    rig = a_rig(upstream_first_byte_timeout=0.5)
    rig.upstream.answers(delay=30)
    callers = [threading.Thread(target=rig.ask) for _ in range(3)]
    for caller in callers:
        caller.start()

    assert {call.connection for call in rig.upstream.wait_for_calls(3)} == {1, 2, 3}
    for caller in callers:
        caller.join()


def test_a_connection_is_not_used_again_after_a_call_was_given_up(a_rig: RigMaker) -> None:
    rig = a_rig(upstream_first_byte_timeout=0.1)
    rig.upstream.answers(delay=5).answers()

    assert rig.ask().status_code == 504
    assert rig.ask().status_code == 200
    assert [call.connection for call in rig.upstream.calls] == [1, 2]


def test_resting_connections_are_closed_after_a_while(rig: Rig) -> None:
    rig.ask()
    assert rig.upstream.open_connections == 1

    rig.on_loop(lambda: rig.house.pool.sweep(rig.house.now() + 1000))

    until = time.monotonic() + 5
    while rig.upstream.open_connections and time.monotonic() < until:
        time.sleep(0.01)
    assert rig.upstream.open_connections == 0


def test_every_call_of_many_reaches_the_provider_once(rig: Rig) -> None:
    for number in range(50):
        rig.ask({"messages": [{"role": "user", "content": str(number)}]})

    sent = [json.loads(call.body)["messages"][0]["content"] for call in rig.upstream.calls]
    assert sent == [str(number) for number in range(50)]
