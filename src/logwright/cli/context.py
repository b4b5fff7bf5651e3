"""What the commands share: their options, their settings, and the way to the HTTP API.

Commands speak one language, the HTTP API. `--url` sends it to a server; otherwise
the same application is built in this process over the data folder (`local.py`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from logwright import errors
from logwright.cli import output
from logwright.settings import CONFIG_VARIABLE, Loaded, Settings, declarations, load

if TYPE_CHECKING:
    import httpx2

Command = TypeVar("Command", bound=Callable[..., Any])
Params = Mapping[str, str | int | float | bool | list[str] | None]

_METAVARS: Final = {"path": "PATH", "integer": "NUMBER", "size": "SIZE", "time": "TIME", "list": "TEXT", "text": "TEXT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Which server a command speaks to, for which project, and how it prints."""

    settings: Settings
    url: str | None
    """The remote server's address; None when the data folder is used."""
    key: str | None
    project: str | None
    json: bool

    def api(self, *, producer: str | None = None) -> AbstractContextManager[Api]:
        """Open the way to the API for the length of a `with` block.

        A command that records logs names the journal that it writes them to where it works on a data folder.
        """
        return open_api(self, producer=producer)


class Api:
    """The HTTP API as plain calls: JSON in, decoded JSON out, refusals raised as `LogwrightError`."""

    def __init__(self, client: httpx2.Client, *, place: str, project: str | None = None) -> None:
        self._client = client
        self._place = place
        self._project = project

    def get(self, path: str, params: Params | None = None) -> Any:
        """Read something."""
        return self._call("GET", path, params)

    def post(self, path: str, json: Any = None, params: Params | None = None) -> Any:
        """Make or do something."""
        return self._call("POST", path, params, json)

    def put(self, path: str, json: Any = None, params: Params | None = None) -> Any:
        """Set something."""
        return self._call("PUT", path, params, json)

    def patch(self, path: str, json: Any = None, params: Params | None = None) -> Any:
        """Change a part of something."""
        return self._call("PATCH", path, params, json)

    def delete(self, path: str, params: Params | None = None, json: Any = None) -> Any:
        """Remove something."""
        return self._call("DELETE", path, params, json)

    def send(self, path: str, content: bytes, *, kind: str, params: Params | None = None) -> Any:
        """Post a body that is no JSON, of the content type `kind`."""
        return self._call("POST", path, params, content=content, headers={"content-type": kind})

    @contextmanager
    def stream(self, method: str, path: str, params: Params | None = None, json: Any = None) -> Iterator[Stream]:
        """Begin a call whose answer is read as it arrives; it is ended when the block is left."""
        with self._reaching(), self._client.stream(method, path, params=self._params(params), json=json) as reply:
            if reply.is_error:
                reply.read()
                raise refused(reply)
            yield Stream(reply)

    def _call(self, method: str, path: str, params: Params | None, json: Any = None, **body: Any) -> Any:
        with self._reaching():
            reply = self._client.request(method, path, params=self._params(params), json=json, **body)
        if reply.is_error:
            raise refused(reply)
        try:
            return reply.json() if reply.content else None
        except ValueError as error:
            raise errors.LogwrightError(f"{self._place} answered what is not JSON; is it Logwright?") from error

    def _params(self, given: Params | None) -> dict[str, Any]:
        """Drop what is None, and name the project unless the call does."""
        params = {name: value for name, value in (given or {}).items() if value is not None}
        if self._project is not None:
            params.setdefault("project", self._project)
        return params

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say where we could not get through, instead of how."""
        import httpx2

        try:
            yield
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise errors.InvalidRequest(
                f"{self._place} is no address of a server; it takes http://HOST:PORT"
            ) from error
        except httpx2.TransportError as error:
            raise errors.UpstreamUnreachable(
                f"{self._place} did not answer ({str(error) or type(error).__name__}); check that a server runs there"
            ) from error


class Stream:
    """An answer that is still arriving."""

    def __init__(self, reply: httpx2.Response) -> None:
        self._reply = reply

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; names in any case."""
        return self._reply.headers

    def bytes(self) -> Iterator[bytes]:
        """Yield pieces of the body as they come."""
        return self._reply.iter_bytes()

    def lines(self) -> Iterator[str]:
        """Yield the body's lines as they are whole."""
        return self._reply.iter_lines()


@contextmanager
def open_api(context: Context, *, producer: str | None = None) -> Iterator[Api]:
    """Open the API of a server (`context.url`) or of the data folder; close it with the block."""
    import httpx2

    timeout = httpx2.Timeout(10.0, read=None)  # a statistic over millions of logs may take its time
    if context.url is not None:
        headers = {"authorization": f"Bearer {context.key}"} if context.key else {}
        place = _checked(context.url)
        # No proxies and no .netrc: the key goes where the person said and nowhere else.
        with httpx2.Client(base_url=place, headers=headers, timeout=timeout, trust_env=False) as client:
            yield Api(client, place=place, project=context.project)
        return
    from logwright.cli.local import open_local

    with open_local(context.settings, producer=producer) as (transport, key):
        headers = {"authorization": f"Bearer {key}"}
        with httpx2.Client(
            base_url="http://localhost", headers=headers, timeout=timeout, transport=transport, trust_env=False
        ) as client:
            yield Api(client, place=f"The data folder {context.settings.data}", project=context.project)


def _checked(url: str) -> str:
    """Return the address of a server without its last slash."""
    import httpx2

    try:
        read = httpx2.URL(url)
    except httpx2.InvalidURL:
        read = httpx2.URL()
    if read.scheme not in {"http", "https"} or not read.host:
        raise errors.InvalidRequest(f"{url} is no address of a server; --url takes http://HOST:PORT", param="url")
    return url.rstrip("/")


def refused(reply: httpx2.Response) -> errors.LogwrightError:
    """Turn an error answer back into the error that the server raised, by its status."""
    message, issues = "", []
    try:
        told = reply.json()
        message = told["message"]
        issues = [issue["message"] for issue in told.get("issues", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        message = f"The server answered {reply.status_code} {reply.reason_phrase} without a reason that we can read"
    error = _BY_STATUS.get(reply.status_code, errors.LogwrightError)
    return error(str(message), issues=issues)


_BY_STATUS: Final = {
    error.status: error
    for error in (
        errors.InvalidRequest,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.MethodNotAllowed,
        errors.Timeout,
        errors.Conflict,
        errors.TooLarge,
        errors.UnsupportedMedia,
        errors.RateLimited,
        errors.HeadTooLarge,
        errors.Unavailable,
        errors.UpstreamUnreachable,
        errors.UpstreamTimeout,
        errors.MissingExtra,
    )
}


def shared(*, project: bool = True) -> Callable[[Command], Command]:
    """Give a command `--data`, `--url`, `--key`, `--config`, `--json` (and `--project`); it receives a `context`."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            data, config = options.pop("data"), options.pop("config")
            url, key = options.pop("url"), options.pop("key")
            source = click.get_current_context().get_parameter_source("url")
            if data is not None and url is not None and source is click.core.ParameterSource.COMMANDLINE:
                raise click.UsageError("--data and --url exclude each other: a folder here, or a server there.")
            if data is not None:
                url = None
            elif url is not None and not key:
                raise click.UsageError("--url needs a key: give --key or set LOGWRIGHT_KEY.")
            loaded = load({"data": data}, config=_path(config))
            context = Context(
                settings=loaded.settings,
                url=url,
                key=key,
                project=options.pop("project", None),
                json=options.pop("as_json"),
            )
            return function(*args, context=context, **options)

        options = [
            click.option("--data", metavar="DIR", help="The data folder to work on. [default: ./logwright-data]"),
            click.option(
                "--url",
                envvar="LOGWRIGHT_URL",
                metavar="URL",
                help="A server to speak to instead. [env: LOGWRIGHT_URL]",
            ),
            click.option(
                "--key", envvar="LOGWRIGHT_KEY", metavar="KEY", help="The key for that server. [env: LOGWRIGHT_KEY]"
            ),
            _config_option,
            json_option,
        ]
        if project:
            options.insert(
                0, click.option("--project", metavar="NAME", help="The project, by name or id. [default: the only one]")
            )
        for option in reversed(options):
            run = option(run)
        return run  # type: ignore[return-value]  # wraps keeps the command; its options are click's business

    return decorate


def setting_options(*names: str) -> Callable[[Command], Command]:
    """Give a command `--config` and a flag for each named setting (all, when none is named).

    It receives the outcome as `loaded`: the settings, and where each came from.
    """
    chosen = [declared for declared in declarations() if declared.flag and (not names or declared.name in names)]

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def run(*args: Any, **options: Any) -> Any:
            flags = {declared.name: options.pop(declared.name) for declared in chosen}
            loaded: Loaded = load(flags, config=_path(options.pop("config")))
            return function(*args, loaded=loaded, **options)

        for declared in reversed(chosen):
            default = f"; default: {declared.default}" if declared.default else ""
            text = f"{declared.sentence} [env: {declared.variable}{default}]"
            if declared.kind == "true or false":
                flag = f"{declared.flag}/--no-{declared.flag.removeprefix('--')}"
                run = click.option(flag, declared.name, default=None, help=text)(run)
            else:
                metavar = "|".join(declared.choices) or _METAVARS[declared.kind]
                run = click.option(declared.flag, declared.name, metavar=metavar, multiple=declared.many, help=text)(
                    run
                )
        return _config_option(run)  # type: ignore[return-value]  # as in `shared`

    return decorate


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


_config_option = click.option(
    "--config", metavar="FILE", envvar=CONFIG_VARIABLE, help=f"A TOML file of settings. [env: {CONFIG_VARIABLE}]"
)


def _want_json(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
    """Note the wish before anything can be refused."""
    output.want_json(ctx, value)
    return value


json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    is_eager=True,
    callback=_want_json,
    help="Answer in JSON, errors included.",
)
