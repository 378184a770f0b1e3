"""One block of a matrix product held in registers: the code that decides the speed of the fast path.

LLVM's vectorizer does not find this form by itself, so it is written as LLVM IR.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_FLOAT = ir.FloatType()
_INDEX = ir.IntType(64)
_FAST = ("contract",)


@intrinsic
def _stay_apart(_: Any) -> Any:
    """Keeps the compiled function that calls it from being copied into its callers: compiling is quicker."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


# Called without arguments by compiled code, which the type checker cannot know.
stay_apart: Any = _stay_apart


def make_tile(rows: int, vectors: int, lanes: int) -> Any:
    """A function of compiled code for C = S + A B, where C has `rows` x (`vectors` * `lanes`) numbers.

    Its arguments: `c, c_at, c_row` is a flat float32 array, the index where C begins, and how far its
    rows lie apart; `s, s_at, s_row` likewise what the sums start from (`s_row` 0 gives each row the same);
    `a, a_at, a_row, a_col` the left factor with both strides; `b, b_at, b_row` the right factor, whose
    rows lie contiguous; `depth` the length of the sums. Each sum runs from the first to the last term,
    whatever the size of the block.
    """

    # Numba asks for the types of all arguments here; the code below is what becomes of their values.
    @intrinsic
    def tile(
        _: Any, c: Any, c_at: Any, c_row: Any, s: Any, s_at: Any, s_row: Any, a: Any, a_at: Any, a_row: Any,
        a_col: Any, b: Any, b_at: Any, b_row: Any, depth: Any,
    ) -> Any:  # fmt: skip
        index = types.int64
        signature = types.void(
            c, index, index, s, index, index, a, index, index, index, b, index, index, index
        )

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            _, c_at, c_row, _, s_at, s_row, _, a_at, a_row, a_col, _, b_at, b_row, depth = arguments

            def pointer(position: int) -> Any:
                kind: Any = cgutils.create_struct_proxy(signature.args[position])  # type: ignore[no-untyped-call]
                return kind(context, builder, value=arguments[position]).data

            block = _Block(builder, rows, vectors, lanes)
            start = block.load(pointer(3), s_at, s_row)
            left, right = (pointer(6), a_at, a_row, a_col), (pointer(10), b_at, b_row)
            block.store(block.accumulate(start, left, right, depth), pointer(0), c_at, c_row)
            return context.get_dummy_value()

        return signature, generate

    return tile


class _Block:
    """Writes the code of one block: load it, add the products, store it."""

    def __init__(self, builder: Any, rows: int, vectors: int, lanes: int) -> None:
        self._builder = builder
        self._rows, self._vectors, self._lanes = rows, vectors, lanes
        self._vector = ir.VectorType(_FLOAT, lanes)

    def load(self, pointer: Any, at: Any, row: Any) -> list[Any]:
        return [self._builder.load(place, align=4) for place in self._places(pointer, at, row, self._rows)]

    def store(self, values: list[Any], pointer: Any, at: Any, row: Any) -> None:
        for value, place in zip(values, self._places(pointer, at, row, self._rows), strict=True):
            self._builder.store(value, place, align=4)

    def accumulate(
        self, start: list[Any], left: tuple[Any, ...], right: tuple[Any, ...], depth: Any
    ) -> list[Any]:
        """A loop over `depth` that keeps all sums in registers."""
        builder, before = self._builder, self._builder.block
        head, body, done = (builder.append_basic_block(f"tile.{name}") for name in ("head", "body", "done"))
        builder.branch(head)
        builder.position_at_end(head)
        step = builder.phi(_INDEX)
        step.add_incoming(_INDEX(0), before)
        sums = [builder.phi(self._vector) for _ in start]
        for phi, value in zip(sums, start, strict=True):
            phi.add_incoming(value, before)
        builder.cbranch(builder.icmp_signed("<", step, depth), body, done)
        builder.position_at_end(body)
        for phi, value in zip(sums, self._products(sums, left, right, step), strict=True):
            phi.add_incoming(value, body)
        step.add_incoming(builder.add(step, _INDEX(1)), body)
        builder.branch(head)
        builder.position_at_end(done)
        return sums

    def _products(
        self, sums: list[Any], left: tuple[Any, ...], right: tuple[Any, ...], step: Any
    ) -> list[Any]:
        builder = self._builder
        a, a_at, a_row, a_col = left
        b, b_at, b_row = right
        b_first = builder.add(b_at, builder.mul(step, b_row))
        row = [builder.load(place, align=4) for place in self._places(b, b_first, _INDEX(0), 1)]
        a_first = builder.add(a_at, builder.mul(step, a_col))
        added = []
        for i in range(self._rows):
            value = builder.load(
                builder.gep(a, [builder.add(a_first, builder.mul(_INDEX(i), a_row))]), align=4
            )
            factor = self._broadcast(value)
            for j in range(self._vectors):
                product = builder.fmul(factor, row[j], flags=_FAST)
                added.append(builder.fadd(sums[i * self._vectors + j], product, flags=_FAST))
        return added

    def _broadcast(self, value: Any) -> Any:
        none = ir.Constant(self._vector, ir.Undefined)
        single = self._builder.insert_element(none, value, ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), self._lanes), [0] * self._lanes)
        return self._builder.shuffle_vector(single, none, zeros)

    def _places(self, pointer: Any, at: Any, row: Any, rows: int) -> list[Any]:
        builder = self._builder
        places = []
        for i in range(rows):
            first = builder.add(at, builder.mul(_INDEX(i), row))
            for j in range(self._vectors):
                place = builder.gep(pointer, [builder.add(first, _INDEX(j * self._lanes))])
                places.append(builder.bitcast(place, self._vector.as_pointer()))
        return places
