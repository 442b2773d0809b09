"""How the processes of one show speak to each other: messages over a private local socket.

    framing   a message as bytes: length, then msgpack; what is malformed is refused alone   (pure)
    errors    what can go wrong, and how an error travels in an answer                       (pure)
    channel   a socket without an event loop, for the engine's threads
    stream    the same socket on an event loop, for the host and its clients
    folder    the private folder in which the sockets of running shows lie
    address   where a show can be reached, who may, and which shows are running
    client    a client of a show: asyncio, and a blocking one for scripts

A request is `{"id": 7, "do": "undo", ...}`, its answer `{"id": 7, "ok": {...}}` or
`{"id": 7, "error": {"text": ..., "problems": [...]}}`; an event is `{"event": "changed", ...}`.
A client's first request is `hello`, with its name, the `PROTOCOL` it speaks, and the show's token
where the socket itself cannot tell who is calling.
"""
