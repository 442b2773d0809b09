"""Has a program of ours do in a process of its own what may take long, or end it.

The process begins here, too, so that it ends with whoever asked, even if that one is killed.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import sys
from contextlib import suppress

from nodegraph.errors import NodegraphError
from nodegraph.host.engine.machine import die_with


async def run_aside(module: str, *words: str, within: float = 120.0) -> bytes:
    """What `python -m module words…` prints. Raises `NodegraphError` with what went wrong."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", __name__, str(os.getpid()), module, *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(within):
            printed, complaint = await process.communicate()
    except TimeoutError:
        raise NodegraphError(f"{module} has not come to an end in {within:g} s") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        raise NodegraphError(last_line(complaint) or f"{module} ended with {process.returncode}")
    return printed


def last_line(printed: bytes) -> str:
    """What a program printed last; empty if it was nothing."""
    lines = printed.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


if __name__ == "__main__":
    asker, program = sys.argv[1:3]
    die_with(int(asker))
    del sys.argv[1:3]
    runpy.run_module(program, run_name="__main__", alter_sys=True)
