"""Make the environments in which the published clients run, each apart because they pin versions that we do not want.

The tests marked `clients` make those that they need under `.venv-clients/`, once;
`python tests/clients/make_environments.py` makes all of them ahead.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2] / ".venv-clients"

_TEST_TOOLS: Final = ["pytest", "pytest-asyncio", "python-dotenv"]  # for the tests that ship inside the client

PYTHON: Final = {
    "openpipe-5.0.0": ["openpipe==5.0.0", *_TEST_TOOLS],
    "openpipe-4.50.0": ["openpipe==4.50.0", *_TEST_TOOLS],
    # It imports requests and does not ask for it. The beta is pinned by itself: allowing all betas brings an httpx that
    # breaks it.
    "humanloop-0.8.38": ["humanloop==0.8.38", "requests"],
    "humanloop-0.8.40b6": ["humanloop==0.8.40b6", "requests"],
    "otel": [
        "opentelemetry-sdk",
        "opentelemetry-exporter-otlp-proto-http",
        "opentelemetry-instrumentation-openai",
        "openinference-instrumentation-openai",
        "langfuse",
        "openai",
        # It imports the two behind it and asks for neither.
        *("mlflow-tracing", "sqlparse", "pyyaml"),
    ],
}
"""For each environment what `pip` is asked for; the versions of openai and httpx follow from the client's own pins."""

NODE: Final = {
    "openpipe-node-1.0.0": ["openpipe@1.0.0"],
    "humanloop-node-0.8.20": ["humanloop@0.8.20"],
    # The last major version of Vercel's that makes spans by itself; the next has an adapter for it.
    "otel-node": [
        "ai@6",
        "@ai-sdk/openai-compatible@2",
        "@opentelemetry/sdk-trace-node",
        "@opentelemetry/exporter-trace-otlp-http",
        "@opentelemetry/resources",
    ],
}
"""For each folder what `npm` is asked for; what it depends on comes with it."""

_DONE: Final = "made"


def python(name: str) -> Path:
    """Return the interpreter of an environment."""
    return ROOT / name / "bin" / "python"


def is_made(name: str) -> bool:
    """Say whether an environment is complete."""
    return (ROOT / name / _DONE).exists()


def ready(name: str) -> Path:
    """Return the interpreter of an environment, or the folder of one for node; it is made when it is not there.

    Raises:
        CalledProcessError: when the registry cannot be reached.
    """
    make(name)
    return ROOT / name if name in NODE else python(name)


def make(name: str) -> None:
    """Make one environment, unless it is there."""
    if is_made(name):
        return
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    if name in NODE:
        (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
        _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *NODE[name]], folder)
    else:
        _run([sys.executable, "-m", "venv", str(folder)], folder)
        _run([str(python(name)), "-m", "pip", "install", "--quiet", *PYTHON[name]], folder)
    (folder / _DONE).touch()


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)


if __name__ == "__main__":
    for each in [*PYTHON, *NODE]:
        make(each)
        sys.stdout.write(f"{each}: ready\n")
