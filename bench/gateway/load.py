"""Load by wrk: as much as goes, or a thousand calls a second with the waiting measured."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.gateway.shapes import Shape

RATE: Final = 1000
"""Calls a second when waiting is measured."""

_RATE_CONNECTIONS: Final = 25

_SCRIPT: Final = """
local file = io.open(%(body)s, "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
%(headers)s
%(delay)s
function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\\n{"requests": %%d, "micros": %%d, "refused": %%d, "failed": %%d, "p50": %%d, "p90": %%d, "p99": %%d}\\n',
    summary.requests, summary.duration, summary.errors.status, failed,
    latency:percentile(50), latency:percentile(90), latency:percentile(99)
  ))
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one run of load saw."""

    requests: int
    seconds: float
    bad: int
    """Answers other than 2xx, and broken connections."""
    p50: float
    """Microseconds from request to the last byte of the answer."""
    p90: float
    p99: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.requests / self.seconds


def saturate(url: str, shape: Shape, headers: Mapping[str, str], seconds: float, *, connections: int) -> Result:
    """Keep so many calls in flight."""
    return _wrk(url, shape, headers, seconds, connections=connections, delay="")


def steady(url: str, shape: Shape, headers: Mapping[str, str], seconds: float) -> Result:
    """Send about `RATE` calls a second; each connection pauses for a random time between two calls."""
    longest = 2 * 1000 * _RATE_CONNECTIONS // RATE
    delay = f"function delay() return math.random(0, {longest}) end"
    return _wrk(url, shape, headers, seconds, connections=_RATE_CONNECTIONS, delay=delay)


def _wrk(url: str, shape: Shape, headers: Mapping[str, str], seconds: float, *, connections: int, delay: str) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-gateway-") as folder:
        body, script = Path(folder, "body.json"), Path(folder, "post.lua")
        body.write_bytes(shape.request)
        lines = {"content-type": "application/json", **headers}
        script.write_text(
            _SCRIPT
            % {
                "body": json.dumps(str(body)),
                "headers": "\n".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in lines.items()),
                "delay": delay,
            }
        )
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s", "-s", script, url],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 60,
        )
    seen = json.loads(done.stdout.rstrip().rpartition("\n")[2])
    return Result(
        requests=seen["requests"],
        seconds=seen["micros"] / 1e6,
        bad=seen["refused"] + seen["failed"],
        p50=seen["p50"],
        p90=seen["p90"],
        p99=seen["p99"],
    )
