"""Quick: both sides of each benchmark of the engine do the same work, and the table adds up."""

from __future__ import annotations

from collections.abc import Iterator

import bench_edit
import bench_features
import bench_steady
import bench_throughput
import numpy as np
import pytest
import reactive
import reactive_walker
import scalar_walker
import scalars
from measuring import Live, Race, Row, table

from nodegraph.compiler import compile_patch
from nodegraph.host.offline import render


@pytest.mark.parametrize("graph", [scalars.chain(100), scalars.mixed(300)], ids=["chain", "mixed"])
def test_the_walker_makes_the_same_numbers_as_the_engine(graph: scalars.Graph) -> None:
    live = bench_throughput.ours(graph)
    walker = scalar_walker.Walker(graph, live.engine.dt)
    walker.run(50)
    bench_throughput.ticking(live)(50)
    own = {port: live.engine.value(port) for port in walker.values}
    bench_throughput.agree(own, walker.values, 1e-9)
    assert len({round(float(str(value)), 9) for value in own.values()}) > 40
    assert live.ring.ticks == 50
    plan = live.engine.plan
    assert len(plan.steps) == len(graph)  # nothing is folded, shared or left out


def test_half_of_a_mixed_graph_has_a_state() -> None:
    graph = scalars.mixed(1000)
    stateful = sum(box.kind in scalars.STATEFUL for box in graph)
    assert 450 < stateful < 550


def test_the_walkers_hear_what_the_patch_hears() -> None:
    live = Live(compile_patch(reactive.patch(), scalars.catalogue().types))
    assert len(live.engine.plan.steps) == 30
    walkers = [reactive_walker.Walker(shared) for shared in (False, True)]
    messages = 0
    for brought in reactive.blocks(reactive.sound(60)):
        messages += len(live.tick(brought))
        for walker in walkers:
            walker.tick(brought["source"])
        own = {name: live.engine.value(port) for name, port in reactive.COMPARED.items()}
        for walker in walkers:
            bench_throughput.agree(own, walker.values, 2e-4)
    assert messages == 60
    for walker in walkers:
        output = walker.order[-1]
        assert isinstance(output, reactive_walker.Output)
        assert output.messages == 60


def test_a_feature_of_its_own_fft_and_of_a_shared_one() -> None:
    types = scalars.catalogue().types
    shared, own = (compile_patch(bench_throughput.with_more(it), types) for it in (False, True))
    assert len(shared.steps) == 33
    assert len(own.steps) == 36
    assert shared.problems == own.problems == ()


def test_all_features_are_those_of_one_spectrum_and_one_product() -> None:
    live, run = bench_features.ours(bench_features.ALL, reactive.sound(8))
    run(8)
    plan = live.engine.plan
    assert len(plan.steps) == 2 + len(bench_features.ALL)
    assert len(plan.products) == 1
    assert live.engine.problems == ()


def test_after_the_edits_the_engine_runs_the_nodes_of_the_document() -> None:
    found = bench_edit.measure(60, 6)
    assert len(found.edits) == 6
    assert len(found.whole) == 2
    assert min(found.edits) > 0.0


def test_a_few_steady_ticks_leave_no_garbage() -> None:
    found = bench_steady.measure(600)
    assert found.collections == 0


def test_the_patch_is_rendered_without_problems() -> None:
    sound = reactive.sound(20)[:, None]
    trace = render(reactive.patch(), sound, rate=44_100, catalogue=scalars.catalogue())
    assert trace.problems == ()
    assert np.ptp(np.asarray(trace["flux.out"])) > 0.0


def rows() -> Iterator[Row]:
    yield Row("speed", "walker", "2 s", "1 s", 2.0, 5.0)
    yield Row("late", "floor", "1 %", "1 %", 1.0, 1.2, at_most=True)
    yield Row("peer", "peer", "", "1 s", None, 5.0, note="there is no npm")


def test_the_table_says_what_was_reached() -> None:
    made = [*rows()]
    assert [row.reached() for row in made] == [False, True, False]
    assert made[0].reached(slack=2.5)
    lines = table(made).splitlines()
    assert lines[2] == "| speed | walker | 2 s | 1 s | 2 x | ≥ 5 x | no |"
    assert lines[4] == "| peer | peer |  | 1 s | not measured: there is no npm | ≥ 5 x | - |"
    assert {line.count("|") for line in lines} == {8}


def test_a_race_compares_round_by_round() -> None:
    race = Race({"walker": [2.0, 4.0, 30.0], "ours": [1.0, 2.0, 3.0]})
    assert race.median("walker") == 4.0
    assert race.ratio("walker", "ours") == 2.0
