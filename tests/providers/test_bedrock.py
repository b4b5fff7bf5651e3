"""Amazon Bedrock: Converse, signed as AWS's own library signs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.providers.transcripts import AT, Called, check, names, transcript

from logwright.providers.bedrock import ConverseCodec, credentials, provider
from logwright.wire.event_frames import frame

CALLEE = Called("anthropic.claude-test-v1:0", "https://bedrock-runtime.eu-central-1.amazonaws.com")


@pytest.mark.parametrize("name", names("bedrock"))
def test_a_transcript_reads_the_same_on_both_sides(name: str) -> None:
    codec = provider.codec("chat_completion", CALLEE)
    assert codec is not None

    check(codec, transcript("bedrock", name), CALLEE)


@pytest.mark.parametrize("token", ["", "a-session-token"])
def test_a_call_is_signed_as_botocore_signs_it(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/model/anthropic.claude-test-v1%3A0/converse"
    ours = credentials(CALLEE, path, b"{}", secret=":".join(filter(None, ("AKIA", "s3cret/+", token))), at=AT)

    monkeypatch.setattr(botocore.auth, "get_current_datetime", _moment)
    theirs = AWSRequest("POST", CALLEE.base_url + path, data=b"{}")
    botocore.auth.SigV4Auth(Credentials("AKIA", "s3cret/+", token or None), "bedrock", "eu-central-1").add_auth(theirs)

    assert ours["authorization"] == theirs.headers["Authorization"]
    assert ours["x-amz-date"] == theirs.headers["X-Amz-Date"]


def _moment() -> datetime:
    return datetime.fromtimestamp(AT, UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("base_url", "region"),
    [
        (CALLEE.base_url, "eu-central-1"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("https://vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com", "us-west-2"),
        ("http://127.0.0.1:9000", "us-east-1"),
    ],
)
def test_the_region_is_that_of_the_address(base_url: str, region: str) -> None:
    signed = credentials(Called("m", base_url), "/x", b"", secret="AKIA:s", at=AT)

    assert f"/{region}/bedrock/aws4_request" in signed["authorization"]


def test_a_bedrock_api_key_is_shown_as_it_is() -> None:
    assert credentials(CALLEE, "/x", b"", secret="bedrock-api-key-1", at=AT) == {
        "authorization": "Bearer bedrock-api-key-1"
    }


def test_tokens_are_counted_of_a_conversation_in_anthropics_form() -> None:
    codec = provider.codec("count_tokens", CALLEE)
    assert codec is not None
    request = {"model": "m", "max_tokens": 5, "system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]}

    call = codec.encode(request, CALLEE, secret="k", at=AT)

    assert call.path.endswith("/count-tokens")
    assert json.loads(call.body) == {
        "input": {
            "converse": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}], "system": [{"text": "Be brief."}]}
        }
    }
    assert codec.decode({"inputTokens": 7}, at=AT) == {"input_tokens": 7}


def test_an_exception_amid_a_stream_is_an_error() -> None:
    codec = ConverseCodec()
    (event,) = codec.cutter(10_000).feed(frame("throttlingException", b'{"message":"Slow"}', message_type="exception"))
    decoder = codec.decoder(at=AT)

    (chunk,) = decoder.feed(event)
    decoder.end()

    assert chunk["error"]["message"] == "Slow"
    assert chunk["error"]["code"] == "throttlingException"
    assert not decoder.ended


def test_an_answer_that_gave_its_reason_is_complete_without_counts() -> None:
    codec = ConverseCodec()
    decoder = codec.decoder(at=AT)
    for event in codec.cutter(10_000).feed(frame("messageStop", b'{"stopReason":"end_turn"}')):
        decoder.feed(event)
    assert not decoder.ended
    decoder.end()
    assert decoder.ended


def test_it_takes_nothing_in_a_callers_own_form() -> None:
    assert provider.path("chat_completion", CALLEE) is None
    assert provider.codec("embedding", CALLEE) is None
