"""The kinds of arrays that compiled functions take."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
# Of any type: compiled once for each that occurs.
Numbers: TypeAlias = NDArray[Any]
