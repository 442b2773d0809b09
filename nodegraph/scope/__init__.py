"""Daydream Scope, a server that paints video in real time: how to reach it and how to steer it.

    address      where a server is: URLs made whole, and what is near enough to need no STUN
    parameters   the vocabulary: every parameter a patch may set, its type and range   (pure)
    protocol     parameters into messages, within every limit of the wire              (pure)
    answers      the server's JSON answers as frozen values                            (pure)
    beat         when chunks are done, heard in the frames that come back              (pure)
    pace         how long a chunk takes, and when a message may follow another         (pure)
    effects      which parameter does something on which pipeline, mode and loading    (pure)
    sender       what to send when: merged, chunk-paced, repeated                      (pure)
    rest         the HTTP endpoints
    serverlog    what the server's log tells, and nothing else does
    loading      ask for pipelines and wait until they are there
    session      one WebRTC session: frames in, messages out
    link         all of it together, for a whole show: connects, steers, reconnects
    diagnose     what is there and what is wrong, in sentences
    simulator    a faithful server without a GPU

Nothing is imported here, so that the pure modules stay quick to load.
"""
