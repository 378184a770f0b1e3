"""The fields of the contract form: their names, limits and defaults. Pure.

A field's name is its action_id. Its block_id is the name, too, or `name.x` where the block has to
be replaced when `x` changes: Slack keeps what a person typed as long as block_id and action_id stay.
"""

from bot.messages import budget

PARENT = "parent"
CHANGES = "changes"
ADD = "add_parameter"
OBJECTIVE = "objective"
HYPOTHESIS = "hypothesis"
EXPECTED = "expected"
CHANNEL = "channel"
GUARDS = "guards"
COMPARATOR = "comparator"
ALONGSIDE = "alongside"
QUESTION = "question"
NEW_QUESTION = "new_question"
START = "start_weights"
SEEDS = "seeds"
STEPS = "steps"
DEVICE = "device"
RESOURCES = "resources"
TIME_LIMIT = "time_limit"
STOP_RULE = "stop_rule"
APPROVER = "approver"
CONTEXT_LINK = "context_link"
TITLE = "title"
TAGS = "tags"

MORE = "form_more"

REFRESHING = (
    PARENT,
    CHANGES,
    OBJECTIVE,
    EXPECTED,
    CHANNEL,
    GUARDS,
    COMPARATOR,
    ALONGSIDE,
    SEEDS,
    STEPS,
)
"""Fields whose every change redraws the hints."""

CALLBACK = "contract"
REASON_CALLBACK = "reason"
CONCLUDE_CALLBACK = "conclude"
REASON = "reason"
CONCLUSION = "conclusion"
ANSWER = "answer"

YES = "yes"
CPU = "cpu"
GPU = "cuda"

DEFAULT_SEEDS = 5
MOST_SEEDS = 50
DEFAULT_TIME_LIMIT = "24 h"
ENOUGH_SEEDS = 5
"""A comparator with fewer usable seeds than this is trained alongside."""

TEXT = budget.INPUT
ONE_LINE = 300
TITLE_LENGTH = 80
TAG = 30
MOST_TAGS = 10


def name_of(block_id: str) -> str:
    """The field that a block belongs to: `changes.2` -> `changes`."""
    return block_id.partition(".")[0]
