"""users.info, list, profile.get; usergroups.list, usergroups.users.list."""

from bot.playground import limits
from bot.playground.errors import SlackError
from bot.playground.records import Json, Person, UserGroup
from bot.playground.web_api.method import Call, Method, Methods, page


def _profile(person: Person) -> Json:
    return {
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "title": person.title,
        "first_name": person.real_name,
        "last_name": "",
        "status_text": "",
        "status_emoji": "",
        "email": f"{person.name}@playground.invalid",
    }


def _user(call: Call, person: Person) -> Json:
    body: Json = {
        "id": person.id,
        "team_id": call.workspace.team.id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": _profile(person),
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if person.is_bot:
        body["profile"] |= {"api_app_id": call.app.id, "bot_id": call.app.bot_id}
    return body


def _info(call: Call) -> Json:
    return {"user": _user(call, call.workspace.person(call.arguments.text("user")))}


def _list(call: Call) -> Json:
    people = [_user(call, person) for person in call.workspace.people.values()]
    found, following = page(people, call.arguments, default=1000, at_most=1000)
    return {"members": found, "cache_ts": int(call.workspace.clock()), "response_metadata": following}


def _get_profile(call: Call) -> Json:
    return {"profile": _profile(call.workspace.person(call.arguments.text("user") or call.app.bot_user))}


def _group(call: Call, group: UserGroup) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": call.workspace.team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": 0,
        "date_update": 0,
        "date_delete": 1 if group.disabled else 0,
        "auto_type": None,
        "created_by": "UZOE",
        "updated_by": "UZOE",
        "prefs": {"channels": [], "groups": []},
        "channel_count": 0,
    }
    if call.arguments.flag("include_users"):
        body["users"] = group.members
    if call.arguments.flag("include_count") or call.arguments.flag("include_users"):
        body["user_count"] = len(group.members)
    return body


def _groups(call: Call) -> Json:
    shown = [
        _group(call, group)
        for group in call.workspace.groups.values()
        if not group.disabled or call.arguments.flag("include_disabled")
    ]
    return {"usergroups": shown}


def _group_members(call: Call) -> Json:
    group = call.workspace.groups.get(call.arguments.text("usergroup"))
    if group is None or (group.disabled and not call.arguments.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": group.members}


METHODS: Methods = {
    "users.info": Method(_info, limits.TIER_4, ("user", "include_locale"), ("user",), "users:read"),
    "users.list": Method(
        _list, limits.TIER_2, ("limit", "cursor", "include_locale", "team_id"), (), "users:read"
    ),
    "users.profile.get": Method(_get_profile, limits.TIER_4, ("user", "include_labels"), (), "users:read"),
    "usergroups.list": Method(
        _groups,
        limits.TIER_2,
        ("include_users", "include_count", "include_disabled", "team_id"),
        (),
        "usergroups:read",
    ),
    "usergroups.users.list": Method(
        _group_members,
        limits.TIER_2,
        ("usergroup", "include_disabled", "team_id"),
        ("usergroup",),
        "usergroups:read",
    ),
}
