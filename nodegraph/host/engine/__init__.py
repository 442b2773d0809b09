"""The engine process: imports plugins, hears sound, runs plans, and may die without harm.

`python -m nodegraph.host.engine` is started by `nodegraph.host.supervisor` and by nobody else.

    protocol, wire   what it and the host say to each other, and how that travels
    door             how they find each other
    pulse            a page of memory that they share: heartbeat, and where it is
    machine          what it asks of the operating system
    loop, deck       its tick thread, and what plays there; tally, outbox: how it went, what is sent
    backstage        its second thread; prepare: makes plans ready; reporting: what there is to tell
    worker, vigil    the host's side of one process: start, speak, watch, kill; end: how it ended
    starter          starts one after the other, without the plugins that end them
    wanted           what a new one has to be told; blame: who ended the last; events: what is told
"""
