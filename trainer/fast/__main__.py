"""`python -m trainer.fast`: compile the fast path ahead of time, for an image or a new machine.

The machine code goes to `NUMBA_CACHE_DIR` where that is set, else to the user's cache.
"""

import sys

from trainer.fast.ahead import prepare_common
from trainer.fast.compiled import cache_folder
from trainer.fast.eligibility import Unfit


def main() -> int:
    try:
        seconds = prepare_common()
    except Unfit as unfit:
        sys.stderr.write(f"The fast path cannot be used: {unfit}.\n")
        return 1
    sys.stdout.write(f"The fast path is ready in {cache_folder()} ({seconds:.1f} s).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
