"""The demonstration's calls are the same for each seed, and varied over seeds."""

from __future__ import annotations

import json
from collections import Counter

from logwright.testing.traffic import plan, planned_for
from logwright.wire.strict import check

PLANS = [plan(seed) for seed in range(400)]


def test_the_same_number_makes_the_same_call() -> None:
    assert plan(7) == plan(7)
    assert plan(7) != plan(8)


def test_all_scenarios_models_and_endings_occur() -> None:
    assert {planned.scenario for planned in PLANS} == {
        "triage",
        "summarise",
        "extract",
        "translate",
        "chat",
        "classify",
        "embed",
    }
    models = {planned.request["model"] for planned in PLANS}
    assert {"gpt-4o", "gpt-4o-mini", "o4-mini"} < models
    assert any(model.startswith("claude") for model in models)
    statuses = Counter(planned.status for planned in PLANS)
    assert set(statuses) == {200, 400, 429, 500}
    assert statuses[200] > 350
    assert any(planned.request.get("stream") for planned in PLANS)
    assert any(planned.said.tool_calls for planned in PLANS)
    assert {planned.door for planned in PLANS} == {"chat", "messages", "embeddings"}


def test_every_request_is_strict_json_and_carries_its_tags() -> None:
    for planned in PLANS:
        check(json.dumps(planned.request).encode())
        assert planned.tags.keys() == {"prompt_id", "prompt_version", "env", "user_id", "customer"}
        assert planned.seconds > 0


def test_the_provider_finds_the_plan_by_the_request_alone() -> None:
    for planned in PLANS:
        assert planned_for(json.loads(json.dumps(planned.request))) == planned


def test_a_request_of_somebody_else_has_no_plan() -> None:
    assert planned_for({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "seed": 7}) is None
    assert planned_for({"model": "gpt-4o", "user": "demo-x"}) is None
    assert planned_for({}) is None
