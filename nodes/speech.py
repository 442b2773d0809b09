"""Spoken phrases, from a microphone."""

from __future__ import annotations

from nodegraph import SpeechEvent, Trigger, node, outlet, param


@node(
    "speech.in",
    source="speech",
    outlets=[
        outlet("text", help="the phrase that was heard last; for heard of story.script"),
        outlet("hit", help="a phrase was heard"),
    ],
    state="",
    title="Speech In",
    aliases="Voice, Microphone, Speech Recognition, Keyword, Hotword, Voice Cue",
)
def hear(
    state: str,
    events: tuple[SpeechEvent, ...],
    phrases: str = param("", help="what to listen for, a phrase per line, in English words"),
    device: str = param("", help="Name of the sound input, or a part of it; empty is the default"),
    sensitivity: float = param(
        0.8, "", 0.0, 1.0, help="the more, the sooner something is taken for a phrase"
    ),
) -> tuple[str, str, Trigger]:
    """Listen for words that are spoken.

    Spots phrases in what is said, and nothing else: three words and more are told apart well, a
    short one is soon misheard. It runs on this machine, in a process of its own, with PocketSphinx
    and the model of American English that is in its package (pip install 'nodegraph[speech]').
    """
    text = events[-1].text if events else state
    return text, text, bool(events)


NODES = (hear,)
