"""Every bad day there is, with its words and parameters, for the control API, its page and its document."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from bot.playground.errors import PersonError
from bot.playground.faults import ACKS, EVENTS, Fault, FaultKind
from bot.playground.records import Json


@dataclass(frozen=True)
class Parameter:
    """One field of a fault. `default` None: nothing is said, as the words tell."""

    name: str
    type: type
    default: str | float | None
    words: str


@dataclass(frozen=True)
class Kind:
    """`hits` says what it waits for: `call`, `event`, `ack`, or `now` when it happens at once."""

    name: str
    hits: str
    words: str
    parameters: tuple[Parameter, ...] = ()


_METHOD = Parameter("method", str, "*", "a Web API method; `upload`, `response_url`; `*` for any of them")
_TIMES = Parameter("times", int, 1, "how many it hits")
_CHANNEL = Parameter("channel", str, None, "only calls about this channel")
_DELAY_S = Parameter("delay_s", float, 30.0, "seconds")
_CALLS = (_METHOD, _TIMES, _CHANNEL)
_COUNT = Parameter("count", int, None, "how many sockets; without it all")
_SHARING = Parameter("method", str, "files.completeUploadExternal", "the method that shares files")
_TOKEN = Parameter("token", str, "bot", "`bot` or `app`")

KINDS: tuple[Kind, ...] = (
    Kind(
        "ratelimited",
        "call",
        "429 with Retry-After; nothing is done",
        (*_CALLS, Parameter("retry_after_s", int, 1, "what Retry-After says, in seconds")),
    ),
    Kind("server_error", "call", "HTTP 500; nothing is done", _CALLS),
    Kind(
        "error",
        "call",
        "ok: false with an error of your choice; nothing is done",
        (*_CALLS, Parameter("code", str, "fatal_error", "Slack's error code")),
    ),
    Kind("slow", "call", "the answer comes later", (*_CALLS, _DELAY_S)),
    Kind(
        "timeout_before",
        "call",
        "no answer, then the connection breaks; nothing is done",
        (*_CALLS, _DELAY_S),
    ),
    Kind("timeout_after", "call", "the same, but the call was done", (*_CALLS, _DELAY_S)),
    Kind("drop_before", "call", "the connection breaks at once; nothing is done", _CALLS),
    Kind("drop_after", "call", "the same, but the call was done", _CALLS),
    Kind(
        "never_shared",
        "call",
        "the upload is completed well, and the files never appear in the channel",
        (_SHARING, _TIMES, _CHANNEL),
    ),
    Kind("duplicate", "event", "events come twice, the second time under another event id", (_TIMES,)),
    Kind(
        "slow_ack",
        "ack",
        "the app's ack is held back: after 3 s the person reads that the app did not respond",
        (
            _TIMES,
            Parameter("delay_s", float, 4.0, "seconds that are added to the app's own"),
            Parameter(
                "envelope", str, None, "only `slash_commands`, `interactive` or `events_api`; without it any"
            ),
        ),
    ),
    Kind(
        "token_revoked",
        "call",
        "every call is answered with token_revoked, until `token_restored`",
        (_TOKEN, Parameter("times", int, None, "only so many calls; then it works again by itself")),
    ),
    Kind("token_restored", "now", "a revoked token works again", (_TOKEN,)),
    Kind(
        "bot_removed",
        "now",
        "somebody removes the app from a channel; `members` invites it again",
        (Parameter("channel", str, "C0EXPERIMENTS", "the channel's id"),),
    ),
    Kind("drop_sockets", "now", "sockets are cut without a word", (_COUNT,)),
    Kind("warning", "now", "a `disconnect` message on every socket that says it will end soon"),
    Kind(
        "refresh_requested",
        "now",
        "a `disconnect` message on every socket; the socket ends within 10 s",
    ),
    Kind("link_disabled", "now", "the same, as when somebody switches Socket Mode off"),
    Kind("clear", "now", "no faults are left, and every token works"),
)
BY_NAME: Mapping[str, Kind] = {kind.name: kind for kind in KINDS}
_WAITS_FOR = {"event": EVENTS, "ack": ACKS}


def read(asked: Json) -> tuple[Kind, Json]:
    """The kind that was asked for, and its parameters with their defaults.

    Raises PersonError for an unknown kind, an unknown parameter, and a value of another type.
    """
    kind = BY_NAME.get(str(asked.get("kind")))
    if kind is None:
        raise PersonError(
            "unknown_fault", f"{asked.get('kind')!r} is no fault; there are {', '.join(BY_NAME)}"
        )
    takes = {parameter.name: parameter for parameter in kind.parameters}
    unknown = sorted(set(asked) - set(takes) - {"kind"})
    if unknown:
        names = ", ".join(takes) or "nothing"
        raise PersonError("bad_request", f"{kind.name} takes {names}, not {', '.join(unknown)}")
    return kind, {
        name: parameter.default if asked.get(name) is None else _typed(parameter, asked[name])
        for name, parameter in takes.items()
    }


def planned(kind: Kind, parameters: Json) -> Fault:
    """The fault of a kind that waits for something to hit."""
    names = {field.name for field in fields(Fault)}
    rest = {name: value for name, value in parameters.items() if name in names and name != "method"}
    method = str(parameters.get("method") or _WAITS_FOR.get(kind.hits, "*"))
    if kind.name == FaultKind.TOKEN_REVOKED:
        rest["code"] = "token_revoked"
    return Fault(FaultKind(kind.name), method, **rest)


def shown(kind: Kind) -> Json:
    """A kind as the control API tells it."""
    parameters = [
        {
            "name": parameter.name,
            "type": {int: "integer", float: "number"}.get(parameter.type, "string"),
            "default": parameter.default,
            "words": parameter.words,
        }
        for parameter in kind.parameters
    ]
    return {"kind": kind.name, "hits": kind.hits, "words": kind.words, "parameters": parameters}


def _typed(parameter: Parameter, value: object) -> object:
    """The value, when it is of the parameter's type; numbers must be positive."""
    wanted = {int: "a whole number above 0", float: "a number above 0"}.get(parameter.type, "a text")
    if parameter.type is str:
        fits = isinstance(value, str) and bool(value)
    else:
        kinds = (int,) if parameter.type is int else (int, float)
        fits = isinstance(value, kinds) and not isinstance(value, bool) and value > 0
    if not fits:
        raise PersonError("bad_request", f"{parameter.name} must be {wanted}, not {value!r}")
    return value
