"""Values over environment steps, as a run wrote them. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """Values over environment steps, in increasing order of steps."""

    steps: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.steps)
