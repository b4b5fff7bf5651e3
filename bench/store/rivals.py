"""Products that keep such logs, each asked through its own HTTP API: started, filled with spans, and questioned."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import venv
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from bench.gateway.processes import Running, free_port
from bench.gateway.targets import cache
from bench.store.corpus import COMMON, RARE

PACKAGES: Final = {"phoenix": "arize-phoenix==20.26.1", "mlflow": "mlflow==3.17.2"}
QUESTIONS: Final = ("newest 50", "a model's, by tokens", "rare word, page", "common word, page", "statistics")
_MODEL: Final = "gpt-4o"


def install() -> None:
    """Install the peers that are missing, each in an environment of its own."""
    for name, package in PACKAGES.items():
        home = cache() / name
        if not home.exists():
            print(f"installing {package} in {home}", file=sys.stderr)
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin" / "pip", "install", "--quiet", package], check=True)


class Rival(ABC):
    """One product, running."""

    name: str
    spans: str = "/v1/traces"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.headers: dict[str, str] = {}
        self._folder = folder / type(self).__name__.lower()
        self._folder.mkdir()
        self.running = self.start(self._folder)
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)

    @abstractmethod
    def start(self, folder: Path) -> Running:
        """Start it on `port`, with its data below `folder`."""

    @abstractmethod
    def count(self) -> int:
        """Say how many logs can be found."""

    @abstractmethod
    def questions(self) -> Mapping[str, Callable[[], int]]:
        """Give the questions by their names in `QUESTIONS`, as far as it has them; each gives how many it found."""

    def export(self, body: bytes) -> None:
        """Send spans."""
        self._ask("POST", self.spans, body, {"content-type": "application/x-protobuf"})

    def disk(self) -> int:
        """Give the bytes that its files take."""
        return sum(path.stat().st_blocks * 512 for path in self._folder.rglob("*") if path.is_file())

    def get(self, path: str) -> Any:
        """Ask for JSON."""
        return json.loads(self._ask("GET", path, None, {}))

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """Send JSON and get JSON."""
        return json.loads(self._ask("POST", path, json.dumps(content).encode(), {"content-type": "application/json"}))

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        self._connection.request(method, path, body, {**self.headers, **headers})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name} answered {answer.status} to {method} {path}: {data[:300]!r}")
        return data


class Logwright(Rival):
    """Ourselves, by the management API."""

    name = "Logwright"

    def start(self, folder: Path) -> Running:
        """Start it as `Rival.start` says."""
        data = folder / "data"
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LOGWRIGHT_")},
            "LOGWRIGHT_MASTER_KEY_FILE": str(folder / "master.key"),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        program = [sys.executable, "-m", "logwright.cli.main"]
        running = Running(
            [*program, "serve", "--data", str(data), "--host", "127.0.0.1", "--port", str(self.port)],
            log=folder / "log",
            ports=[self.port],
            env=env,
        )
        made = subprocess.run(
            [*program, "projects", "create", "bench", "--json", "--data", str(data)],
            env=env,
            capture_output=True,
            check=True,
        )
        self.headers = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
        return running

    def count(self) -> int:
        """Say how many logs can be found."""
        return int(self.get("/api/manage/logs/stats")["count"])

    def disk(self) -> int:
        """Give the bytes of the store; the journals are let go of as it takes them in, but not below one segment."""
        return sum(path.stat().st_blocks * 512 for path in (self._folder / "data" / "store").rglob("*"))

    def questions(self) -> Mapping[str, Callable[[], int]]:
        """Give the questions that it can be asked."""

        def page(query: str, more: str = "") -> int:
            return len(self.get(f"/api/manage/logs?limit=50&q={quote(query)}{more}")["data"])

        return {
            "newest 50": lambda: page(""),
            "a model's, by tokens": lambda: page(f"model:{_MODEL}", "&sort=tokens"),
            "rare word, page": lambda: page(RARE),
            "common word, page": lambda: page(COMMON),
            "statistics": self.count,
        }


class Phoenix(Rival):
    """Arize's Phoenix on SQLite, by GraphQL, which its own pages use: its REST interface filters no text."""

    name = "Phoenix"

    def start(self, folder: Path) -> Running:
        """Start it as `Rival.start` says."""
        env = {
            **os.environ,
            "PHOENIX_WORKING_DIR": str(folder),
            "PHOENIX_PORT": str(self.port),
            "PHOENIX_GRPC_PORT": str(free_port()),
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }
        return Running(
            [cache() / "phoenix" / "bin" / "phoenix", "serve"], log=folder / "log", ports=[self.port], env=env
        )

    def count(self) -> int:
        """Say how many logs can be found."""
        project = self._project("recordCount")
        return int(project["recordCount"]) if project else 0

    def questions(self) -> Mapping[str, Callable[[], int]]:
        """Give the questions that it can be asked."""

        def page(condition: str = "", sort: str = "startTime") -> int:
            chosen = f"first: 50, sort: {{col: {sort}, dir: desc}}"
            if condition:
                chosen += f", filterCondition: {json.dumps(condition)}"
            shown = (
                "name startTime latencyMs tokenCountTotal statusCode input { truncatedValue } output { truncatedValue }"
            )
            return len(self._project(f"spans({chosen}) {{ edges {{ node {{ {shown} }} }} }}")["spans"]["edges"])

        def holding(word: str) -> str:
            return f"'{word}' in input.value or '{word}' in output.value"

        figures = "recordCount tokenCountTotal p50: latencyMsQuantile(probability: 0.5)"
        return {
            "newest 50": page,
            "a model's, by tokens": lambda: page(f"llm.model_name == '{_MODEL}'", "tokenCountTotal"),
            "rare word, page": lambda: page(holding(RARE)),
            "common word, page": lambda: page(holding(COMMON)),
            "statistics": lambda: int(
                self._project(f"{figures} p95: latencyMsQuantile(probability: 0.95)")["recordCount"]
            ),
        }

    def _project(self, fields: str) -> Any:
        query = f"{{ projects {{ edges {{ node {{ name ... on Project {{ {fields} }} }} }} }} }}"
        answer = self.post("/graphql", {"query": query})
        if answer.get("errors"):
            raise RuntimeError(f"Phoenix refused {query}: {answer['errors'][:1]}")
        nodes = [edge["node"] for edge in answer["data"]["projects"]["edges"]]
        return next((node for node in nodes if node["name"] == "default"), None)


class MLflow(Rival):
    """MLflow's tracking server on SQLite with one worker; its search of text looks into the spans."""

    name = "MLflow"

    def start(self, folder: Path) -> Running:
        """Start it as `Rival.start` says."""
        self.headers = {"x-mlflow-experiment-id": "0"}
        return Running(
            [
                *(cache() / "mlflow" / "bin" / "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)),
                *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "1"),
                *("--artifacts-destination", str(folder / "artifacts")),
            ],
            log=folder / "log",
            ports=[self.port],
            env={**os.environ, "MLFLOW_TELEMETRY_DISABLED": "true", "DO_NOT_TRACK": "true"},
            cwd=folder,
        )

    def count(self) -> int:
        """Say how many logs can be found."""
        points = self._metric("trace_count", {"aggregation_type": "COUNT"})
        return int(next(iter(points[0]["values"].values()))) if points else 0

    def questions(self) -> Mapping[str, Callable[[], int]]:
        """Give the questions that it can be asked."""

        def page(condition: str = "") -> int:
            asked = {
                "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}],
                "filter": condition,
                "max_results": 50,
                "order_by": ["timestamp_ms DESC"],
            }
            return len(self.post("/api/3.0/mlflow/traces/search", asked).get("traces", []))

        def statistics() -> int:
            for level in (50, 95):
                self._metric("latency", {"aggregation_type": "PERCENTILE", "percentile_value": level})
            self._metric("total_tokens", {"aggregation_type": "SUM"})
            return self.count()

        return {
            "newest 50": page,
            "rare word, page": lambda: page(f"trace.text LIKE '%{RARE}%'"),
            "common word, page": lambda: page(f"trace.text LIKE '%{COMMON}%'"),
            "statistics": statistics,
        }

    def _metric(self, name: str, aggregation: Mapping[str, Any]) -> Any:
        asked = {"experiment_ids": ["0"], "view_type": "TRACES", "metric_name": name, "aggregations": [aggregation]}
        return self.post("/api/3.0/mlflow/traces/metrics", asked).get("data_points", [])


RIVALS: Final[tuple[type[Rival], ...]] = (Logwright, Phoenix, MLflow)
