"""Access tokens are fetched when they are needed, shared, kept, and renewed before they end."""

from __future__ import annotations

import asyncio
import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from logwright.errors import UpstreamUnreachable
from logwright.gateway.secrets import EARLY_SECONDS, LIFE_SECONDS, assertion
from logwright.models.types import Target
from logwright.projects.types import Secret
from logwright.testing.connection import Script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.gateway.conftest import Rig

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return str(key.private_bytes(*form).decode())


def account(**more: Any) -> dict[str, Any]:
    return {"client_email": "svc@p.iam", "private_key": pem(KEY), "private_key_id": "k1", **more}


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_an_assertion_is_signed_with_the_accounts_key() -> None:
    head, claims, signature = assertion(account(), "https://tokens.example/token").split(".")

    KEY.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(decoded(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    told = json.loads(decoded(claims))
    assert (told["iss"], told["aud"]) == ("svc@p.iam", "https://tokens.example/token")
    assert told["exp"] - told["iat"] == LIFE_SECONDS


@pytest.mark.parametrize("private_key", ["not a key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_cannot_sign_is_told_without_being_shown(private_key: str) -> None:
    with pytest.raises(UpstreamUnreachable) as refused:
        assertion(account(private_key=private_key), "https://tokens.example/token")
    assert private_key not in refused.value.message


class AtGoogle:
    """A rig whose provider is Vertex AI, played by the fake together with the place that gives out tokens."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        rig.models.kind = "vertex"
        rig.models.base_url = rig.upstream.url + "/v1/projects/p/locations/l"
        self.secret = Secret(json.dumps(account(token_uri=rig.upstream.url + "/token")))
        resolve = rig.models.resolve

        def with_account(project_id: str, model: str, kind: Any) -> Target:
            found = resolve(project_id, model, kind)
            object.__setattr__(found, "secret", self.secret)
            return found

        rig.models.resolve = with_account  # type: ignore[method-assign]  # another secret than the rig's

    def ask(self, **body: Any) -> Any:
        return self.rig.ask({"model": "gemini-2.5-pro", **body})

    def paths(self) -> list[str]:
        return [call.path for call in self.rig.upstream.calls]


@pytest.fixture
def google(rig: Rig) -> AtGoogle:
    return AtGoogle(rig)


def test_a_token_is_fetched_once_and_shown_with_every_call(google: AtGoogle) -> None:
    assert [google.ask().status_code for _ in range(3)] == [200] * 3

    token, *calls = google.rig.upstream.calls
    assert token.path == "/token"
    form = parse_qs(token.body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert form["assertion"][0].count(".") == 2
    assert {call.headers["authorization"] for call in calls} == {"Bearer ya29.token-1"}
    assert {call.path for call in calls} == {
        "/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-pro:generateContent"
    }


def test_calls_that_come_together_share_one_fetch(google: AtGoogle) -> None:
    google.rig.upstream.answers(delay=0.05)

    with ThreadPoolExecutor(8) as callers:
        done = list(callers.map(lambda _: google.ask().status_code, range(8)))

    assert done == [200] * 8
    assert google.paths().count("/token") == 1


def test_a_large_call_waits_for_its_token_too(google: AtGoogle) -> None:
    answer = google.ask(messages=[{"role": "user", "content": "a" * 1_100_000}])

    assert answer.status_code == 200
    assert google.paths()[0] == "/token"


def test_without_a_token_the_call_is_refused_and_says_why(google: AtGoogle) -> None:
    google.rig.upstream.answers(status=400, text="Invalid JWT Signature.")

    answer = google.ask()

    assert answer.status_code == 502
    assert "Invalid JWT Signature." in answer.json()["message"]
    record = google.rig.notes.only()
    assert (record.error_kind, record.status) == ("refused", 502)
    assert google.rig.house.in_flight == {}


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"access_token": "a"}'])
def test_an_answer_that_is_no_token_is_told(google: AtGoogle, body: bytes) -> None:
    google.rig.upstream.answers(body=body)

    assert "gave no access token" in google.ask().json()["message"]


def test_a_token_that_cannot_be_asked_for_is_told(google: AtGoogle) -> None:
    google.rig.upstream.fails("reset-before-head")

    assert google.ask().status_code == 502


def test_tokens_are_asked_for_at_allowed_addresses_only(google: AtGoogle) -> None:
    google.secret = Secret(json.dumps(account(token_uri="https://169.254.169.254/token")))

    answer = google.ask()

    assert answer.status_code in {400, 502}
    assert google.paths() == []


def test_a_token_near_its_end_is_renewed_beside_the_calls(google: AtGoogle) -> None:
    """The old one is still shown; the next call gets the new one."""
    google.ask()
    tokens = google.rig.house.tokens

    def age() -> None:
        held = tokens._held[google.secret]
        tokens._held[google.secret] = held._replace(ends_at=google.rig.house.now() + EARLY_SECONDS - 1)

    google.rig.on_loop(age)

    assert google.ask().status_code == 200
    google.rig.upstream.wait_for_calls(4)
    assert google.paths().count("/token") == 2
    assert google.ask().status_code == 200
    shown = [call.headers["authorization"] for call in google.rig.upstream.calls if "models" in call.path]
    assert shown[0] == shown[1] != shown[2]


def test_a_token_that_the_provider_repeats_is_taken_out(google: AtGoogle) -> None:
    def respond(door: str, request: Mapping[str, Any], number: int) -> Script:
        return Script() if door == "token" else Script(status=401, body=b'{"error":{"message":"bad ya29.token-1"}}')

    google.rig.upstream._respond = respond

    answer = google.ask()

    assert answer.status_code == 401
    assert "ya29" not in answer.text


def test_a_caller_who_leaves_meanwhile_leaves_a_record_and_asks_nobody(google: AtGoogle) -> None:
    google.rig.upstream.answers(delay=0.2)
    body = b'{"model":"gemini-2.5-pro","messages":[{"role":"user","content":"Hi"}]}'
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\napi-key: %b\r\ncontent-length: %d\r\n\r\n"
    connection = google.rig.raw(head % (google.rig.key.encode(), len(body)) + body)
    google.rig.upstream.wait_for_calls(1)

    connection.close()

    assert google.rig.notes.only().error_kind == "client_disconnected"
    assert google.paths() == ["/token"]


def test_a_secret_that_is_a_token_already_is_its_own(rig: Rig) -> None:
    assert rig.on_loop(lambda: rig.house.tokens.ready(Secret("ya29.mine"))) == "ya29.mine"


def test_waiting_for_a_token_ends(google: AtGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logwright.gateway.secrets.PATIENCE_SECONDS", 0.1)
    google.rig.upstream.fails("stall-before-head")

    with pytest.raises(UpstreamUnreachable, match="in time"):
        asyncio.run_coroutine_threadsafe(google.rig.house.tokens.fetch(google.secret), google.rig._loop).result(5)
