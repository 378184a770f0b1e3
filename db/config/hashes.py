"""The three hashes (config, spec, approval), and values in words short enough for a card. Pure."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from pydantic import JsonValue

from db.config.canonical import canonical_json, sha256_hex
from db.records import Budget, Intent
from trainer.contract import JsonObject


def config_hash(config: JsonObject) -> str:
    """What is trained and measured: finds duplicates. The yardstick is `config["eval"]`, code of one's own
    `config["code"]`.
    """
    # The second key is that of the first ledgers, whose hashes must stay.
    return sha256_hex(canonical_json({"config": config, "code_bundle": None}))


def spec_hash(config_digest: str, runtime_digest: str, versions: Mapping[str, str]) -> str:
    """What runs: the config, the image (or the trainer's files) and the packages' versions."""
    return sha256_hex(
        canonical_json({"config": config_digest, "runtime": runtime_digest, "versions": dict(versions)})
    )


def approval_hash(spec_digest: str, intent: Intent, budget: Budget, policy_rule: str) -> str:
    """What is signed: what runs, why, how often, at what cost, and under which rule."""
    return contract_hash(
        spec_digest,
        json.loads(json.dumps(asdict(intent))),
        json.loads(json.dumps(asdict(budget))),
        policy_rule,
    )


def contract_hash(spec_digest: str, intent: JsonObject, budget: JsonObject, policy_rule: str) -> str:
    """As `approval_hash`, of what the ledger has kept: with the fields that a contract had in its day."""
    contract: dict[str, JsonValue] = {
        "spec": spec_digest,
        "intent": intent,
        "budget": budget,
        "policy_rule": policy_rule,
    }
    return sha256_hex(canonical_json(contract))


def touches_yardstick(delta: JsonObject) -> bool:
    """Whether a delta changes what is measured: its child starts a new root."""
    return "eval" in delta


def format_value(value: JsonValue) -> str:
    """A value as people read it: 0.0003, [64, 64], true, none, linear 0.001 → 0."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("schedule"), str):
        return _schedule(value)
    return json.dumps(value, ensure_ascii=False)


def _schedule(value: JsonObject) -> str:
    kind, start = value["schedule"], _end(value.get("start"))
    if kind == "constant":
        return f"constant {start}"
    fraction = value.get("end_fraction", 1.0)
    over = f" over the first {fraction * 100:g} %" if isinstance(fraction, float) and fraction < 1 else ""
    return f"{kind} {start} → {_end(value.get('end', 0.0))}{over}"


def _end(value: JsonValue) -> str:
    return f"{value:.12g}" if isinstance(value, float) else format_value(value)
