"""What stands in the themes: colours and spacing of every kind of item, and of parts by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

import dearpygui.dearpygui as dpg

from nodegraph.editor.look.colours import CLEAR, Colour, Colours, faded, mixed

Fill: TypeAlias = Callable[[], None]
Px: TypeAlias = Callable[[float], int]


def everything(c: Colours, px: Px) -> None:
    """What holds where nothing else is said. Fills the theme component that is open."""
    _colours(
        Text=c.text,
        TextDisabled=c.faint,
        WindowBg=c.panel,
        ChildBg=c.panel,
        PopupBg=mixed(c.panel, c.raised, 0.5),
        Border=c.line,
        BorderShadow=CLEAR,
        FrameBg=c.raised,
        FrameBgHovered=c.hover,
        FrameBgActive=c.pressed,
        TitleBg=c.panel,
        TitleBgActive=c.panel,
        TitleBgCollapsed=c.panel,
        MenuBarBg=c.panel,
        ScrollbarBg=CLEAR,
        ScrollbarGrab=c.hover,
        ScrollbarGrabHovered=c.pressed,
        ScrollbarGrabActive=c.faint,
        CheckMark=c.accent,
        SliderGrab=c.dim,
        SliderGrabActive=c.accent,
        Button=c.raised,
        ButtonHovered=c.hover,
        ButtonActive=c.pressed,
        Header=c.raised,
        HeaderHovered=c.hover,
        HeaderActive=c.pressed,
        Separator=c.line,
        SeparatorHovered=c.faint,
        SeparatorActive=c.accent,
        ResizeGrip=CLEAR,
        ResizeGripHovered=c.hover,
        ResizeGripActive=c.accent,
        Tab=CLEAR,
        TabHovered=c.hover,
        TabActive=c.raised,
        TableHeaderBg=c.raised,
        TableBorderStrong=c.line,
        TableBorderLight=c.line,
        TableRowBg=CLEAR,
        TableRowBgAlt=faded(c.raised, 0.35),
        TextSelectedBg=faded(c.accent, 0.35),
        DragDropTarget=c.accent,
        NavHighlight=faded(c.accent, 0.8),
        NavWindowingHighlight=c.accent,
        PlotLines=c.kind("number"),
        PlotHistogram=c.accent,
        ModalWindowDimBg=(0, 0, 0, 130),
    )
    _styles(
        WindowPadding=(px(12), px(10)),
        FramePadding=(px(8), px(5)),
        ItemSpacing=(px(8), px(6)),
        ItemInnerSpacing=(px(6), px(4)),
        CellPadding=(px(4), px(3)),
        IndentSpacing=(px(14),),
        ScrollbarSize=(px(9),),
        GrabMinSize=(px(8),),
        WindowRounding=(px(8),),
        ChildRounding=(0,),
        FrameRounding=(px(5),),
        PopupRounding=(px(8),),
        ScrollbarRounding=(px(5),),
        GrabRounding=(px(4),),
        TabRounding=(px(5),),
        WindowBorderSize=(0,),
        ChildBorderSize=(0,),
        PopupBorderSize=(1,),
        FrameBorderSize=(0,),
        TabBorderSize=(0,),
        WindowTitleAlign=(0.0, 0.5),
        ButtonTextAlign=(0.5, 0.5),
        SelectableTextAlign=(0.0, 0.5),
    )


def parts(c: Colours, px: Px) -> dict[str, Fill]:
    """What fills each of the themes that `theme.Look` names."""
    lit = mixed(c.accent, c.text, 0.15)
    bare = {"Button": CLEAR, "ButtonHovered": c.hover, "ButtonActive": c.pressed, "Text": c.dim}
    raised = {"Button": c.raised, "ButtonHovered": c.hover, "ButtonActive": c.pressed}
    above = {
        "WindowBg": mixed(c.panel, c.raised, 0.45),
        "ChildBg": CLEAR,
        "Border": mixed(c.line, c.faint, 0.35),
    }
    at_left = {"ButtonTextAlign": (0.0, 0.5)}
    tones = {
        "line": c.text,
        "dim": c.dim,
        "faint": c.faint,
        "accent_text": c.accent,
        "good": c.good,
        "warning": c.warning,
        "problem": c.problem,
    }
    rows: dict[str, tuple[Mapping[str, Colour], Mapping[str, tuple[float, ...]]]] = {
        "accent": (
            {"Button": c.accent, "ButtonHovered": lit, "ButtonActive": lit, "Text": c.on_accent},
            {},
        ),
        "quiet": (bare, {}),
        "chosen": (raised | {"Text": c.text}, {}),
        "listed": (bare | {"Text": c.text}, at_left),
        "heading": (bare, at_left | {"FramePadding": (px(2), px(4))}),
        "field": (raised, at_left | {"FramePadding": (px(8), px(2))}),
        "menu": ({}, {"WindowPadding": (px(12), px(10)), "ItemSpacing": (px(14), px(6))}),
        "paper": (
            {"ChildBg": c.raised},
            {"ChildRounding": (px(5),), "WindowPadding": (px(8), px(5))},
        ),
        "card": (
            {"ChildBg": c.raised},
            {"ChildRounding": (px(8),), "WindowPadding": (px(14), px(12))},
        ),
        "dense": (
            {"ChildBg": CLEAR},
            {
                "ItemSpacing": (0, px(1)),
                "FramePadding": (px(4), px(4)),
                "WindowPadding": (0, 0),
            },
        ),
        "panel": (
            {"ChildBg": c.panel},
            {"WindowPadding": (px(12), px(10)), "ItemSpacing": (px(8), px(6))},
        ),
        "strip": (
            {"ChildBg": c.panel},
            {"WindowPadding": (px(12), px(4)), "ItemSpacing": (px(8), px(4))},
        ),
        "page": ({"ChildBg": CLEAR}, {"WindowPadding": (0, px(4))}),
        "edge": ({}, {"WindowPadding": (0, 0)}),
        "flush": ({}, {"WindowPadding": (0, 0), "ItemSpacing": (0, 0)}),
        "float": (above, {"WindowPadding": (px(16), px(14)), "WindowBorderSize": (1,)}),
        "slip": (above, {"WindowPadding": (px(5), px(5)), "WindowBorderSize": (1,)}),
        "splitter": (
            {"Button": c.canvas, "ButtonHovered": c.faint, "ButtonActive": c.accent},
            {"FrameRounding": (0,), "FramePadding": (0, 0)},
        ),
        "print": ({}, {"ItemSpacing": (px(6), px(2))}),
        "row": ({}, {"ItemSpacing": (px(6), px(4)), "FramePadding": (px(6), px(3))}),
        **{name: ({"Text": tone}, {"FramePadding": (0, px(1))}) for name, tone in tones.items()},
        **{f"{name} level": ({"Text": tone}, {}) for name, tone in tones.items()},
    }
    return {name: partial(_fill, *row) for name, row in rows.items()}


def _fill(colours: Mapping[str, Colour], styles: Mapping[str, tuple[float, ...]]) -> None:
    _colours(**colours)
    _styles(**styles)


def _colours(**colours: Colour) -> None:
    for name, value in colours.items():
        dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{name}"), value)


def _styles(**styles: tuple[float, ...]) -> None:
    for name, values in styles.items():
        dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{name}"), *values)
