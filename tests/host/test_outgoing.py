"""What nodes say finds its server, and what servers cannot use is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodegraph.errors import Problem
from nodegraph.host.engine.protocol import Sent
from nodegraph.host.outgoing import Outgoing
from nodegraph.host.transcript import Transcript
from nodegraph.runtime.trace import Trace
from nodegraph.scope.link import ScopeLink
from nodegraph.scope.situation import Situation
from nodegraph.scope.workflow import recorded
from nodegraph.values import Prompt


class Heard(ScopeLink):
    """A link that was never opened: what it was told is what it wishes for."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:9")
        self.told: dict[str, object] = {}

    def set(self, params: dict[str, object]) -> list[Problem]:  # type: ignore[override]  # all it is called with
        self.told |= params
        return super().set(params)


def say(outgoing: Outgoing, **body: object) -> None:
    outgoing.deliver(Sent("scope", [{name.replace("__", ":"): it for name, it in body.items()}]))


def test_each_server_is_told_its_own() -> None:
    here, left = Heard(), Heard()
    outgoing = Outgoing(here)
    outgoing.steer(left, "left")
    say(outgoing, noise_scale=0.5, left__noise_scale=0.25, left__base_seed=3)
    assert here.told == {"noise_scale": 0.5}
    assert left.told == {"noise_scale": 0.25, "base_seed": 3}
    assert outgoing.problems == ()
    assert outgoing.link is here
    assert outgoing.to_data() == {
        "noise_scale": 0.5,
        "left:noise_scale": 0.25,
        "left:base_seed": 3,
    }


def test_a_server_that_comes_later_is_told_what_was_said_before_but_no_events() -> None:
    outgoing = Outgoing(Heard())
    say(outgoing, left__base_seed=3, left__reset_cache=True, base_seed=4)
    assert "no server named 'left' is steered; there is: none with a name" in str(
        outgoing.problems[0]
    )
    left = Heard()
    outgoing.steer(left, "left")
    assert left.told == {"base_seed": 3}
    assert outgoing.problems == ()
    outgoing.steer(None, "left")
    assert list(outgoing.links) == [""]
    again = Outgoing(None)
    again.restore(outgoing.to_data())
    assert again.sent == outgoing.sent
    assert again.problems == ()  # it plays without any server


def test_only_the_last_refusal_of_a_parameter_is_told_until_it_is_well_again() -> None:
    outgoing = Outgoing(Heard())
    outgoing.steer(Heard(), "left")
    for n in range(100):
        say(outgoing, manage_cache=n + 0.5, left__manage_cache=n + 0.5)
    told = [str(problem) for problem in outgoing.problems]
    assert [text.partition(";")[0] for text in told] == [
        "manage_cache: not sent to Scope: it is 99.5, not true or false",
        "left:manage_cache: not sent to Scope: it is 99.5, not true or false",
    ]
    say(outgoing, manage_cache=True, left__manage_cache=False)
    assert outgoing.problems == ()


def test_what_a_server_refuses_is_told_with_its_name() -> None:
    here, left = Heard(), Heard()
    outgoing = Outgoing(here)
    outgoing.steer(left, "left")
    say(outgoing, left__noise_scale=float("nan"))
    assert "not sent to Scope: it is nan" in str(outgoing.problems[0])


def test_a_film_is_looked_for_beside_the_patches(tmp_path: Path) -> None:
    (tmp_path / "rain.mp4").write_bytes(b"")
    here = Heard()
    outgoing = Outgoing(here, lambda: (tmp_path,))
    say(outgoing, video="file:rain.mp4")
    assert here.told == {"video": f"file:{tmp_path / 'rain.mp4'}"}
    assert outgoing.sent == {"video": "file:rain.mp4"}  # which another machine finds, too


@pytest.mark.parametrize("video", ["nonsense", "file:gone.mp4", "", 3])
def test_any_other_wish_for_video_passes_as_it_is(video: object) -> None:
    here = Heard()
    outgoing = Outgoing(here)
    say(outgoing, video=video)
    assert here.told == {"video": video}


def test_a_problem_lies_on_the_node_that_sends_the_parameter() -> None:
    here = Heard()
    here.sender.situation = Situation("longlive")
    outgoing = Outgoing(here)
    outgoing.deliver(Sent("scope", [{"noise_scale": 0.5}], {"noise_scale": ("main", "wobble")}))
    outgoing.deliver(Sent("scope", [{"noise_scale": 0.6, "base_seed": 1.5}]))
    [problem] = outgoing.problems
    assert (problem.node, problem.field) == ("wobble", "noise_scale")
    assert "noise_scale does nothing in text mode on longlive" in problem.text
    assert outgoing.problems_of("main") == (problem,)
    assert outgoing.problems_of("next") == ()
    outgoing.deliver(Sent("scope", [{"base_seed": "x"}], {"base_seed": ("next", "dice")}))
    assert [each.node for each in outgoing.problems_of("next")] == ["dice"]


def test_a_transcript_is_a_trace_of_what_was_news(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    outgoing = Outgoing(None)
    outgoing.transcript = Transcript()
    sea, storm = (Prompt("a sea", 1.0),), (Prompt("a storm", 1.0),)
    say(outgoing, prompts=sea, noise_scale=0.5, left__noise_scale=0.1)
    now = 100.1
    say(outgoing, noise_scale=0.6)
    now = 101.0
    say(outgoing, prompts=sea, noise_scale=0.6)
    say(outgoing, reset_cache=True)
    now = 104.1
    say(outgoing, prompts=storm, reset_cache=True)
    now = 108.9
    kept = outgoing.transcript.trace("night").to_bytes()
    trace = Trace.from_bytes(kept, "night.trace")
    assert [(tick, message.body) for tick, message in trace.messages] == [
        (0, {"prompts": sea, "noise_scale": 0.6, "left:noise_scale": 0.1}),
        (4, {"reset_cache": True}),
        (16, {"prompts": storm, "reset_cache": True}),
    ]
    assert trace.duration == 9.0
    first, last = recorded(trace, "longlive").workflow.entries
    assert (first.start, first.prompts) == (0.0, (("a sea", 1.0),))
    assert 4.0 <= last.start <= 4.75
    assert (last.end, last.prompts) == (9.0, (("a storm", 1.0),))


def test_a_picture_that_is_held_is_told_at_the_end_what_was_said_meanwhile() -> None:
    here = Heard()
    outgoing = Outgoing(here)
    say(outgoing, noise_scale=0.5, base_seed=3)
    outgoing.hold()
    say(outgoing, noise_scale=0.25, reset_cache=True)
    assert here.told == {"noise_scale": 0.5, "base_seed": 3}
    assert outgoing.sent == {"noise_scale": 0.25, "base_seed": 3}
    outgoing.hold({"noise_scale": 0.0, "reset_cache": True})
    assert (outgoing.held, here.told["noise_scale"]) == ("calm", 0.0)
    outgoing.calm = {"noise_scale": 1.0}
    outgoing.rest()  # the engine has been away for long
    assert here.told["noise_scale"] == 0.0
    say(outgoing, noise_scale=0.75)
    outgoing.resume()
    assert (outgoing.held, here.told) == ("", {"noise_scale": 0.75, "base_seed": 3})
    say(outgoing, noise_scale=0.1)
    assert here.told["noise_scale"] == 0.1


def test_a_server_that_comes_to_a_held_picture_is_told_what_nodes_say() -> None:
    outgoing = Outgoing(None)
    outgoing.hold()
    say(outgoing, noise_scale=0.25)
    here = Heard()
    outgoing.steer(here)
    assert here.told == {"noise_scale": 0.25}
