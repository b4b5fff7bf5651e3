"""Runs in an environment of the published humanloop client: drives it against a server and prints what it saw."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from typing import Any

import httpx
import humanloop.types
from humanloop import AsyncHumanloop, Humanloop
from humanloop.core.api_error import ApiError
from humanloop.errors import UnprocessableEntityError

NAMES = {name: getattr(humanloop.types, name) for name in humanloop.types.__all__}
KERNEL = {
    "model": "gpt-4o",
    "provider": "openai",
    "template": [{"role": "system", "content": "Triage {{ticket}}."}],
    "temperature": 0.5,
}
MESSAGES = [{"role": "user", "content": "It is on fire."}]


def model(name: str) -> Any:
    """Return one of the client's models, its references resolved, which the client itself never does."""
    found = NAMES[name]
    found.model_rebuild(force=True, _types_namespace=NAMES)
    return found


def plain(value: Any) -> Any:
    """Return what the client gave as JSON: it gives models, and plain objects where its models are broken."""
    return json.loads(value.json()) if hasattr(value, "json") else value


class Run:
    """The client, and the same server asked without it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.base = f"{given['url'].removesuffix('/api/v1')}/v5"
        self.client = Humanloop(base_url=self.base, api_key=given["key"])
        self.web = httpx.Client(headers={"X-API-KEY": given["key"]}, trust_env=False)
        self.folder = f"clients/{given['run']}"

    def raw(self, path: str, **params: Any) -> Any:
        answer = self.web.get(f"{self.base}{path}", params=params)
        answer.raise_for_status()
        return answer.json()

    def log_and_update(self) -> dict[str, Any]:
        started = dt.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=dt.timezone(dt.timedelta(hours=1)))
        told = self.client.prompts.log(
            path=f"{self.folder}/triage",
            prompt=KERNEL,
            messages=MESSAGES,
            inputs={"ticket": "7"},
            output="Nothing.",
            metadata={"run": self.given["run"], "scenario": "update", "old": 1},
            start_time=started,
            end_time=started + dt.timedelta(seconds=2),
            source="sdk",
            user="ann",
            prompt_log_request_environment="staging",
        )
        updated = self.client.prompts.update_log(
            id=told.prompt_id,
            log_id=told.id,
            output_message={"role": "assistant", "content": "Call the fire brigade."},
            prompt_tokens=12,
            reasoning_tokens=3,
            output_tokens=5,
            prompt_cost=0.25,
            output_cost=0.5,
            finish_reason="stop",
            messages=MESSAGES,
            tool_choice={"type": "function", "function": {"name": "call"}},
            output="Call the fire brigade.",
            created_at=started,
            error="It went wrong.",
            provider_latency=1.5,
            stdout="debugging",
            provider_request={"model": "gpt-4o"},
            provider_response={"id": "chatcmpl-9"},
            inputs={"ticket": 8},
            source="changed",
            metadata={"run": self.given["run"], "scenario": "update", "new": [1]},
            start_time=started,
            end_time=started + dt.timedelta(seconds=3),
        )
        cleared = self.client.prompts.update_log(id=told.prompt_id, log_id=told.id, error=None, stdout=None)
        nothing = self.client.prompts.update_log(id=told.prompt_id, log_id=told.id)
        return {
            "told": plain(told),
            "updated": plain(updated),
            "cleared": plain(cleared),
            "nothing": plain(nothing),
            "read": plain(self.client.logs.get(id=told.id)),
        }

    def gateway(self) -> dict[str, Any]:
        """Update a log that nobody told this API of."""
        log_id = self.given["gateway_log"]
        before = plain(self.client.logs.get(id=log_id))
        after = self.client.prompts.update_log(id=before["prompt"]["id"], log_id=log_id, output="Edited here.")
        return {"before": before, "after": plain(after)}

    def pages(self) -> dict[str, Any]:
        for number in range(5):
            told = self.client.prompts.log(path=f"{self.folder}/many", prompt=KERNEL, output=f"number {number}")
        walked = [plain(log) for log in self.client.logs.list(file_id=told.prompt_id, size=2)]
        listed = [plain(file) for file in self.client.prompts.list(name=self.folder, size=1)]
        self.client.logs.delete(id=[walked[0]["id"], walked[1]["id"]])
        left = list(self.client.logs.list(file_id=told.prompt_id, size=50))
        return {
            "outputs": [log["output"] for log in walked],
            "kinds": sorted({type(log).__name__ for log in left}),
            "prompts": sorted({file["path"] for file in listed}),
            "left": len(left),
        }

    def prompts(self) -> dict[str, Any]:
        path = f"{self.folder}/versions"
        first = self.client.prompts.upsert(path=path, **KERNEL, version_name="first", tags=["a"])
        same = self.client.prompts.upsert(path=path, **dict(reversed(list(KERNEL.items()))))
        second = self.client.prompts.upsert(path=path, model="newer")
        environments = self.client.prompts.list_environments(id=first.id)
        production = next(each for each in environments if each.tag == "default")
        deployed = self.client.prompts.set_deployment(
            id=first.id, environment_id=production.id, version_id=first.version_id
        )
        default = self.client.prompts.get(id=first.id)
        self.client.prompts.remove_deployment(id=first.id, environment_id=production.id)
        moved = self.client.prompts.move(id=first.id, name="renamed")
        versions = self.client.prompts.list_versions(id=first.id)
        self.client.prompts.delete(id=first.id)
        return {
            "same": same.version_id == first.version_id != second.version_id,
            "deployed": [each.name for each in deployed.environments or []],
            "default": default.version_id == first.version_id,
            "moved": moved.path,
            "versions": len(versions.records),
            "gone": self._status(lambda: self.client.prompts.get(id=first.id)),
        }

    def neighbours(self) -> dict[str, Any]:
        flow = self.client.flows.log(
            path=f"{self.folder}/flow", flow={"attributes": {"v": 1}}, inputs={"q": "a"}, log_status="incomplete"
        )
        tool = self.client.tools.log(
            path=f"{self.folder}/tool",
            tool={"function": {"name": "f", "description": "d", "parameters": {"type": "object"}}},
            inputs={"x": 1},
            output="1",
            trace_parent_id=flow.id,
        )
        prompt = self.client.prompts.log(path=f"{self.folder}/step", prompt=KERNEL, output="a", trace_parent_id=flow.id)
        judged = self.client.evaluators.log(path=f"{self.folder}/tone", parent_id=prompt.id, judgment=True)
        agent = self.client.agents.log(
            path=f"{self.folder}/agent", agent={"model": "gpt-4o", "max_iterations": 2}, output="done"
        )
        tooled = self.client.tools.update(id=tool.tool_id, log_id=tool.id, output="2", error=None)
        flowed = self.client.flows.update_log(log_id=flow.id, output="finished", log_status="complete")
        agented = self.client.agents.update_log(id=agent.agent_id, log_id=agent.id, output="more")
        whole = plain(self.client.logs.get(id=flow.id))
        return {
            "logs": {
                "PromptLogResponse": prompt.id,
                "ToolLogResponse": tool.id,
                "FlowLogResponse": flow.id,
                "EvaluatorLogResponse": judged.id,
                "AgentLogResponse": agent.id,
            },
            "tooled": plain(tooled)["output"],
            "flowed": [plain(flowed)["output"], plain(flowed)["log_status"]],
            "agented": plain(agented)["output"],
            "steps": sorted(step["id"] for step in whole["trace_children"]) == sorted([tool.id, prompt.id]),
            "judged": judged.parent_id == prompt.id,
        }

    def models(self, seen: dict[str, Any]) -> dict[str, Any]:
        """Hold raw answers against the client's own models, which the client does not do."""
        for name, log_id in seen["neighbours"]["logs"].items():
            model(name).model_validate(self.raw(f"/logs/{log_id}"))
        model("PromptLogResponse").model_validate(self.raw(f"/logs/{self.given['gateway_log']}"))
        prompt_id = seen["update"]["told"]["prompt_id"]
        model("PaginatedDataLogResponse").model_validate(self.raw("/logs", file_id=prompt_id))
        model("PaginatedDataPromptResponse").model_validate(self.raw("/prompts", size=100))
        model("ListPrompts").model_validate(self.raw(f"/prompts/{prompt_id}/versions"))
        for plural, name in [
            ("tools", "PaginatedDataToolResponse"),
            ("flows", "PaginatedDataFlowResponse"),
            ("evaluators", "PaginatedDataEvaluatorResponse"),
            ("agents", "PaginatedDataAgentResponse"),
        ]:
            found = self.raw(f"/{plural}", size=100)
            assert found["records"], plural
            model(name).model_validate(found)
        model("DirectoryWithParentsAndChildrenResponse").model_validate(self.raw("/directories/root"))
        return {"checked": len(seen["neighbours"]["logs"]) + 9}

    def calls(self) -> dict[str, Any]:
        """Call a prompt through the server, at once and as a stream."""
        path = f"{self.folder}/called"
        messages = [{"role": "user", "content": "Which team?"}]
        told = {"run": self.given["run"], "scenario": "call"}
        said = self.client.prompts.call(
            path=path, prompt=KERNEL, inputs={"ticket": "7"}, messages=messages, metadata=told
        )
        chunks = list(self.client.prompts.call_stream(path=path, inputs={"ticket": "8"}, messages=messages))
        read = plain(self.client.logs.get(id=chunks[-1].id))
        model("PromptCallResponse").model_validate(json.loads(said.json()))
        return {
            "output": said.logs[0].output,
            "id": said.id,
            "streamed": "".join(chunk.output or "" for chunk in chunks),
            "tokens": chunks[-1].output_tokens,
            "inputs": read["inputs"],
            "path": read["prompt"]["path"],
        }

    def errors(self) -> dict[str, Any]:
        told = self.client.prompts.log(path=f"{self.folder}/errors", prompt=KERNEL, output="a")
        stranger = Humanloop(base_url=self.base, api_key="lwk_wrong")
        found: dict[str, Any] = {
            "wrong_key": self._status(lambda: stranger.prompts.update_log(id=told.prompt_id, log_id=told.id)),
            "unknown_log": self._status(lambda: self.client.prompts.update_log(id=told.prompt_id, log_id="log_no")),
            "unknown_prompt": self._status(lambda: self.client.prompts.update_log(id="pr_no", log_id=told.id)),
        }
        try:
            wrong: Any = "many"
            self.client.prompts.update_log(id=told.prompt_id, log_id=told.id, prompt_tokens=wrong)
        except UnprocessableEntityError as error:
            detail = plain(error.body)["detail"][0]
            found["wrong_field"] = {"status": error.status_code, "loc": detail["loc"], "type": detail["type"]}
        return found

    def asynchronous(self) -> dict[str, Any]:
        async def work() -> dict[str, Any]:
            client = AsyncHumanloop(base_url=self.base, api_key=self.given["key"])
            told = await client.prompts.log(path=f"{self.folder}/async", prompt=KERNEL, output="a")
            updates = [
                client.prompts.update_log(id=told.prompt_id, log_id=told.id, **fields)
                for fields in ({"output": "b"}, {"prompt_tokens": 7}, {"finish_reason": "length"}, {"source": "async"})
            ]
            await asyncio.gather(*updates)
            read = plain(await client.logs.get(id=told.id))
            return {name: read[name] for name in ("output", "prompt_tokens", "finish_reason", "source")}

        return asyncio.run(work())

    @staticmethod
    def _status(work: Any) -> int:
        try:
            work()
        except ApiError as error:
            return int(error.status_code or 0)
        return 200


def main() -> None:
    run = Run(json.loads(sys.argv[1]))
    seen: dict[str, Any] = {
        "update": run.log_and_update(),
        "gateway": run.gateway(),
        "pages": run.pages(),
        "prompts": run.prompts(),
        "neighbours": run.neighbours(),
        "calls": run.calls(),
        "errors": run.errors(),
        "asynchronous": run.asynchronous(),
    }
    seen["models"] = run.models(seen)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
