"""`python -m nodegraph.editor [SHOW]`: a window on a show that runs."""

from __future__ import annotations

import sys

from nodegraph.editor.opening import open_window


def main() -> int:
    """Find the show of this name or process, by default the only one, and open a window on it."""
    show = sys.argv[1] if len(sys.argv) > 1 else None
    if complaint := open_window(show):
        sys.stderr.write(f"nodegraph: {complaint}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
