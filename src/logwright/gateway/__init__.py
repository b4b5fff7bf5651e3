"""The hot path: protocol, resolve, attempt, stream, record.

From the socket inwards: `worker` owns the listening socket and the clock,
`protocol` reads a caller's requests, `exchange` is one recorded call from its
first byte to the last, `upstream` and `outbound` are the connections that leave
us, `relay` passes a stream on, `asgi` hands everything else to the application.
"""
