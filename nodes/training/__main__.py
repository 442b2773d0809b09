"""`python -m nodes.training`: make the music, fit the network, and put its weights beside nodes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from nodes.training.fit import Fitted, Stage, begin, fit, load
from nodes.training.generate import generate

_WEIGHTS = Path(__file__).parents[1] / "beat_net.npz"

STAGES = (
    Stage(448, 2048, 17, 3e-3),
    Stage(776, 1024, 40, 3e-3),
    Stage(972, 1024, 24, 3e-3),
    Stage(1300, 1024, 10, 2e-3, spoilt=True),
)
"""Each goes on from the one before, with more music, the last with worse sound, too."""

_LAST_SHARE = 1 / 3
"""How far the last stage is followed: learning from bad sound costs a little in good sound."""

SEED = 2025


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what is missing of all this in a folder; it may be interrupted and called again."""
    parser = argparse.ArgumentParser("python -m nodes.training", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where clips and stages are kept: a gigabyte")
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="the weights, for the node")
    chosen = parser.parse_args(arguments)
    clips, fits = chosen.folder / "clips", list[Fitted]()
    for number, stage in enumerate(STAGES):
        done = chosen.folder / f"stage{number}.npz"
        if not done.exists():
            generate(clips, stage.clips, SEED)
            heard = load(clips, stage.clips)
            start = fits[-1] if fits else begin(heard, SEED)
            fit(heard, start, stage, SEED + number, done.with_suffix(".part.npz"))
            done.with_suffix(".part.npz").replace(done)
        fits.append(Fitted.restore(done))
    fits[-2].towards(fits[-1], _LAST_SHARE).export(chosen.out)


if __name__ == "__main__":
    main()
