"""What is measured: bare proxies, Logwright and its peers, each on ports of its own before the same upstreams."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from bench.gateway.processes import Running, command_line, cpu_seconds, free_port, tree
from bench.gateway.shapes import SHAPES, Shape

_PATH: Final = "/v1/chat/completions"
_KEY: Final = "sk-bench-0123456789"
_SETTLED_SHARE: Final = 0.05
_SETTLE_SECONDS: Final = 8.0

Durability = Literal["fsync", "os"]


@dataclass(kw_only=True)
class Target:
    """Something that takes calls."""

    name: str
    urls: Mapping[str, str]
    """By the name of the shape."""
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By the name of the shape."""
    running: Running | None = None
    """None for the upstream itself, whose cost is nobody's."""
    most_connections: int = 1000
    """How many calls at once it can bear; a slow one with many in flight finishes too few of those it has begun."""
    keeps_store: bool = False
    """True when one of its processes is Logwright's store."""

    def cpu(self) -> tuple[float, float]:
        """Give the processor seconds taken so far by the gateway, and by its store."""
        if self.running is None:
            return 0.0, 0.0
        pids = tree(self.running.pid)
        store = [pid for pid in pids if "logwright.logs.store" in command_line(pid)] if self.keeps_store else []
        return cpu_seconds([pid for pid in pids if pid not in store]), cpu_seconds(store)

    def settle(self) -> None:
        """Wait until the store has taken in and merged most of what it was given; large merges go on for longer."""
        if not self.keeps_store:
            return
        deadline = time.monotonic() + _SETTLE_SECONDS
        calm = 0
        while calm < 3 and time.monotonic() < deadline:
            before, began = self.cpu()[1], time.monotonic()
            time.sleep(0.3)
            share = (self.cpu()[1] - before) / (time.monotonic() - began)
            calm = calm + 1 if share < _SETTLED_SHARE else 0

    def stop(self) -> None:
        """End its processes."""
        if self.running is not None:
            self.running.stop()


def upstreams(folder: Path) -> tuple[Target, Mapping[str, int]]:
    """Start the provider: nginx with canned answers, and the source of events. Give it and its ports by shape."""
    ports: dict[str, int] = {shape.name: free_port() for shape in SHAPES}
    servers = "".join(
        f"""
        server {{
            listen 127.0.0.1:{ports[shape.name]} backlog=4096;
            location / {{ default_type application/json; return 200 '{shape.response.decode()}'; }}
        }}"""
        for shape in SHAPES
        if shape.response
    )
    json_port = ports["small"]
    nginx = _nginx(folder / "upstream", servers, [json_port, ports["typical"]])
    events = Running(
        [sys.executable, "-m", "bench.gateway.event_source", "--port", str(ports["stream"])],
        log=folder / "events.log",
        ports=[ports["stream"]],
    )
    urls = {name: f"http://127.0.0.1:{port}{_PATH}" for name, port in ports.items()}
    return _Upstream(name="direct", urls=urls, both=(nginx, events)), ports


@dataclass(kw_only=True)
class _Upstream(Target):
    both: tuple[Running, ...] = ()

    def stop(self) -> None:
        for running in self.both:
            running.stop()


# ------------------------------------------------------------------ bare proxies


def nginx(folder: Path, upstream: Mapping[str, int]) -> Target:
    """Start nginx as a proxy that does nothing else, in one worker."""
    ports = {name: free_port() for name in upstream}
    servers = "".join(
        f"""
        upstream {name} {{ server 127.0.0.1:{port}; keepalive 256; keepalive_requests 100000000; }}
        server {{
            listen 127.0.0.1:{ports[name]} backlog=4096;
            location / {{
                proxy_pass http://{name};
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_buffering {"off" if name == "stream" else "on"};
            }}
        }}"""
        for name, port in upstream.items()
    )
    return Target(name="nginx", urls=_local(ports), running=_nginx(folder / "nginx", servers, list(ports.values())))


def haproxy(folder: Path, upstream: Mapping[str, int]) -> Target:
    """Start HAProxy as a proxy that does nothing else, in one thread."""
    ports = {name: free_port() for name in upstream}
    pairs = "".join(
        f"""
frontend in_{name}
    bind 127.0.0.1:{ports[name]}
    default_backend out_{name}
backend out_{name}
    server upstream 127.0.0.1:{port}
"""
        for name, port in upstream.items()
    )
    config = folder / "haproxy.cfg"
    config.write_text(
        f"""
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    http-reuse always
    timeout connect 5s
    timeout client 60s
    timeout server 60s
{pairs}"""
    )
    running = Running(["haproxy", "-db", "-f", config], log=folder / "haproxy.log", ports=list(ports.values()))
    return Target(name="haproxy", urls=_local(ports), running=running)


def _nginx(folder: Path, servers: str, ports: Sequence[int]) -> Running:
    folder.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"""
{user}
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_buffer_size 64k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
    )
    # Debian keeps nginx where only an administrator's PATH looks.
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    return Running([program, "-p", folder, "-c", folder / "nginx.conf"], log=folder / "log", ports=ports)


# ------------------------------------------------------------------ Logwright


def logwright(folder: Path, upstream: Mapping[str, int], durability: Durability) -> Target:
    """Start a server with one worker and everything on, in a data directory of its own."""
    home = folder / f"logwright-{durability}"
    home.mkdir()
    port, data = free_port(), home / "data"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LOGWRIGHT_")},
        "LOGWRIGHT_MASTER_KEY_FILE": str(home / "master.key"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "BENCH_KEY": _KEY,
    }
    program = [sys.executable, "-m", "logwright.cli.main"]
    running = Running(
        [
            *(*program, "serve", "--data", str(data), "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
            *("--durability", durability),
            *(word for each in upstream.values() for word in ("--allow-upstream", f"127.0.0.1:{each}")),
        ],
        log=home / "log",
        ports=[port],
        env=env,
    )

    def run(*words: str) -> str:
        done = subprocess.run(
            [*program, *words, "--data", str(data)], env=env, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"logwright {' '.join(words)} failed: {done.stderr or done.stdout}")
        return done.stdout

    try:
        key = json.loads(run("projects", "create", "bench", "--json"))["key"]
        for name, at in upstream.items():
            url = f"http://127.0.0.1:{at}/v1"
            kind = ("--project", "bench", "--kind", "openai-compatible", "--base-url", url, "--key-env", "BENCH_KEY")
            run("providers", "set", name, *kind, "--model", _shape(name).model)
    except BaseException:
        running.stop()
        raise
    return Target(
        name=f"logwright, {durability}",
        urls=dict.fromkeys(upstream, f"http://127.0.0.1:{port}/api{_PATH}"),
        headers={name: {"authorization": f"Bearer {key}"} for name in upstream},
        running=running,
        keeps_store=True,
    )


# ------------------------------------------------------------------ peers


def cache() -> Path:
    """Give the folder in which peers are installed: `$XDG_CACHE_HOME/logwright-bench`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "logwright-bench")


def litellm(folder: Path, upstream: Mapping[str, int]) -> Target:
    """Start LiteLLM's proxy with one worker, logging errors only."""
    port, config = free_port(), folder / "litellm.json"
    models = [
        {
            "model_name": _shape(name).model,
            "litellm_params": {
                "model": f"openai/{_shape(name).model}",
                "api_base": f"http://127.0.0.1:{at}/v1",
                "api_key": _KEY,
            },
        }
        for name, at in upstream.items()
    ]
    # JSON is YAML, and needs no library to be written.
    config.write_text(json.dumps({"model_list": models, "general_settings": {"master_key": _KEY}}))
    program = cache() / "litellm" / "bin" / "litellm"
    running = Running(
        [program, "--config", config, "--port", str(port), "--host", "127.0.0.1", "--num_workers", "1"],
        log=folder / "litellm.log",
        ports=[port],
        env={**os.environ, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        cwd=folder,
    )
    return Target(
        name="LiteLLM",
        urls=dict.fromkeys(upstream, f"http://127.0.0.1:{port}{_PATH}"),
        headers={name: {"authorization": f"Bearer {_KEY}"} for name in upstream},
        running=running,
        most_connections=4,
    )


def portkey(folder: Path, upstream: Mapping[str, int]) -> Target:
    """Start Portkey's gateway without its console."""
    port = free_port()
    program = cache() / "portkey" / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    running = Running(
        ["node", program, "--headless", f"--port={port}"],
        log=folder / "portkey.log",
        ports=[port],
        env={**os.environ, "NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
        cwd=folder,
    )
    return Target(
        name="Portkey",
        urls=dict.fromkeys(upstream, f"http://127.0.0.1:{port}{_PATH}"),
        headers={
            name: {
                "authorization": f"Bearer {_KEY}",
                "x-portkey-provider": "openai",
                "x-portkey-custom-host": f"http://127.0.0.1:{at}/v1",
            }
            for name, at in upstream.items()
        },
        running=running,
        most_connections=4,
    )


def _local(ports: Mapping[str, int]) -> dict[str, str]:
    return {name: f"http://127.0.0.1:{port}{_PATH}" for name, port in ports.items()}


def _shape(name: str) -> Shape:
    return next(shape for shape in SHAPES if shape.name == name)
