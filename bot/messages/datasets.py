"""What a card says of an experiment that learns from a dataset. Pure."""

from bot.messages.short import short
from db.records.code import SHORT
from trainer.contract import JsonObject

NAME = 80


def learns_from(config: JsonObject) -> str:
    """Which dataset, and the beginning of its hash; "" where training acts for itself (mrkdwn)."""
    dataset = config.get("dataset")
    if not isinstance(dataset, dict) or not dataset.get("id"):
        return ""
    sha256 = str(dataset.get("sha256", ""))[:SHORT]
    return f"Learns from the dataset {short(str(dataset['id']), NAME)} ({sha256})"
