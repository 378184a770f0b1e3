"""The part of `doctor` that looks at the broker, which must be there but need not be safe."""

from collections.abc import Iterator, Mapping
from typing import Any

from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

from db.checkup import Finding, problem, warning, well
from db.settings import LedgerSettings

TIMEOUT_S = 3.0
OLDEST_REDIS = (6, 2)
REDIS_SCHEMES = ("redis://", "rediss://", "unix://", "redis+socket://")
_PASSWORD = "put the password of redis.conf (requirepass) into SIGNOFF_BROKER_URL: redis://:PASSWORD@HOST/0"  # noqa: S105 - a form


def look_at_broker(settings: LedgerSettings) -> Iterator[Finding]:
    """Folders are always well; Redis must answer, be new enough, and keep what it is given."""
    url = settings.broker_url
    if not url:
        yield well(f"the doorbell is a folder: {settings.broker_folder}")
        return
    if not url.startswith(REDIS_SCHEMES):
        yield problem(
            f"SIGNOFF_BROKER_URL begins with {url.partition('://')[0]!r}, which no worker can use",
            "set redis://..., or leave it out to use folders",
        )
        return
    try:
        with Redis.from_url(
            url.replace("redis+socket://", "unix://"),
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
        ) as redis:
            told: Mapping[str, Any] = redis.info()
    except (AuthenticationError, NoPermissionError):
        yield problem("Redis does not accept the password", _PASSWORD)
    except ResponseError as error:
        needs_password = "NOAUTH" in str(error) or "Authentication" in str(error)
        yield problem(f"Redis refuses: {error}", _PASSWORD if needs_password else "see its log")
    except (RedisError, ValueError, OSError) as error:
        yield problem(
            f"Redis does not answer ({type(error).__name__})",
            "start it, or correct SIGNOFF_BROKER_URL; until then runs start up to 15 s later",
        )
    else:
        yield from judge_redis(told)


def judge_redis(told: Mapping[str, Any]) -> Iterator[Finding]:
    """What INFO says, against what docker-compose.yml sets."""
    version = str(told.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < OLDEST_REDIS:
        yield problem(f"Redis {version} is too old for the broker", "upgrade it to 6.2 or newer")
    else:
        yield well(f"Redis {version} answers")
    if told.get("maxmemory_policy") not in {None, "noeviction"}:
        yield warning(
            f"Redis may drop messages when memory is short (maxmemory-policy {told['maxmemory_policy']})",
            "set maxmemory-policy noeviction",
        )
    if not told.get("aof_enabled", 1):
        yield warning(
            "Redis forgets its messages when it restarts; runs then start up to 15 s later",
            "set appendonly yes",
        )
