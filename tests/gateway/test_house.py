"""What the connections of a worker share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig


def test_a_project_without_calls_takes_no_memory(rig: Rig) -> None:
    rig.house.in_flight.update({"prj_1": 2})

    rig.house.release("prj_1")
    assert rig.house.in_flight == {"prj_1": 1}
    rig.house.release("prj_1")
    rig.house.release("prj_1")

    assert rig.house.in_flight == {}


def test_connections_that_have_gone_are_forgotten(rig: Rig) -> None:
    for _ in range(5):
        rig.ask()

    assert len(rig.on_loop(lambda: list(rig.house.connections))) <= 1
