"""How the editor looks: colours, fonts, spacing.

`colours` is pure; `fonts` and `theme` call Dear PyGui. Panels are given a `theme.Look`.
"""
