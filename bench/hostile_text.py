"""64 KB of hostile override text of each kind: refused, and how fast.

    python -m bench.hostile_text

Exits 1 where a refusal takes more than 100 ms.
"""

import sys
import time

from db.config.resolve import Resolved, Step, resolve
from db.config.text import OverrideProblems, parse_overrides
from trainer.catalogue import Catalogue, load_catalogue, load_presets

SIZE = 64 * 1024
BOUND_MS = 100.0
REPEATS = 5


def _lines(line: str, size: int = SIZE) -> str:
    return line * (size // len(line))


HOSTILE: dict[str, str] = {
    "more than 64 KB": "gamma = 0.9\n" * 10_000,
    "deep lists": "[" * SIZE,
    "deep lists as a value": "net_arch = " + "[" * 4_000,
    "deep objects": '{"a":' * 10_000 + "1" + "}" * 5_000,
    "duplicate keys": "{" + ",".join(['"gamma":0.9'] * 5_000) + "}",
    "duplicate keys inside": '{"hyperparams":{"gamma":1,' + _lines('"gamma":0.9,', 60_000) + '"a":1}}',
    "repeated lines": _lines("gamma = 0.9\n"),
    "500 unknown lines": _lines("q" * 40 + " = 1\n", 43 * 480),
    "NaN": '{"gamma":NaN}',
    "many NaN": '{"x":[' + "NaN," * 15_000 + "NaN]}",
    "infinity": '{"gamma":-Infinity}',
    "overflow to infinity": '{"gamma":1e999}',
    "a huge integer": '{"n_steps":' + "9" * 60_000 + "}",
    "a huge integer on a line": "n_steps = " + "9" * 4_000,
    "a huge exponent": "n_steps = 1e99999999",
    "a huge factor": "n_steps = x1e99999999",
    "2^63": "n_steps = 9223372036854775808",
    "many values": '{"x":[' + "1," * 30_000 + "1]}",
    "many keys": "{" + ",".join(f'"k{i}":1' for i in range(6_000)) + "}",
    "near misses": "{" + ",".join(f'"learning_rat{i}":1' for i in range(3_000)) + "}",
    "long near misses": "\n".join("ab." * 20 + f"k{i} = 1" for i in range(480)),
    "a long key": "a" * SIZE,
    "a long key with a value": "a" * (SIZE - 4) + " = 1",
    "a long string": '{"policy":"' + "a" * 60_000 + '"}',
    "backslashes": '{"policy":"' + "\\" * 60_000,
    "quotes": "learning_rate = " + '"' * 60_000,
    "control characters": "\x00" * SIZE,
    "control characters in a value": "policy = Mlp\x07Policy",
    "escaped control characters": '{"policy":"\\u0000\\u001b[31m"}',
    "direction overrides": "policy = \u202eycilopplM",
    "lone surrogates": '{"policy":"\\ud800"}',
    "lone surrogates as text": "policy = \ud800",
    "broadcasts": _lines("<!channel>\n"),
    "a broadcast": "<!channel>",
    "a broadcast as a key": '{"<!channel>":1}',
    "a broadcast as a value": "policy = <!here>",
    "spaces": " " * SIZE,
    "spaces inside": "a" + " " * 4_000 + "b",
    "dashes": "a -" * 1_300 + "=",
    "schedules": "learning_rate = " + "linear " * 500,
    "wide letters": "\U0001d518" * (SIZE // 4),
    "null bytes around": "\x00gamma = 0.9\x00",
    "prototype": '{"__proto__":{"a":1},"constructor":{"prototype":1}}',
    "braces": "{" * SIZE,
}


def main() -> int:
    catalogue = load_catalogue()
    preset = next(preset for preset in load_presets() if preset.name == "ppo-cartpole")
    resolved = resolve([Step("E-1", preset.config)])
    worst = 0.0
    for name, text in HOSTILE.items():
        best = min(_refusal_ms(text, resolved, catalogue) for _ in range(REPEATS))
        worst = max(worst, best)
        print(f"{best:7.2f} ms  {name}")
    print(f"{worst:7.2f} ms  worst of {len(HOSTILE)}; the bound is {BOUND_MS:g} ms")
    return 0 if worst <= BOUND_MS else 1


def _refusal_ms(text: str, resolved: Resolved, catalogue: Catalogue) -> float:
    started = time.perf_counter()
    try:
        parse_overrides(text, resolved, catalogue)
    except OverrideProblems:
        return (time.perf_counter() - started) * 1000
    raise SystemExit("a hostile text was accepted")


if __name__ == "__main__":
    sys.exit(main())
