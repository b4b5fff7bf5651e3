"""The peers and how they are installed, each in a folder of its own outside the project."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench.gateway import targets
from bench.gateway.targets import Target

LITELLM: Final = "litellm[proxy]==1.106.2"
PORTKEY: Final = "@portkey-ai/gateway@1.15.2"


def _litellm(folder: Path, upstream: Mapping[str, int]) -> Target:
    return _installed("litellm", targets.litellm, folder, upstream)


def _portkey(folder: Path, upstream: Mapping[str, int]) -> Target:
    return _installed("portkey", targets.portkey, folder, upstream)


PEERS: Final[Mapping[str, Callable[[Path, Mapping[str, int]], Target]]] = {"litellm": _litellm, "portkey": _portkey}


def _installed(
    name: str,
    start: Callable[[Path, Mapping[str, int]], Target],
    folder: Path,
    upstream: Mapping[str, int],
) -> Target:
    if not (targets.cache() / name).exists():
        raise RuntimeError("it is not installed; --peers installs it")
    return start(folder, upstream)


def install() -> None:
    """Install the peers that are missing."""
    root = targets.cache()
    home = root / "litellm"
    if not home.exists():
        print(f"installing {LITELLM} in {home}", file=sys.stderr)
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", LITELLM], check=True)
    home = root / "portkey"
    if not home.exists():
        print(f"installing {PORTKEY} in {home}", file=sys.stderr)
        home.mkdir(parents=True)
        # Portkey's package needs none of its install scripts to run, and other people's scripts are best not run.
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", PORTKEY], cwd=home, check=True)
