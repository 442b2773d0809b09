"""Plans made ready in one thread while another ticks, turns params and swaps."""

from __future__ import annotations

from queue import SimpleQueue
from random import Random
from threading import Thread
from time import perf_counter

from kit import catalogue, engine, patch

from nodegraph import inlet, node, param
from nodegraph.compiler import compile_patch
from nodegraph.runtime.install import Ready

SIZE = 60


@node("t.count", outlets="out", state=0.0)
def count(
    state: float, value: float = inlet(0.0), step: float = param(1.0, "", 0.0, 10.0)
) -> tuple[float, float]:
    """Count ticks, and fail now and then."""
    if value and state % 7 == 6:
        raise ValueError("now and then")
    return state + 1.0, state + step


TYPES = catalogue(count)


def test_a_plan_is_made_ready_beside_whatever_the_ticks_do() -> None:
    rng = Random(4)
    whole = patch({f"n{i}": "t.count" for i in range(SIZE)}, ["n0.out -> n7.value"])
    it = engine(compile_patch(whole, TYPES), strict=False, clock=perf_counter)
    it.budget.policy = "halve"
    it.budget.seconds = 1.0
    made: SimpleQueue[Ready | BaseException | None] = SimpleQueue()

    def prepare() -> None:
        plan = it.plan
        try:
            for number in range(60):
                ids = [f"n{i}" for i in range(SIZE) if i < 8 or (i + number) % 5]
                part = {id: ("t.count", {"step": float(number % 3)}) for id in ids}
                wires = ["n0.out -> n7.value"] if number % 2 else []
                plan = compile_patch(patch(part, wires), TYPES, before=plan)
                made.put(it.prepare(plan))
            made.put(None)
        except BaseException as error:
            made.put(error)

    thread = Thread(target=prepare)
    thread.start()
    ticks = swaps = 0
    while True:
        it.tick({})
        ticks += 1
        it.set_param(f"n{rng.randrange(SIZE)}", "step", rng.uniform(0.0, 10.0))
        if ticks % 50 == 0:
            it.snapshot().pack()
        if made.empty():
            continue
        new = made.get()
        if new is None:
            break
        assert isinstance(new, Ready), new
        it.swap(new)
        swaps += 1
        assert len(it.rest.wake_at) == len(it.plan.all_steps)
    thread.join()
    assert swaps == 60
    place = it.plan.state_slots["n1"]
    assert it.states[place] == ticks  # it was in every plan, and ran in every tick
    assert {problem.node for problem in it.problems} <= {"n7"}
