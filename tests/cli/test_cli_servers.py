"""Several servers by name, and faults on demand, from the command line."""

from __future__ import annotations

from typing import Any

import pytest
import typer

from nodegraph.cli.arguments import read_servers
from nodegraph.cli.lost import servers
from nodegraph.scope.simulator.faults import FAULTS


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (None, {}),
        (["127.0.0.1:8000"], {"": "127.0.0.1:8000"}),
        (["http://x/?a=b"], {"": "http://x/?a=b"}),
        (["h:1", "left=h:2", "right = h:3"], None),
        (["h:1", "left=h:2", "right=h:3"], {"": "h:1", "left": "h:2", "right": "h:3"}),
    ],
)
def test_servers_have_names(texts: list[str] | None, found: dict[str, str] | None) -> None:
    if found is None:
        with pytest.raises(typer.BadParameter, match="two servers have no name"):
            read_servers(texts)
    else:
        assert read_servers(texts) == found


def test_a_name_belongs_to_one_server() -> None:
    with pytest.raises(typer.BadParameter, match="two servers are named 'left': say NAME=URL"):
        read_servers(["left=h:1", "left=h:2"])


def test_a_lost_show_knows_its_servers() -> None:
    left = {"url": "h:2", "pipelines": ["longlive"], "load": None}
    notes = {"url": "h:1", "servers": {"left": left, "gone": {"url": None}}}
    assert servers(notes) == {"": notes, "left": left}
    assert servers({"url": None}) == {}


@pytest.mark.parametrize("fault", ["flood", "stall@soon", "kill@-1"])
def test_a_fault_that_there_is_not_is_told(cli: Any, fault: str) -> None:
    result = cli("simulate", "--fault", fault)
    assert result.exit_code == 2
    assert "--fault" in result.stderr
    assert fault.partition("@")[0] in result.stderr


def test_all_faults_are_in_the_help(cli: Any) -> None:
    shown = cli("simulate", "--help").stdout
    assert all(fault in shown for fault in FAULTS)
