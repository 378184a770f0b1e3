"""Products of matrices in flat float32 arrays, their rows padded to whole vectors."""

from collections.abc import Callable
from typing import Any

from trainer.fast.arrays import Floats
from trainer.fast.compiled import part
from trainer.fast.tiles import make_tile, stay_apart

# Widths of matrices are multiples of this: the narrowest block is eight numbers wide.
PADDING = 8


def padded(width: int) -> int:
    """The next multiple of `PADDING`."""
    return -(-width // PADDING) * PADDING


def _make_column(rows: int, vectors: int, lanes: int) -> Callable[..., None]:
    """The product for columns of `vectors` * `lanes` numbers, in blocks of `rows`, then one by one."""
    block, single = make_tile(rows, vectors, lanes), make_tile(1, vectors, lanes)

    def column(
        c: Floats, c_at: int, c_row: int, s: Floats, s_at: int, s_row: int, a: Floats, a_at: int, a_row: int,
        a_col: int, b: Floats, b_at: int, b_row: int, height: int, depth: int,
    ) -> None:  # fmt: skip
        i = 0
        while i + rows <= height:
            block(
                c, c_at + i * c_row, c_row, s, s_at + i * s_row, s_row, a, a_at + i * a_row, a_row, a_col,
                b, b_at, b_row, depth,
            )  # fmt: skip
            i += rows
        while i < height:
            single(
                c, c_at + i * c_row, c_row, s, s_at + i * s_row, s_row, a, a_at + i * a_row, a_row, a_col,
                b, b_at, b_row, depth,
            )  # fmt: skip
            i += 1

    # Machine code that two processes cached meets in a third by these names, so each means one code only.
    column.__name__ = column.__qualname__ = f"column_of_{vectors * lanes}_by_{rows}"
    return part(column)


# As many sums at a time as hide the latency of a product, and fit the registers of AVX-512.
_column_of_64: Any = _make_column(4, 4, 16)
_column_of_32: Any = _make_column(8, 2, 16)
_column_of_16: Any = _make_column(8, 1, 16)
_column_of_8: Any = _make_column(8, 1, 8)


@part
def product(
    c: Floats, c_at: int, c_row: int, s: Floats, s_at: int, s_row: int, a: Floats, a_at: int, a_row: int,
    a_col: int, b: Floats, b_at: int, b_row: int, height: int, depth: int, width: int,
) -> None:  # fmt: skip
    """C = S + A B, with C of `height` x `width` numbers and sums of `depth` terms.

    Each matrix is a flat array, the index of its first number, and how far its rows lie apart; A may
    have any stride between columns too, the others' rows lie contiguous. `s_row` 0 gives each row of C
    the same start. `width` is a multiple of `PADDING`.
    """
    stay_apart()
    j = 0
    while j + 64 <= width:
        _column_of_64(
            c, c_at + j, c_row, s, s_at + j, s_row, a, a_at, a_row, a_col, b, b_at + j, b_row, height, depth
        )
        j += 64
    if j + 32 <= width:
        _column_of_32(
            c, c_at + j, c_row, s, s_at + j, s_row, a, a_at, a_row, a_col, b, b_at + j, b_row, height, depth
        )
        j += 32
    if j + 16 <= width:
        _column_of_16(
            c, c_at + j, c_row, s, s_at + j, s_row, a, a_at, a_row, a_col, b, b_at + j, b_row, height, depth
        )
        j += 16
    if j + 8 <= width:
        _column_of_8(
            c, c_at + j, c_row, s, s_at + j, s_row, a, a_at, a_row, a_col, b, b_at + j, b_row, height, depth
        )
