"""The themes that come along: prompts written for video models that never stop moving.

Each prompt says where we are, how the camera travels, what light falls, and what is near enough
to pass by; a variation is the same place when the music grows.
"""

from __future__ import annotations

from nodegraph import Range, Theme

_NOISE = (0.48, 0.68)
"""Where LongLive keeps its picture together and still answers the music."""


def _theme(id: str, curve: str, prompt: str, style: str, *variations: str) -> Theme:
    ranges = (Range("noise_scale", *_NOISE, curve),)
    return Theme(id, id.title(), prompt, tuple(style.split(", ")), variations, ranges)


PRESETS = {
    theme.id: theme
    for theme in (
        _theme(
            "astral",
            "exponential",
            "gliding ever forward through a violet nebula, slow clouds of gas parting on both "
            "sides, glass polyhedra turning in the void, a river of tiny suns leading the way",
            "deep space, cyan rim light, volumetric haze, crisp stars",
            "the nebula flares from within, rings of magenta plasma racing past, sparks of "
            "newborn stars scattering",
            "the sky folds into a spiral tunnel, starlight stretched to threads, galaxies bending "
            "round its mouth",
        ),
        _theme(
            "forge",
            "linear",
            "tracking low along the floor of a vast foundry at night, hammers the size of houses, "
            "glowing ingots sliding by on chains, blueprints of light hovering over the anvils",
            "black iron, molten orange, blue hologram glow, heavy shadows",
            "molten metal bursts its channel, fountains of sparks arcing over the camera, every "
            "gear spinning up",
            "the holograms shatter and multiply, sheets of electric blue tearing through smoke",
            "the furnace doors swing open, white heat pouring down the aisle, steel ringing",
        ),
        _theme(
            "forest",
            "logarithmic",
            "drifting between ancient trees in the last blue of evening, mushrooms lit from "
            "inside, moss pulsing like breath, fine roots carrying points of light underfoot",
            "bioluminescent, cool greens, soft mist, shallow focus",
            "thousands of fireflies lift from the ferns and whirl around the path, trunks "
            "glittering in their light",
            "green curtains of aurora sink through the canopy, leaves turning to silver ribbons",
        ),
        _theme(
            "synthwave",
            "exponential",
            "racing down a straight road of glowing lines towards a banded sun, low chrome hills "
            "on the horizon, wireframe palms flicking past, a first star above",
            "hot pink and teal, retro eighties, scan lines, long reflections",
            "the road's grid heaves in waves, each crest throwing off rings of neon",
            "everything smears into speed, light trails from edge to edge, the sun filling the sky",
        ),
        _theme(
            "sanctuary",
            "logarithmic",
            "floating up the nave of a cathedral grown from crystal, stained glass scattering "
            "colours over the pillars, candles by the hundred, thin mist along the stones",
            "gothic, moonlit, prismatic, reverent, fine detail",
            "the crystal ribs ring with light, colours rising through the vault like a chord",
            "the great rose window blooms open, shafts of white turning slowly through the dust",
        ),
        _theme(
            "ocean",
            "logarithmic",
            "sinking gently along a coral wall into clear deep water, schools of silver fish "
            "turning as one, sunbeams swaying, a jellyfish lantern trailing beside us",
            "turquoise to indigo, caustic light, weightless, glossy",
            "a storm of bubbles sweeps upward, the whole reef flashing its colours at once",
            "a whale made of stars passes overhead, its song visible as rings in the water",
        ),
        _theme(
            "cyber",
            "exponential",
            "flying between towers in a city of rain and data, holographic koi swimming through "
            "the traffic, cables humming with light, windows stacked into the clouds",
            "wet asphalt, acid green and violet, high contrast, anamorphic flare",
            "the whole district pulses in step, billboards dissolving into flocks of pixels",
            "the street drops away into a shaft of servers, lights streaming upward past us",
            "lightning walks along the antennas, every drop of rain frozen and glowing",
        ),
        _theme(
            "aurora",
            "logarithmic",
            "skimming over a frozen lake below northern lights, black pines at the shore, stars "
            "caught in the ice, breath hanging in the air",
            "emerald and rose light, arctic stillness, wide horizon, velvet sky",
            "the lights stoop down and pour across the ice, the lake answering in green fire",
            "columns of colour rise from horizon to zenith and turn like slow dancers",
        ),
        _theme(
            "arcade",
            "exponential",
            "tumbling through a world built of bright blocks, coins spinning in the air, stairs "
            "assembling a moment before we land, a chequered sky",
            "bold primary colours, pixel edges, glossy plastic, playful",
            "a cascade of blocks breaks over the level, bonus stars bursting in every colour",
            "the screen splits into a kaleidoscope of levels, all scrolling at once",
        ),
        _theme(
            "volcano",
            "exponential",
            "circling the rim of a crater at dusk, slow lava breaking its black crust, embers "
            "climbing the wind, ash falling like snow",
            "basalt black, ember red, heat shimmer, monumental scale",
            "the lake of fire heaves and throws up arcs of lava, shock rings racing through smoke",
            "lightning forks inside the ash column, glowing stones raining far away",
        ),
        _theme(
            "quantum",
            "logarithmic",
            "falling into a lattice of luminous atoms, shells of probability brushing past like "
            "silk, interference patterns rippling through the dark",
            "iridescent, translucent layers, soft focus depth, laboratory calm",
            "the lattice rings and splits in two, every particle answering its far twin",
            "waves collapse into points and bloom again, a field of flowering geometry",
        ),
        _theme(
            "tokyo",
            "exponential",
            "weaving through a narrow lane of lanterns and vending machines after rain, steam "
            "from the noodle stalls, a train crossing above, paper umbrellas going by",
            "neon reflections, saturated reds, night photography, lively detail",
            "all signs strike up at once, the lane becoming a tunnel of moving characters",
            "the crossing floods with umbrellas seen from above, turning like a clockwork flower",
        ),
        _theme(
            "circuit",
            "exponential",
            "speeding over the plains of a giant circuit board, copper roads branching below, "
            "chips rising like fortresses, pulses of current overtaking us",
            "solder gold, deep green, macro lens, hard light",
            "current leaps from road to road in blue arcs, whole blocks lighting up in sequence",
            "the board tilts and unfolds into a city of layers, signals pouring down its edges",
        ),
        _theme(
            "amethyst",
            "logarithmic",
            "wandering through the inside of a geode, violet crystals taller than trees, still "
            "pools doubling every facet, dust of mica in the beams",
            "purple and lilac, gemstone clarity, quiet glow, refracted light",
            "the crystals sing and brighten one after another, light running along their edges",
            "the cavern turns inside out, facets wheeling round us like a slow kaleidoscope",
        ),
        _theme(
            "matrix",
            "exponential",
            "moving through an endless corridor woven from falling glyphs, shapes of people and "
            "trees showing for a moment in the streams, darkness between the columns",
            "phosphor green on black, terminal glow, sharp glyphs, deep perspective",
            "the glyphs break their columns and swirl into a great wheel around us",
            "the corridor peels away to a landscape of pure symbols, hills rolling like code",
        ),
    )
}
"""Every theme that comes along, by id."""
