"""Let the tests import the programs beside them, as the programs import each other."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
