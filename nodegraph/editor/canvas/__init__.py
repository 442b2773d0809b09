"""The canvas, on which patches are drawn.

Pure: `plane` (rectangles, curves), `camera`, `lettering`, `turning` (sliders), `shape` (one box)
and `odd` (what is no usual one), `pieces` and `scene` (all that is there), `hitting` (what lies
where), `snapping`, `hands` with `gestures`, `pulling` and `framing` (what the mouse means),
`sights` (from view to view), `tips`, `traces`, `pasts` and `heat` (what is told).
Drawing: `brush` (strokes), `boxes` with `heading` and `details`, `cords`, `frames`, `minimap`,
`overlay`, `live` (what moves), `paper` (all layers, and what of them is seen). `canvas` brings both
together.
"""
