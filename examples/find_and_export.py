"""Find logs, tag them, and write them to a file for fine-tuning."""

from logwright import Client

with Client() as client:
    stats = client.logs.stats("tag.prompt_id:triage")
    print(f"{stats['count']} calls, {stats['failed']} failed, {stats['total_tokens']} tokens")

    client.logs.tag("tag.prompt_id:triage latency:<10s", {"quick": "yes"})
    for log in client.logs.iterate("tag.quick:yes"):
        print(log["id"], log["model"], log["response_preview"])

    print(client.logs.export("triage.jsonl", "tag.prompt_id:triage", form="openai-sft", exclude_errors=True))
