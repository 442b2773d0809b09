"""The editor: a window on a show that runs in other processes.

It holds no truth of its own and may end at any moment; the show plays on, and another editor finds
everything as it was. What does not draw imports no Dear PyGui and is tested without a window.

    link        the connection, on a thread of its own; nothing here waits for the show
    mirror      what the editor knows of the show, kept true by its events
    watching    values of ports, from shared memory
    editing     view, selection, and everything a user can do to a patch, as methods
    search …    pure helpers: search, numbers, wiring, tidy, clipboard, changes
    theme_…     themes as data that is edited, who plays them, the library and files
    band …      a range of frequencies with its threshold: where it is drawn, dragged, and fitted
    learning    which knob, pad or key a node listens to; `played` has keys reach the show
    actions     everything that has a name in a menu or a key, each once
    canvas/     the patch, drawn
    panels/     what stands around it
    look/       colours, fonts, themes
    window      puts them together; `layout` says where, `news` what has to be written anew
    app         the loop; `pace` says how often
"""
