"""Whether two environments that were measured are the same, and if not, what differs. Pure."""

from collections.abc import Mapping

from pydantic import JsonValue

from db.config.canonical import same
from trainer.contract import JsonObject

# What a config decides, in the order in which it is told.
_SETTINGS: Mapping[str, str] = {
    "env_id": "it is another environment",
    "kwargs": "its arguments differ",
    "wrappers": "its wrappers differ",
    "randomize": "its drawn parameters differ",
    "max_episode_steps": "its episodes are cut at another length",
    "observation_space": "its observations differ",
    "action_space": "its actions differ",
}
_ONLY_WHERE_SET: Mapping[str, JsonValue] = {"randomize": {}}
# What a roll-out and the code show. Where the halves are known, they tell more than the whole.
_MEASURED: Mapping[str, str] = {
    "rewards": "pays other rewards",
    "observations": "behaves differently",
    "behaviour": "behaves differently",
    "source": "has other code, although a short roll-out shows no difference",
}


def difference(ours: JsonObject, theirs: JsonObject) -> str | None:
    """What makes results of two environments not comparable, in words; None where they are comparable.

    A fingerprint is as `trainer.fingerprint.measure` writes it. Versions alone make no difference where
    code and behaviour are the same; they are named where they explain one. Keys that one of the two
    does not have, because it is older, are left out, but for those that stand only where they are set.
    """
    if not ours or not theirs:
        return None
    for key, words in _SETTINGS.items():
        unset = _ONLY_WHERE_SET.get(key)
        mine, their = ours.get(key, unset), theirs.get(key, unset)
        known = key in _ONLY_WHERE_SET or (key in ours and key in theirs)
        if known and not same(mine, their):
            return f"{words} ({_short(mine)} against {_short(their)})"
    for key, words in _MEASURED.items():
        if key in ours and key in theirs and ours[key] != theirs[key]:
            return f"{ours.get('env_id')} {words} ({_versions(ours, theirs)})"
    return None


def _short(value: JsonValue, limit: int = 60) -> str:
    text = str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _versions(ours: JsonObject, theirs: JsonObject) -> str:
    mine, their = _packages(ours), _packages(theirs)
    changed = [
        f"{name} {their[name]} → {mine[name]}"
        for name in sorted(mine.keys() & their.keys())
        if mine[name] != their[name]
    ]
    return ", ".join(changed) or "no version differs"


def _packages(fingerprint: JsonObject) -> dict[str, str]:
    packages = fingerprint.get("packages")
    found = (
        {str(name): str(version) for name, version in packages.items()} if isinstance(packages, dict) else {}
    )
    return {"gymnasium": str(fingerprint.get("gymnasium")), **found}
