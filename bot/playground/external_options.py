"""External selects: when the app is asked for options, and what it may answer."""

from bot.playground import limits, values
from bot.playground.checks.schema import Facts, Problems, array
from bot.playground.checks.texts import OPTION, OPTION_GROUP
from bot.playground.errors import PersonError
from bot.playground.records import Json


def query_for(element: Json, wanted: Json) -> str:
    """What was typed into the element; PersonError when Slack's client would not ask the app for it."""
    if element["type"] not in ("external_select", "multi_external_select"):
        raise PersonError("not_an_external_select", f"{element['action_id']} is a {element['type']}")
    typed = str(wanted.get("value") or "")
    if len(typed) < element.get("min_query_length", limits.MIN_QUERY_LENGTH.number):
        raise PersonError("query_too_short", f"{typed!r} is shorter than min_query_length; nothing is asked")
    return typed


def answered(ack: Json, facts: Facts, offered: list[Json]) -> Json:
    """The app's options, flat and in their groups; `offered` grows by them, so that they can be chosen."""
    problems = Problems(facts)
    options, groups = ack.get("options"), ack.get("option_groups")
    if options is None and groups is None:
        raise PersonError("invalid_ack", "the app answered without options", status=502)
    if options is not None:
        array(OPTION, at_most=limits.SELECT_OPTIONS.number)(options, "/options", problems)
    if groups is not None:
        array(OPTION_GROUP, at_most=limits.OPTION_GROUPS.number)(groups, "/option_groups", problems)
    if problems.messages:
        raise PersonError("invalid_ack", "; ".join(problems.messages), status=502)
    flat = values.options_of({"options": options or [], "option_groups": groups or []})
    offered += [option for option in flat if option not in offered]
    return {"options": flat, "option_groups": groups}
