"""Record a call that you made in your own way, to whichever model."""

import time

from logwright import Client

began = time.time()
question = {"model": "our-own-model", "messages": [{"role": "user", "content": "Say hello."}]}
answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello."}, "finish_reason": "stop"}]}

with Client() as client:
    client.report(
        requested_at=int(began * 1000),
        received_at=int(time.time() * 1000),
        req_payload=question,
        resp_payload=answer,
        status_code=200,
        tags={"prompt_id": "own"},
    )
    print(client.logs.search("tag.prompt_id:own", limit=1).items[0]["response_preview"])
