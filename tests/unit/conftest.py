"""What holds for the whole unit tier."""

import os

# The tier runs one process for each core; threads of torch in each of them would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
