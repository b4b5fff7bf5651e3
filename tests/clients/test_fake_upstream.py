"""The vendors' own libraries read what the fake provider answers, so what it proves holds for the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import boto3
import botocore.config
import botocore.exceptions
import pytest
from google import genai
from google.genai import errors, types

from logwright.testing.answers import Said, ToolCall
from logwright.testing.upstream import FakeUpstream

CALLS = [ToolCall(name="look", arguments='{"at": "the sky"}', id="c1"), ToolCall(name="look", id="c2")]
SAID = Said(chunks=["Once", " upon"], tool_calls=CALLS, reasoning="Hm.", reasoning_tokens=4, cached_tokens=8)


@pytest.fixture
def fake() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


ASK: dict[str, Any] = {"model": "claude-test", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
CONVERSE: dict[str, Any] = {
    "modelId": "anthropic.claude:0",
    "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
}


class TestGoogle:
    """google-genai."""

    @pytest.fixture
    def client(self, fake: FakeUpstream) -> Iterator[genai.Client]:
        client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=fake.url))
        yield client
        client.close()

    def test_reads_a_whole_answer(self, fake: FakeUpstream, client: genai.Client) -> None:
        fake.answers(said=SAID)

        answer = client.models.generate_content(model="gemini-2.5-flash", contents="Hi")

        self.check(answer)
        assert answer.response_id == "resp00000001"
        parts = answer.candidates[0].content.parts  # type: ignore[index, union-attr]  # there is one
        assert [part.text for part in parts or () if part.thought] == ["Hm."]

    def test_reads_a_stream(self, fake: FakeUpstream, client: genai.Client) -> None:
        fake.answers(said=SAID)

        pieces = list(client.models.generate_content_stream(model="gemini-2.5-flash", contents="Hi"))

        texts = [
            part.text
            for piece in pieces
            for part in piece.candidates[0].content.parts  # type: ignore[index, union-attr]  # there is one
            if part.text and not part.thought
        ]
        assert "".join(texts) == "Once upon"
        self.check(pieces[-1], whole=False)

    def check(self, answer: types.GenerateContentResponse, *, whole: bool = True) -> None:
        calls = answer.function_calls or []
        assert calls[-1].id == "c2"
        if whole:
            assert calls[0].args == {"at": "the sky"}
        usage = answer.usage_metadata
        assert usage is not None
        assert (usage.prompt_token_count, usage.cached_content_token_count) == (24, 8)
        assert (usage.candidates_token_count, usage.thoughts_token_count) == (12, 4)

    def test_reads_vectors(self, fake: FakeUpstream, client: genai.Client) -> None:
        del fake
        answer = client.models.embed_content(model="gemini-embedding-001", contents=["a", "b"])

        assert [each.values for each in answer.embeddings or ()] == [[0.25, -0.5, 0.125]] * 2

    def test_reads_an_error(self, fake: FakeUpstream, client: genai.Client) -> None:
        fake.answers(status=429, text="Slow down")

        with pytest.raises(errors.ClientError, match="Slow down") as refused:
            client.models.generate_content(model="gemini-2.5-flash", contents="Hi")
        assert refused.value.status == "RESOURCE_EXHAUSTED"


class TestAws:
    """boto3."""

    @pytest.fixture
    def client(self, fake: FakeUpstream) -> Any:
        return boto3.client(
            "bedrock-runtime",
            endpoint_url=fake.url,
            region_name="us-east-1",
            aws_access_key_id="AKIA",
            aws_secret_access_key="s",
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
        )

    def test_reads_a_whole_answer(self, fake: FakeUpstream, client: Any) -> None:
        fake.answers(said=SAID)

        answer = client.converse(**CONVERSE)

        thought, text, first, second = answer["output"]["message"]["content"]
        assert thought["reasoningContent"]["reasoningText"]["text"] == "Hm."
        assert text == {"text": "Once upon"}
        assert first["toolUse"]["input"] == {"at": "the sky"}
        assert second["toolUse"]["toolUseId"] == "c2"
        assert answer["stopReason"] == "tool_use"
        assert answer["usage"]["cacheReadInputTokens"] == 8

    def test_reads_a_stream_of_frames(self, fake: FakeUpstream, client: Any) -> None:
        fake.answers(said=SAID)

        events = list(client.converse_stream(**CONVERSE)["stream"])

        deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
        assert "".join(delta.get("text", "") for delta in deltas) == "Once upon"
        pieces = "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta)
        assert pieces == '{"at": "the sky"}{}'
        assert events[-1]["metadata"]["usage"]["totalTokens"] == 40

    def test_reads_an_error(self, fake: FakeUpstream, client: Any) -> None:
        fake.answers(status=429, text="Slow down")

        with pytest.raises(botocore.exceptions.ClientError, match="Slow down"):
            client.converse(**CONVERSE)


class TestAnthropic:
    """anthropic."""

    @pytest.fixture
    def client(self, fake: FakeUpstream) -> Iterator[anthropic.Anthropic]:
        with anthropic.Anthropic(api_key="k", base_url=fake.url, max_retries=0) as client:
            yield client

    def test_reads_whole_and_streamed_alike(self, fake: FakeUpstream, client: anthropic.Anthropic) -> None:
        fake.answers(said=SAID)

        whole = client.messages.create(**ASK)
        with client.messages.stream(**ASK) as stream:
            made = stream.get_final_message()

        assert [block.type for block in whole.content] == ["thinking", "text", "tool_use", "tool_use"]
        assert [block.type for block in made.content] == [block.type for block in whole.content]
        assert made.content[2].input == {"at": "the sky"}  # type: ignore[union-attr]  # a call
        assert made.usage.output_tokens == whole.usage.output_tokens == 16
        assert whole.usage.cache_read_input_tokens == 8
