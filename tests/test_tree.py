"""The shape of the tree: floors, homes, sizes and names, so that a stranger finds things where they must be."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "src" / "logwright"
TESTS: Final = ROOT / "tests"

HOMES: Final = {
    "anthropic": (),
    "argon2": ("people/passwords.py",),
    "chdb": ("logs/store", "testing/clickhouse_http.py"),
    "click": ("cli",),
    "clickhouse_connect": ("logs/store/clickhouse.py",),
    "cryptography": ("projects", "cli/doctor.py", "gateway/secrets.py"),
    "fastapi": ("http", "faces", "*/routes.py", "logs/routes", "projects/access.py"),
    "genai_prices": ("models/prices.py",),
    "google": ("faces/otel",),
    "httptools": ("gateway",),
    "httpx2": ("sdk", "cli", "testing"),
    "msgspec": ("*",),
    "openai": ("sdk", "testing"),
    "opentelemetry": ("faces/otel",),
    "psycopg": ("db",),
    "pyarrow": ("logs",),
    "pydantic": ("http", "faces", "*/routes.py", "*/forms.py", "logs/routes"),
    "rich": ("cli",),
    "sqlalchemy": ("db", "*/store.py", "logs/store/rules.py"),
    "starlette": ("http", "faces", "*/routes.py", "projects/access.py"),
    "typing_extensions": (),
    "urllib3": ("logs/store/clickhouse.py",),
    "uvloop": ("http/worker.py", "testing"),
    "wsproto": ("gateway/websocket.py", "testing/websocket.py"),
}
"""Where each outside library may be imported; docs/decisions/0002-dependencies.md says why it is here at all."""

LONGEST: Final = 400
LONGER: Final[dict[str, str]] = {}
"""Source files that may be longer than `LONGEST` lines, each with its reason."""

TOGETHER: Final = {
    "gateway/caller.py": "gateway/test_exchange.py",
    "gateway/message.py": "gateway/test_protocol.py",
    "http/worker.py": "http/test_supervisor.py",
    "logs/seam.py": "contracts/test_log_store.py",
    "logs/groups.py": "logs/store/test_groups.py",
    "logs/routes/tracing_forms.py": "logs/routes/test_tracing.py",
    "testing/fault_wire.py": "testing/test_faults.py",
    "testing/faults_of_answers.py": "testing/test_faults.py",
    "testing/faults_of_connections.py": "testing/test_faults.py",
    "testing/faults_of_framing.py": "testing/test_faults.py",
}
"""Source files without a test file of their own: another test holds them, through the door that they stand behind."""


NAMELESS: Final = {"utils", "util", "helpers", "helper", "misc", "common", "shared", "base_utils", "stuff", "tools"}


def sources() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if "static" not in path.parts)


def shown(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def outside_imports(path: Path) -> set[str]:
    """Return the top-level names of other people's packages that a file imports, type-checking imports left out."""
    found: set[str] = set()
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo.extend(node.orelse)
            continue
        if isinstance(node, ast.Import):
            found.update(name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
        todo.extend(ast.iter_child_nodes(node))
    return {name for name in found if name != "logwright" and name not in sys.stdlib_module_names}


def lives_in(path: str, home: str) -> bool:
    if home == "*":
        return True
    if home.startswith("*/"):
        return path.endswith("/" + home.removeprefix("*/"))
    return path == home or path.startswith(home + "/")


def test_every_room_stands_only_on_the_floors_below(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    kept = use_cases.lint_imports(config_filename=str(ROOT / "importlinter.toml"), cache_dir=None)
    assert kept, capsys.readouterr().out


@pytest.mark.parametrize("path", sources(), ids=shown)
def test_an_outside_library_is_imported_only_in_its_home(path: Path) -> None:
    for library in outside_imports(path):
        assert library in HOMES, f"{library} has no home: add it to HOMES and to docs/decisions/0002-dependencies.md"
        assert any(lives_in(shown(path), home) for home in HOMES[library]), (
            f"{shown(path)} imports {library}, whose home is {', '.join(HOMES[library]) or 'nowhere'}"
        )


@pytest.mark.parametrize("path", sources(), ids=shown)
def test_a_source_file_opens_with_its_sentence_and_stays_readable(path: Path) -> None:
    text = path.read_text()
    lines = text.count("\n")
    first = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    assert re.search(r"[.:;?!]$", first), f"{shown(path)} should open with one sentence on what it is for"
    if shown(path) in LONGER:
        assert lines > LONGEST, f"{shown(path)} has {lines} lines and needs no exception any more"
    else:
        assert lines <= LONGEST, f"{shown(path)} has {lines} lines; it has probably found a second idea"


def test_nothing_is_named_for_having_no_name() -> None:
    nameless = [shown(path) for path in sources() if {path.stem, *path.relative_to(SOURCE).parts[:-1]} & NAMELESS]
    assert not nameless


def mirror(path: Path) -> Path:
    """Return the test file of a source file: `logs/recorder.py` is tested by `tests/logs/test_recorder.py`."""
    inside = path.relative_to(SOURCE)
    name = "init" if inside.stem == "__init__" else inside.stem.removeprefix("_")
    return TESTS / inside.parent / f"test_{name}.py"


@pytest.mark.parametrize(
    "path", [path for path in sources() if path.stem not in {"__init__", "__main__", "types"}], ids=shown
)
def test_every_source_file_has_its_test_file(path: Path) -> None:
    if shown(path) in TOGETHER:
        assert not mirror(path).exists(), f"{shown(path)} has a test file now and needs no exception any more"
        assert (TESTS / TOGETHER[shown(path)]).exists()
    else:
        assert mirror(path).exists(), f"{shown(path)} should be tested by {mirror(path).relative_to(ROOT)}"


@pytest.mark.parametrize(
    "path",
    sorted(path for path in TESTS.rglob("test_*.py") if path.parent != TESTS),
    ids=lambda path: path.relative_to(TESTS).as_posix(),
)
def test_every_test_file_is_about_a_source_file(path: Path) -> None:
    inside = path.relative_to(TESTS)
    if inside.parts[0] in {"contracts", "journeys", "browser", "clients"}:
        return
    name = inside.stem.removeprefix("test_")
    room = SOURCE / inside.parent
    assert (
        (room / f"{name}.py").exists() or (room / name).is_dir() or (room / f"_{name}.py").exists() or (name == "init")
    ), f"{inside} tests nothing that exists"


def test_every_exception_names_a_file_that_exists() -> None:
    for name in [*LONGER, *TOGETHER]:
        assert (SOURCE / name).exists(), name


def test_the_project_names_no_machine_and_no_registry() -> None:
    """Paths of the machine it was written on and addresses of package mirrors have no place in it."""
    told = re.compile(r"(?<![\w.])/(?:work|root|opt)/|files\.pythonhosted|--index-url\s|--extra-index-url\s")
    checked = [*ROOT.glob("*.*"), ROOT / "Makefile", *(ROOT / "requirements").glob("*"), *sources()]
    checked += [path for folder in ("docs", "bench", "examples") for path in (ROOT / folder).rglob("*.*")]
    named = [
        path.relative_to(ROOT).as_posix()
        for path in checked
        if path.is_file()
        and path.suffix in {"", ".py", ".md", ".toml", ".txt", ".json", ".sh"}
        and told.search(path.read_text())
    ]
    assert not named


def test_every_dependency_is_locked_with_hashes_at_or_above_its_floor() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runs = [*declared["project"]["dependencies"], *declared["project"]["optional-dependencies"]["postgres"]]
    tests = [*runs, *(each for each in declared["dependency-groups"]["dev"] if isinstance(each, str))]
    for name, wanted in (("serve.txt", runs), ("dev.txt", tests)):
        text = (ROOT / "requirements" / name).read_text()
        pins = re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^\s;]+)", text, re.MULTILINE)
        hashed = re.findall(r"^[a-z].*(?:\n {4}--hash=sha256:[0-9a-f]{64}(?: \\)?)+$", text, re.MULTILINE)
        assert len(pins) == len(hashed)
        locked = dict(pins)
        for requirement in wanted:
            package, _, floor = re.sub(r"\[.*\]", "", requirement).partition(">=")
            assert package in locked, f"{package} is not in requirements/{name}; run make lock"
            assert numbers(locked[package]) >= numbers(floor), f"{package} in requirements/{name}; run make lock"


def test_both_locks_agree_on_what_they_share() -> None:
    """One environment serves `make serve` and `make test`, whichever came first."""
    pins = [
        set(re.findall(r"^[a-z].*==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("serve.txt", "dev.txt")
    ]
    assert pins[0] <= pins[1]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
