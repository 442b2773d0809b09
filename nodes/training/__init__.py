"""How the beat tracker learnt: music is made up, rendered, heard, and a small network fitted to it.

A development tool; nothing of it is needed to play. See README.md.
"""
