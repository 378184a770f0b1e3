from bot.messages import programs
from trainer.contract import JsonObject


def test_a_card_says_whose_program_trains_and_measures() -> None:
    config: JsonObject = {"program": {"name": "climb <!here>"}}
    for said in (programs.runs(config), programs.measured(config)):
        assert "the program climb &lt;!here&gt;" in said
        assert "Signoff's trainer" in said


def test_it_says_nothing_where_signoffs_trainer_trains() -> None:
    configs: list[JsonObject] = [{}, {"program": {}}, {"program": {"climb": {"spread": 1.0}}}]
    for config in configs:
        assert programs.runs(config) == programs.measured(config) == ""
