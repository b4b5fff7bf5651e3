"""Settings: one declaration, four doors, and errors that name the door."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.settings import MASKED, Settings, environment, load, shown


def a_file(folder: Path, text: str) -> Path:
    path = folder / "logwright.toml"
    path.write_text(text)
    return path


def test_without_anything_given_every_setting_has_its_default() -> None:
    loaded = load({}, environ={})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(tmp_path: Path) -> None:
    config = a_file(tmp_path, "port = 1\nworkers = 1\nmax_headers = 11\n")
    loaded = load(
        {"port": "3", "workers": None, "allow_upstream": ()},
        environ={"LOGWRIGHT_PORT": "2", "LOGWRIGHT_WORKERS": "2"},
        config=config,
    )
    found = loaded.settings
    assert (found.port, found.workers, found.max_headers, found.host) == (3, 2, 11, "127.0.0.1")
    assert loaded.origins["port"] == "--port"
    assert loaded.origins["workers"] == "LOGWRIGHT_WORKERS"
    assert loaded.origins["max_headers"] == str(config)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("port", "0", 0),
        ("max_body_bytes", "10MiB", 10 * 1024 * 1024),
        ("max_body_bytes", "1.5 KiB", 1536),
        ("max_body_bytes", "2048", 2048),
        ("head_timeout", "500ms", 0.5),
        ("head_timeout", "2m", 120.0),
        ("head_timeout", "1.5", 1.5),
        ("testing_routes", "yes", True),
        ("testing_routes", "0", False),
        ("allow_upstream", "localhost:8000, 10.0.0.0/8,", ("localhost:8000", "10.0.0.0/8")),
        ("durability", "os", "os"),
        ("data", "here", Path("here")),
    ],
)
def test_a_variable_is_read_in_the_form_of_its_kind(name: str, text: str, value: object) -> None:
    loaded = load(environ={f"LOGWRIGHT_{name.upper()}": text})
    assert getattr(loaded.settings, name) == value


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("port", "eighty", "LOGWRIGHT_PORT: port is 'eighty'; it takes a whole number"),
        ("port", "65536", "port is 65536; it must be at most 65535"),
        ("workers", "0", "workers is 0; it must be at least 1"),
        ("workers", "1.5", "it takes a whole number"),
        ("max_body_bytes", "10 parsec", "it takes bytes, or a size such as 10MiB"),
        ("head_timeout", "-1", "it takes seconds, or a time such as 500ms, 10s or 2m"),
        ("durability", "maybe", "it takes fsync or os"),
        ("testing_routes", "perhaps", "it takes true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_its_origin_and_what_is_taken(name: str, text: str, says: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(environ={f"LOGWRIGHT_{name.upper()}": text})
    assert says in caught.value.message
    assert caught.value.param == name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", "did you mean port?"),
        ("zebra = 1", "there is no setting 'zebra'"),
        ("port = ", "is not valid TOML"),
        ("allow_upstream = [1]", "it takes a list of texts"),
        ("port = true", "it takes a whole number"),
    ],
)
def test_a_wrong_file_is_refused_in_words(tmp_path: Path, text: str, says: str) -> None:
    config = a_file(tmp_path, text)
    with pytest.raises(Misconfigured) as caught:
        load(environ={"LOGWRIGHT_CONFIG": str(config)})
    assert says in caught.value.message
    assert str(config) in caught.value.message


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        load(environ={}, config=tmp_path / "absent.toml")


def test_a_path_in_the_file_is_relative_to_the_file(tmp_path: Path) -> None:
    loaded = load(environ={}, config=a_file(tmp_path, 'data = "logs"'))
    assert loaded.settings.data == tmp_path / "logs"


def test_an_empty_variable_counts_as_not_given() -> None:
    assert load(environ={"LOGWRIGHT_PORT": ""}).settings.port == 8700


def test_a_secret_is_never_shown() -> None:
    loaded = load(environ={"LOGWRIGHT_DATABASE": "postgresql://me:hunter2@db/logwright"})
    assert shown(loaded.settings, "database") == MASKED
    assert "hunter2" not in repr(loaded.settings)
    assert shown(Settings(), "database") == ""


def test_a_child_process_loads_the_same_settings(tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path,
        allow_upstream=("localhost:1", "10.0.0.0/8"),
        head_timeout=0.5,
        upstream_total_timeout=3.0,
        testing_routes=True,
        durability="os",
        max_body_bytes=4096,
        master_key_file=tmp_path / "keys",
    )
    assert load(environ=environment(settings)).settings == settings
