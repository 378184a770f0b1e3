"""The import contracts name every module of the trainer that the other rooms may not see."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
PUBLIC = {"trainer.contract", "trainer.catalogue", "trainer.crashpoints", "trainer.dataset_files"}


def test_new_trainer_namesare_closed_to_the_other_rooms() -> None:
    modules = {
        f"trainer.{path.stem}" for path in (ROOT / "trainer").glob("*.py") if path.stem != "__init__"
    } - PUBLIC
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    forbidden = [set(one.get("forbidden_modules", ())) for one in contracts]
    closing = [names for names in forbidden if "torch" in names]
    assert len(closing) == 2, closing
    for closed in closing:
        assert modules <= closed
