"""Log and update logs of prompts, tools, flows, evaluators and agents."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import JSONResponse

from logwright.faces.humanloop import requests, telling
from logwright.faces.humanloop.access import WritingDesk
from logwright.faces.humanloop.answers import HumanloopRoute, read, takes

router: Final = APIRouter(route_class=HumanloopRoute)

VersionId = Annotated[str | None, Query(max_length=100, description="Use this version.")]
InEnvironment = Annotated[str | None, Query(max_length=200, description="Use the version that is deployed there.")]
FileId = Annotated[str, Path(max_length=100, description="The id of the file.")]
LogId = Annotated[str, Path(max_length=100, description="The log's id.")]


@router.patch(
    "/prompts/{prompt_id}/log/{log_id}",
    operation_id="humanloopPromptsUpdateLog",
    summary="Update a prompt's log",
    openapi_extra=takes(requests.PromptLogUpdate, required=False),
)
async def update_prompt_log(request: Request, desk: WritingDesk, prompt_id: FileId, log_id: LogId) -> JSONResponse:
    """Set what is given, clear what is null, keep what is absent; return the whole log.

    The id may also be a tool's, flow's, evaluator's or agent's: its log is answered as what it is.
    """
    body = await read(request, requests.PromptLogUpdate)
    return JSONResponse(await telling.update(desk, None, prompt_id, log_id, body))


@router.patch(
    "/tools/{tool_id}/log/{log_id}",
    operation_id="humanloopToolsUpdateLog",
    summary="Update a tool's log",
    openapi_extra=takes(requests.AnyLogUpdate, required=False),
)
async def update_tool_log(request: Request, desk: WritingDesk, tool_id: FileId, log_id: LogId) -> JSONResponse:
    """Set what is given, clear what is null, keep what is absent; return the whole log."""
    body = await read(request, requests.AnyLogUpdate)
    return JSONResponse(await telling.update(desk, "tool", tool_id, log_id, body))


@router.patch(
    "/agents/{agent_id}/log/{log_id}",
    operation_id="humanloopAgentsUpdateLog",
    summary="Update an agent's log",
    openapi_extra=takes(requests.StepLogUpdate, required=False),
)
async def update_agent_log(request: Request, desk: WritingDesk, agent_id: FileId, log_id: LogId) -> JSONResponse:
    """Set what is given, clear what is null, keep what is absent; return the whole log."""
    body = await read(request, requests.StepLogUpdate)
    return JSONResponse(await telling.update(desk, "agent", agent_id, log_id, body))


@router.patch(
    "/flows/logs/{log_id}",
    operation_id="humanloopFlowsUpdateLog",
    summary="Update a flow's log",
    openapi_extra=takes(requests.StepLogUpdate, required=False),
)
async def update_flow_log(request: Request, desk: WritingDesk, log_id: LogId) -> JSONResponse:
    """Set what is given, clear what is null, keep what is absent; return the whole log."""
    body = await read(request, requests.StepLogUpdate)
    return JSONResponse(await telling.update(desk, "flow", None, log_id, body))


@router.post(
    "/prompts/log",
    operation_id="humanloopPromptsLog",
    summary="Log a call of a prompt",
    openapi_extra=takes(requests.PromptLog),
)
async def log_prompt(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> JSONResponse:
    """Record a call, making the prompt and its version where they are new. Durable when this answers."""
    body = await read(request, requests.PromptLog)
    told = await telling.tell(desk, "prompt", body, version_id=version_id, environment=environment)
    return JSONResponse({**_made(told), "prompt_id": told.edition.file.id, "session_id": None})


@router.post(
    "/tools/log",
    operation_id="humanloopToolsLog",
    summary="Log a call of a tool",
    openapi_extra=takes(requests.ToolLog),
)
async def log_tool(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> JSONResponse:
    """Record a call, making the tool and its version where they are new. Durable when this answers."""
    body = await read(request, requests.ToolLog)
    told = await telling.tell(desk, "tool", body, version_id=version_id, environment=environment)
    return JSONResponse({**_made(told), "tool_id": told.edition.file.id, "session_id": None})


@router.post(
    "/flows/log",
    operation_id="humanloopFlowsLog",
    summary="Log a flow",
    openapi_extra=takes(requests.FlowLog),
)
async def log_flow(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> JSONResponse:
    """Record a flow, which other logs may name as their parent. Durable when this answers."""
    body = await read(request, requests.FlowLog)
    told = await telling.tell(desk, "flow", body, version_id=version_id, environment=environment)
    return JSONResponse({**_made(told), "flow_id": told.edition.file.id, "log_status": told.log_status})


@router.post(
    "/agents/log",
    operation_id="humanloopAgentsLog",
    summary="Log a run of an agent",
    openapi_extra=takes(requests.AgentLog),
)
async def log_agent(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> JSONResponse:
    """Record a run, making the agent and its version where they are new. Durable when this answers."""
    body = await read(request, requests.AgentLog)
    told = await telling.tell(desk, "agent", body, version_id=version_id, environment=environment)
    return JSONResponse({**_made(told), "agent_id": told.edition.file.id, "log_status": told.log_status})


@router.post(
    "/evaluators/log",
    operation_id="humanloopEvaluatorsLog",
    summary="Log a judgement of a log",
    openapi_extra=takes(requests.EvaluatorLog),
)
async def log_evaluator(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> JSONResponse:
    """Record a judgement; the log that it judges then shows it. Durable when this answers."""
    body = await read(request, requests.EvaluatorLog)
    told = await telling.tell(desk, "evaluator", body, version_id=version_id, environment=environment)
    return JSONResponse({**_made(told), "parent_id": told.parent_id, "session_id": None})


def _made(told: telling.Told) -> dict[str, Any]:
    return {"id": told.log_id, "version_id": told.edition.version.id}
