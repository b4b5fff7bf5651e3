"""Stream an answer through the gateway; the log is complete before the stream ends."""

from logwright import OpenAI

client = OpenAI()

stream = client.chat.completions.create(
    model="openai:gpt-4o-mini",
    messages=[{"role": "user", "content": "Count to five."}],
    stream=True,
    logwright={"tags": {"prompt_id": "count"}},
)
for chunk in stream:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
