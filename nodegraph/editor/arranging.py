"""What a user does to nodes where they stand: params, switches, places, frames, names."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nodegraph.editor import changes_tuning, tidy
from nodegraph.editor.looking import FRAME
from nodegraph.editor.sending import Sending
from nodegraph.editor.tidy import How
from nodegraph.graph import UNSET, ParamValue, Position, SetParam


class Arranging(Sending):
    """Tunes and places nodes. What takes no ids is about what is selected."""

    def set_param(self, id: str, param: str, value: ParamValue, gesture: str | None = None) -> None:
        """Set a param; edits of one `gesture` are undone as one."""
        edit = changes_tuning.set_param(self.type_of(id), id, param, value)
        self.attempt(lambda: self.do(edit, f"Set {id}.{param}", gesture))

    def unset_param(self, id: str, param: str, gesture: str | None = None) -> None:
        """Set a param back to its default."""
        self.do(SetParam(id, param, UNSET), f"Reset {id}.{param}", gesture)

    def unset_params(self, ids: Collection[str] | None = None) -> None:
        """Set all params of nodes back to their defaults."""
        self.do(changes_tuning.unset_params(self.patch, self._these(ids)), "Reset params")

    def param(self, id: str, param: str) -> ParamValue:
        """What a param is set to, or its default; None where there is no such param."""
        node, type_ = self.patch.nodes.get(id), self.type_of(id)
        if node is not None and param in node.params:
            return node.params[param]
        return type_.params[param].default if type_ and param in type_.params else None

    def bypass(self, ids: Collection[str] | None = None) -> None:
        """Bypass nodes, or, if all of them are already, let them play."""
        self.do(changes_tuning.toggle_mode(self.patch, self._these(ids), "bypass"), "Bypass")

    def mute(self, ids: Collection[str] | None = None) -> None:
        """Mute nodes, or, if all of them are already, let them play."""
        self.do(changes_tuning.toggle_mode(self.patch, self._these(ids), "mute"), "Mute")

    def solo(self, ids: Collection[str] | None = None) -> None:
        """Let nodes play alone, or, if all of them do already, no longer."""
        self.do(changes_tuning.toggle_solo(self.patch, self._these(ids)), "Solo")

    def clear_solo(self) -> None:
        """Let all nodes play."""
        self.do(changes_tuning.clear_solo(self.patch), "End solo")

    def move(self, places: Mapping[str, Position], gesture: str | None = None) -> None:
        """Place nodes, by the left and top of their boxes."""
        self.do(changes_tuning.move(self.patch, places), "Move", gesture)

    def nudge(self, x: float, y: float) -> None:
        """Move what is selected by so many pixels."""
        layout = self.patch.layout
        places = {id: layout[id] for id in self.selected_nodes if id in layout}
        self.move({id: (at[0] + x, at[1] + y) for id, at in places.items()})

    def align(self, how: How) -> None:
        """Align what is selected, or spread it `across` or `down` (see `tidy.align`)."""
        places = self._places(self.selected_nodes)
        aligned = tidy.align(places, {id: self.size_of(id) for id in places}, how)
        self.do(changes_tuning.move(self.patch, aligned), f"Align {how}")

    def tidy(self) -> None:
        """Lay out what is selected, or all, in layers from left to right."""
        places = self._places(self.selected_nodes or self.patch.nodes)
        sizes = {id: self.size_of(id) for id in places}
        tidied = tidy.tidy(places, sizes, self.patch.wires)
        self.do(changes_tuning.move(self.patch, tidied), "Tidy")

    def rename(self, id: str, name: str) -> bool:
        """Give a node another id; "Bass Lag" becomes `bass_lag`."""

        def act() -> None:
            edit, new = changes_tuning.rename(self.patch, id, name)
            edit.apply(self.patch)
            self.do(edit, f"Rename {id} to {new}")
            if id in self.selection:
                self.select((self.selection - {id}) | {new})

        return self.attempt(act)

    def frame(self, title: str = "Frame", color: str = "") -> None:
        """Draw a frame around what is selected."""
        edit, id = changes_tuning.frame(self.patch, self.selected_nodes, title, color)
        self.do(edit, "Frame")
        self.select([FRAME + id])

    def change_frame(
        self,
        id: str,
        title: str | None = None,
        color: str | None = None,
        nodes: Collection[str] | None = None,
        gesture: str | None = None,
    ) -> bool:
        """Change title, color or contents of a frame; None leaves it."""

        def act() -> None:
            edit = changes_tuning.change_frame(self.patch, id, title, color, nodes)
            self.do(edit, f"Change the frame {id}", gesture)

        return self.attempt(act)

    def _these(self, ids: Collection[str] | None) -> Collection[str]:
        return self.selected_nodes if ids is None else ids

    def _places(self, ids: Collection[str]) -> dict[str, Position]:
        return {id: self.patch.layout.get(id, (0.0, 0.0)) for id in sorted(ids)}
