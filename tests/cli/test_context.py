"""Commands reach a server by URL, say clearly when they cannot, and read settings by one rule."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click
import pytest
from click.testing import CliRunner

from logwright import errors
from logwright.cli.context import Context, open_api, setting_options, shared
from logwright.settings import Loaded, Settings


@dataclass
class Far:
    """A server that answers as told and remembers what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def far() -> Iterator[Far]:
    told = Far()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("content-length", 0)))
            told.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, sent))
            self.send_response(told.status)
            self.send_header("content-length", str(len(told.body)))
            self.send_header("content-disposition", "attachment")
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def a_context(url: str, *, project: str | None = None) -> Context:
    return Context(settings=Settings(), url=url, key="lwk_key", project=project, json=False)


def test_a_call_carries_the_key_the_project_and_what_was_given(far: Far) -> None:
    far.body = b'{"data": [1]}'
    with open_api(a_context(far.url + "/", project="triage")) as api:
        assert api.get("/api/manage/logs", {"limit": 5, "after": None}) == {"data": [1]}
        api.post("/api/manage/keys", {"scope": "read"})
        api.delete("/api/manage/keys/k1", {"project": "other"})
    (get, post, delete) = far.asked
    assert get[:2] == ("GET", "/api/manage/logs?limit=5&project=triage")
    assert get[2]["authorization"] == "Bearer lwk_key"
    assert (post[0], json.loads(post[3])) == ("POST", {"scope": "read"})
    assert delete[1] == "/api/manage/keys/k1?project=other"


def test_an_answer_without_a_body_is_none(far: Far) -> None:
    far.status, far.body = 204, b""
    with open_api(a_context(far.url)) as api:
        assert api.put("/x", {}) is None
        assert api.patch("/x", {}) is None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (413, errors.TooLarge),
        (429, errors.RateLimited),
        (503, errors.Unavailable),
        (599, errors.LogwrightError),
    ],
)
def test_a_refusal_arrives_as_the_error_that_the_server_raised(
    far: Far, status: int, kind: type[errors.LogwrightError]
) -> None:
    far.status = status
    far.body = json.dumps(errors.body(errors.InvalidRequest("It is so.", issues=["a", "b"]))).encode()
    with open_api(a_context(far.url)) as api, pytest.raises(kind) as caught:
        api.get("/x")
    assert type(caught.value) is kind
    assert caught.value.message == "It is so."
    assert caught.value.issues == ("a", "b")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"message": null, "issues": 3}', b""])
def test_a_refusal_in_another_form_still_makes_a_sentence(far: Far, body: bytes) -> None:
    far.status, far.body = 502, body
    with open_api(a_context(far.url)) as api, pytest.raises(errors.LogwrightError) as caught:
        api.get("/x")
    assert "The server answered 502" in caught.value.message


def test_an_answer_that_is_no_json_is_a_sentence(far: Far) -> None:
    far.body = b"<html>hello</html>"
    with open_api(a_context(far.url)) as api, pytest.raises(errors.LogwrightError, match="not JSON"):
        api.get("/x")


def test_an_answer_can_be_read_as_it_comes(far: Far) -> None:
    far.body = b"one\ntwo\n"
    with open_api(a_context(far.url)) as api:
        with api.stream("GET", "/x") as reply:
            assert reply.headers["Content-Disposition"] == "attachment"
            assert list(reply.lines()) == ["one", "two"]
        with api.stream("GET", "/x") as reply:
            assert b"".join(reply.bytes()) == far.body


def test_a_refused_stream_is_an_error_too(far: Far) -> None:
    far.status, far.body = 404, json.dumps(errors.body(errors.NotFound("No."))).encode()
    with open_api(a_context(far.url)) as api, pytest.raises(errors.NotFound, match="No"), api.stream("GET", "/x"):
        pass


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        open_api(a_context(f"http://127.0.0.1:{port}")) as api,
        pytest.raises(errors.UpstreamUnreachable, match=f"http://127.0.0.1:{port} did not answer"),
    ):
        api.get("/x")


@pytest.mark.parametrize("url", ["127.0.0.1:8700", "ftp://host", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(errors.LogwrightError, match="http://HOST:PORT"), open_api(a_context(url)) as api:
        api.get("/x")


@click.command()
@shared()
def show(context: Context) -> None:
    click.echo(f"{context.url} {context.key} {context.project} {context.settings.data} {context.json}")


def test_the_data_folder_wins_over_a_url_from_the_environment() -> None:
    done = CliRunner().invoke(show, ["--data", "here"], env={"LOGWRIGHT_URL": "http://far", "LOGWRIGHT_KEY": "k"})
    assert done.stdout == "None k None here False\n"


def test_a_url_and_a_data_folder_exclude_each_other() -> None:
    done = CliRunner().invoke(show, ["--data", "here", "--url", "http://far", "--key", "k"])
    assert done.exit_code == 2
    assert "exclude each other" in done.stderr


def test_a_url_needs_a_key() -> None:
    done = CliRunner().invoke(show, ["--url", "http://far"])
    assert done.exit_code == 2
    assert "LOGWRIGHT_KEY" in done.stderr


def test_url_key_and_project_arrive() -> None:
    done = CliRunner().invoke(show, ["--project", "p", "--json", "--url", "http://far"], env={"LOGWRIGHT_KEY": "k"})
    assert done.stdout == "http://far k p logwright-data True\n"


@click.command()
@setting_options("port", "allow_upstream", "testing_routes")
def start(loaded: Loaded) -> None:
    settings = loaded.settings
    click.echo(f"{settings.port} {settings.allow_upstream} {settings.testing_routes} {loaded.origins['port']}")


def test_flags_arrive_as_settings() -> None:
    done = CliRunner().invoke(start, ["--port", "1", "--allow-upstream", "a:1", "--allow-upstream", "b:2"])
    assert done.stdout == "1 ('a:1', 'b:2') False --port\n"


def test_help_tells_the_sentence_the_variable_and_the_default() -> None:
    done = CliRunner().invoke(start, ["--help"], terminal_width=200)
    assert "[env: LOGWRIGHT_PORT; default: 8700]" in done.stdout
    assert "--no-testing-routes" in done.stdout
    assert "--max-headers" not in done.stdout
