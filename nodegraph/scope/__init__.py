"""Daydream Scope, a server that paints video in real time: how to reach it and how to steer it.

    address      where a server is: URLs made whole, and what is near enough to need no STUN
    parameters   the vocabulary: every parameter a patch may set, its type and range   (pure)
    fields       the parameters that pipelines of plugins declare for themselves       (pure)
    video        what goes in as video, in one text, and its size                      (pure)
    protocol     parameters into messages, within every limit of the wire              (pure)
    answers      the server's JSON answers as frozen values                            (pure)
    beat         when chunks are done, heard in the frames that come back              (pure)
    pace         how long a chunk takes, and when a message may follow another         (pure)
    pipelines    what is known of the pipelines that Scope brings                      (pure)
    situation    what decides whether a parameter acts                                 (pure)
    needs        what parameters need in order to act                                  (pure)
    effects      which parameter does something on which pipeline, mode and loading    (pure)
    tiers        how large pictures are to be, and what a graphics card has room for   (pure)
    load_rules   what can be loaded with what, and why not                             (pure)
    wishes       what is wished for, and what of that acts as things are               (pure)
    cues         changes that are to be seen on a beat, and so leave ahead of it       (pure)
    sender       what to send when: merged, chunk-paced, repeated                      (pure)
    graph        what goes where in a session: sources, pipelines, sinks               (pure)
    faults       what can happen to a session, by name                                 (pure)
    rest         the HTTP endpoints, one file per family
    secret       keys and tokens, which nothing shows
    serverlog    what the server's log tells, and nothing else does
    loading      ask for pipelines and wait until they are there
    footage      pictures to send: a film, a camera, a test picture
    feed         the video that goes to a server, which may be another at any time
    decoding     how long a frame takes to decode
    reception    what comes over the tracks of a session; `intake` counts it
    waiting      how tasks are waited for and ended
    ways         the STUN and TURN servers through which a session may have to go
    session      one WebRTC session: frames in, messages out
    sight        how long a change takes until it is seen, measured from the pictures
    symptoms     why no pictures come
    watch        looks after a session: rates, stalls, deaths
    company      other clients of the same server
    ground       a server made ready: pipelines loaded, and what that means for a session
    link         all of it together, for a whole show: connects, steers, reconnects
    diagnose     what is there and what is wrong, in sentences
    simulator    a faithful server without a GPU

Nothing is imported here, so that the pure modules stay quick to load.
"""
