"""Refusals in Humanloop's shape, beside ours."""

from __future__ import annotations

from tests.faces.humanloop.conftest import Client

from logwright.faces.humanloop import requests
from logwright.faces.humanloop.answers import Refused, takes


def test_a_refusal_has_a_detail_and_our_own_shape(client: Client) -> None:
    refused = client("GET", "/logs/nothing", 404)

    assert refused["detail"] == refused["message"] == refused["error"]["message"]
    assert refused["code"] == "NOT_FOUND"


def test_a_wrong_parameter_is_in_the_list_of_problems(client: Client) -> None:
    refused = client("GET", "/prompts?size=many", 422)

    assert refused["detail"][0]["loc"] == ["query", "size"]
    assert "query.size" in refused["message"]


def test_a_list_of_problems_is_bounded() -> None:
    problem = {"loc": ("body", "x" * 10_000, 3), "msg": "y" * 10_000, "type": "value_error"}
    problems = Refused([problem] * 100).problems

    assert len(problems) == 20
    assert (len(problems[0]["loc"][1]), problems[0]["loc"][2], len(problems[0]["msg"])) == (500, 3, 500)


def test_the_description_of_a_body_refers_to_nothing_outside_of_it() -> None:
    assert "$ref" not in str(takes(requests.PromptLog))
    assert "messages" in str(takes(requests.PromptLogUpdate))
