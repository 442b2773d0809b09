"""The smallest program that the rig can hold: a button, a field, and ears for the mouse."""

from __future__ import annotations

import sys
import time

import dearpygui.dearpygui as dpg
from editor.hook import Hook


def main(socket_path: str) -> None:
    heard: list[tuple[str, object]] = []

    def pressed() -> None:
        heard.append(("button", dpg.get_mouse_pos(local=False)))

    def control() -> bool:
        return dpg.is_key_down(dpg.mvKey_LControl)

    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    with dpg.window(tag="main"):
        dpg.add_button(label="Press me", tag="button", width=120, height=40, callback=pressed)
        dpg.add_input_text(tag="field", width=300)
    with dpg.handler_registry():
        dpg.add_mouse_wheel_handler(callback=lambda _, turned: heard.append(("wheel", turned)))
        dpg.add_mouse_drag_handler(1, callback=lambda _, drag: heard.append(("drag", drag)))
        dpg.add_key_press_handler(dpg.mvKey_Z, callback=lambda: heard.append(("z", control())))
        dpg.add_mouse_double_click_handler(callback=lambda _, at: heard.append(("double", at)))
    dpg.set_item_callback(
        "button", lambda: heard.append(("button", dpg.get_mouse_pos(local=False)))
    )
    dpg.create_viewport(title="tiny", width=500, height=300, x_pos=37, y_pos=21)
    hook = Hook(socket_path, {"heard": heard})
    dpg.setup_dearpygui()
    dpg.show_viewport()
    dpg.set_primary_window("main", True)
    while dpg.is_dearpygui_running():
        dpg.run_callbacks(dpg.get_callback_queue())
        hook.pump()
        dpg.render_dearpygui_frame()
        time.sleep(0.005)
    dpg.destroy_context()


if __name__ == "__main__":
    main(sys.argv[1])
