from bot.messages import datasets


def test_a_card_says_which_dataset_and_the_beginning_of_its_hash() -> None:
    said = datasets.learns_from({"dataset": {"id": "pendulum/random-v0", "sha256": "0123456789abcdef" * 4}})
    assert said == "Learns from the dataset pendulum/random-v0 (0123456789ab)"
    assert "<!here>" not in datasets.learns_from({"dataset": {"id": "<!here>", "sha256": ""}})


def test_it_says_nothing_where_training_acts_for_itself() -> None:
    assert datasets.learns_from({}) == datasets.learns_from({"dataset": None}) == ""
