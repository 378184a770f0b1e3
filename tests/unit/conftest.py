"""What holds for the whole unit tier, which runs one process for each core."""

import gc
import os

# Threads of torch in each of the processes would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Thousands of small tests leave little garbage; looking for it as often as usual takes a tenth of the time.
gc.set_threshold(100_000, 50, 50)
