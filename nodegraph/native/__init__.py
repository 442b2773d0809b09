"""Native code for what runs most often, where it was built.

Everything in it is also there in Python and does the same, to the last bit. `code` is None where
there was no compiler when this was installed, and where `NODEGRAPH_PURE` is set.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING or not os.environ.get("NODEGRAPH_PURE"):
    try:
        from nodegraph.native import code
    except ImportError:
        code = None  # type: ignore[assignment]  # as the docstring says
else:
    code = None

__all__ = ["code"]
