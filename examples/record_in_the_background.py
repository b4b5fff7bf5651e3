"""Call OpenAI directly and have every call recorded, without waiting for it."""

from logwright import OpenAI

client = OpenAI()

for ticket in ("The export stops at 40 %", "I was charged twice"):
    answer = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "content": "Answer with the team this ticket goes to: billing or data."},
            {"role": "user", "content": ticket},
        ],
        metadata={"prompt_id": "triage"},
    )
    print(ticket, "->", answer.choices[0].message.content)

# A program that goes on for long need not do this, and one that ends does it by itself.
client.flush()
