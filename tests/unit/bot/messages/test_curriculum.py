from bot.messages import curriculum
from db.lifecycle import RunStatus
from db.records import Run
from tests.unit.bot import factory
from trainer.contract import CurriculumEnd


def run(seed: int, stage: int | None) -> Run:
    end = None if stage is None else CurriculumEnd(stage=stage, stages=3)
    result = factory.result(seed, final_reward=1.0).model_copy(update={"curriculum": end})
    return factory.run(seed, RunStatus.SUCCEEDED, result=result)


def test_seeds_that_did_not_come_to_the_last_stage_are_named() -> None:
    said = curriculum.unfinished([run(1, 3), run(2, 2), run(3, 1)])
    assert said == "The curriculum was not finished: s2 in stage 2 of 3, s3 in stage 1 of 3"


def test_many_are_counted() -> None:
    said = curriculum.unfinished([run(n, 1) for n in range(1, 10)])
    assert said.endswith("s6 in stage 1 of 3 and 3 more runs")


def test_nothing_is_said_where_all_came_there_or_there_is_no_curriculum() -> None:
    assert curriculum.unfinished([run(1, 3), run(2, None)]) == ""
