"""Places of pages are kept for a while, and not for ever."""

from __future__ import annotations

from tests.faces.humanloop.conftest import Client

from logwright.faces.humanloop import places
from logwright.faces.humanloop.places import PageOf, Places
from logwright.logs.types import LogQuery

PAGE = PageOf("p", LogQuery(), 10, 2)


def test_a_place_is_known_for_a_minute() -> None:
    now = [0.0]
    kept = Places(lambda: now[0])
    kept.note(PAGE, "here")

    assert kept.of(PAGE) == "here"
    assert kept.of(PAGE._replace(size=11)) is None
    now[0] = places.SECONDS + 1
    assert kept.of(PAGE) is None


def test_the_oldest_places_are_let_go() -> None:
    kept = Places()
    for number in range(places.MOST + 1):
        kept.note(PAGE._replace(page=number), str(number))

    assert kept.of(PAGE._replace(page=0)) is None
    assert kept.of(PAGE._replace(page=places.MOST)) == str(places.MOST)


def test_a_walk_goes_on_behind_the_page_before_though_logs_arrive(client: Client) -> None:
    """By number alone the third log would come twice."""
    told = [client.log(output=f"{number}", created_at=f"2026-01-01T00:00:0{number}") for number in range(4)]
    first = client("GET", f"/logs?file_id={told[0]['prompt_id']}&size=2&page=1")["records"]
    client.log(output="late", created_at="2026-02-01T00:00:00")
    second = client("GET", f"/logs?file_id={told[0]['prompt_id']}&size=2&page=2")["records"]

    assert [log["output"] for log in [*first, *second]] == ["3", "2", "1", "0"]
