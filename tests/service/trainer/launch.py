"""`python -m trainer RUN_DIR` with the test environments registered first."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.unit.trainer import environments
from trainer.__main__ import main

if __name__ == "__main__":
    environments.register()
    sys.exit(main(sys.argv[1:]))
