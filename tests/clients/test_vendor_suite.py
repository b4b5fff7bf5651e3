"""The tests that OpenPipe shipped inside its Python client, run as they are against a real server.

Left out are those that need what a test cannot have: models trained at OpenPipe,
and a real OpenAI that chooses to call a tool or does not know a model.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(600)]

PARTS = ["reporting", "update_logged_call_tags", "test_sync_client.py", "test_async_client.py"]
LEFT_OUT = "llama or function_call or tool_calls or bad_openai or base_sdk or default_base_url"


@pytest.mark.parametrize("version", ["5.0.0", "4.50.0"])
def test_openpipes_own_tests_pass(
    version: str, environments: ModuleType, clean_environment: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    python = environments.ready(f"openpipe-{version}")
    configuration = tmp_path / "pytest.ini"
    configuration.write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = session\n"
        "asyncio_default_test_loop_scope = session\n"
    )
    (folder,) = (python.parent.parent / "lib").glob("python3.*/site-packages/openpipe/test")
    with (
        FakeUpstream() as upstream,
        FakeUpstream() as slow,
        Server(upstream=upstream, settings=("--testing-routes",)) as server,
    ):
        # The test of Anthropic's reports takes for granted that its call to the provider lasted a second.
        slow.answers(delay=timedelta(seconds=1.1))
        url = f"{server.url}/api/v1"
        ended = subprocess.run(
            [
                str(python), "-m", "pytest", "-q", "-c", str(configuration), "--rootdir", str(folder),
                "-p", "no:cacheprovider", "-W", "ignore", "--tb", "short", "-k", f"not ({LEFT_OUT})",
                *(str(folder / part) for part in PARTS),
            ],
            cwd=tmp_path,
            env={
                **clean_environment(),
                "OPENPIPE_BASE_URL": url,
                "OPENPIPE_BASE_URL_LOCAL": url,
                "OPENPIPE_API_KEY": server.key,
                "OPENPIPE_API_KEY_LOCAL": server.key,
                "OPENAI_API_KEY": "provider-key",
                "OPENAI_BASE_URL": upstream.base_url,
                "ANTHROPIC_API_KEY": "provider-key",
                "ANTHROPIC_BASE_URL": slow.url,
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed" in ended.stdout
    assert "failed" not in ended.stdout
