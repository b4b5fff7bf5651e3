"""Record the calls of the unmodified `openai` package by changing its address and its key."""

import os

from openai import OpenAI

client = OpenAI(base_url=os.environ["LOGWRIGHT_BASE_URL"] + "/v1", api_key=os.environ["LOGWRIGHT_API_KEY"])

answer = client.chat.completions.create(
    model="gpt-4o-mini",
    messages=[{"role": "user", "content": "Say hello."}],
    metadata={"prompt_id": "hello"},
)
print(answer.choices[0].message.content)
