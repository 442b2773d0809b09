"""What stands in the themes: colours and spacing of every kind of item, and of parts by name."""

from __future__ import annotations

from collections.abc import Callable
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

    def accent() -> None:
        lit = mixed(c.accent, c.text, 0.15)
        _colours(Button=c.accent, ButtonHovered=lit, ButtonActive=lit, Text=c.on_accent)

    def quiet() -> None:
        _colours(Button=CLEAR, ButtonHovered=c.hover, ButtonActive=c.pressed, Text=c.dim)

    def chosen() -> None:
        _colours(Button=c.raised, ButtonHovered=c.hover, ButtonActive=c.pressed, Text=c.text)

    def listed() -> None:
        quiet()
        _colours(Text=c.text)
        _styles(ButtonTextAlign=(0.0, 0.5))

    def menu() -> None:
        _styles(WindowPadding=(px(12), px(10)), ItemSpacing=(px(14), px(6)))

    def field() -> None:
        _colours(Button=c.raised, ButtonHovered=c.hover, ButtonActive=c.pressed)
        _styles(ButtonTextAlign=(0.0, 0.5), FramePadding=(px(8), px(2)))

    def paper() -> None:
        _colours(ChildBg=c.raised)
        _styles(ChildRounding=(px(5),), WindowPadding=(px(8), px(5)))

    def heading() -> None:
        quiet()
        _styles(ButtonTextAlign=(0.0, 0.5), FramePadding=(px(2), px(4)))

    def dense() -> None:
        _colours(ChildBg=CLEAR)
        _styles(ItemSpacing=(0, px(1)), FramePadding=(px(4), px(4)), WindowPadding=(0, 0))

    def panel() -> None:
        _colours(ChildBg=c.panel)
        _styles(WindowPadding=(px(12), px(10)), ItemSpacing=(px(8), px(6)))

    def page() -> None:
        _colours(ChildBg=CLEAR)
        _styles(WindowPadding=(0, px(4)))

    def edge() -> None:
        _styles(WindowPadding=(0, 0))

    def flush() -> None:
        _styles(WindowPadding=(0, 0), ItemSpacing=(0, 0))

    def floating() -> None:
        _colours(
            WindowBg=mixed(c.panel, c.raised, 0.45),
            ChildBg=CLEAR,
            Border=mixed(c.line, c.faint, 0.35),
        )
        _styles(WindowPadding=(px(16), px(14)), WindowBorderSize=(1,))

    def strip() -> None:
        _colours(ChildBg=c.panel)
        _styles(WindowPadding=(px(12), px(4)), ItemSpacing=(px(8), px(4)))

    def slip() -> None:
        floating()
        _styles(WindowPadding=(px(5), px(5)))

    def card() -> None:
        _colours(ChildBg=c.raised)
        _styles(ChildRounding=(px(8),), WindowPadding=(px(14), px(12)))

    def splitter() -> None:
        _colours(Button=c.canvas, ButtonHovered=c.faint, ButtonActive=c.accent)
        _styles(FrameRounding=(0,), FramePadding=(0, 0))

    def print_() -> None:
        _styles(ItemSpacing=(px(6), px(2)))

    def row() -> None:
        _styles(ItemSpacing=(px(6), px(4)), FramePadding=(px(6), px(3)))

    def close(tone: Colour) -> Fill:
        def fill() -> None:
            _colours(Text=tone)
            _styles(FramePadding=(0, px(1)))

        return fill

    tones = {
        "line": c.text,
        "dim": c.dim,
        "faint": c.faint,
        "accent_text": c.accent,
        "good": c.good,
        "warning": c.warning,
        "problem": c.problem,
    }

    return {
        "accent": accent,
        "quiet": quiet,
        "chosen": chosen,
        "listed": listed,
        "menu": menu,
        "field": field,
        "paper": paper,
        "heading": heading,
        "dense": dense,
        "panel": panel,
        "page": page,
        "edge": edge,
        "flush": flush,
        "float": floating,
        "slip": slip,
        "strip": strip,
        "card": card,
        "splitter": splitter,
        "print": print_,
        "row": row,
        **{name: close(tone) for name, tone in tones.items()},
        **{f"{name} level": partial(_colours, Text=tone) for name, tone in tones.items()},
    }


def _colours(**colours: Colour) -> None:
    for name, value in colours.items():
        dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{name}"), value)


def _styles(**styles: tuple[float, ...]) -> None:
    for name, values in styles.items():
        dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{name}"), *values)
