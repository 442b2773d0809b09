"""What the beat does to one session: the keys of it in messages, and the params of each chunk."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from nodegraph.scope.simulator.beats import GRIDS
from nodegraph.scope.simulator.modulation import Modulation, modulated, read_modulations
from nodegraph.scope.simulator.tempo import Tempo


class Rhythm:
    """Only while the server follows a `tempo` does any of it act.

    Pipelines are told of the beat; if some nodes of the graph are `synced`, only those are.
    """

    def __init__(self, tempo: Tempo, synced: Collection[str] = ()) -> None:
        self._tempo = tempo
        self._synced = synced
        self._modulations: Mapping[str, Modulation] = {}
        self._emptied = "none"
        self._turns: dict[str, int] = {}
        self._random = random.Random(1)

    def take(self, message: Mapping[str, object]) -> None:
        """Read what a message says of the beat. `modulations` must be an object if it is there."""
        self._tempo.follow(message)
        told = message.get("modulations")
        if isinstance(told, Mapping):
            self._modulations = read_modulations(told)
        if (rate := message.get("beat_cache_reset_rate")) in (*GRIDS, "none"):
            self._emptied = str(rate)
            self._turns.clear()

    def chunk(self, node: str, params: Mapping[str, object]) -> tuple[dict[str, object], bool]:
        """The params with which a node makes its next chunk, and whether that begins afresh."""
        beat = self._tempo.beat()
        if beat is None:
            return dict(params), False
        moved = modulated(params, self._modulations, beat)
        if not self._synced or node in self._synced:
            moved |= beat.told()
        emptied = self._emptied  # a message may change it meanwhile: this runs in a thread
        if emptied == "none":
            return moved, False
        turn = int(beat.turns(emptied))
        if self._turns.setdefault(node, turn) == turn:
            return moved, False
        self._turns[node] = turn
        return moved | {"base_seed": self._random.randrange(2**31)}, True
