"""Takes secrets out of what a run has printed before people see it. Pure.

A run is given no secret of ours; what it prints may still hold one that its author put there.
"""

import math
import re
from collections import Counter

MAX_LINES = 30
MAX_LINE_CHARS = 300
REDACTED = "[redacted]"

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# Every repetition that could be tried from many places is bounded: a hostile log costs milliseconds.
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\Z)"
    r"|\A[A-Za-z0-9+/=\s]*-----END [A-Z0-9 ]+-----",
    re.DOTALL,
)
_KNOWN = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{6,}"  # Slack: bot, user, app-level, refresh
    r"|xapp-[A-Za-z0-9-]{6,}"
    r"|https://hooks\.slack\.com/\S+"
    r"|(?:AKIA|ASIA)[A-Z0-9]{12,}"  # AWS key ids
    r"|gh[a-z]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}"
    r"|glpat-[A-Za-z0-9_-]{16,}"
    r"|hf_[A-Za-z0-9]{16,}"
    r"|sk-[A-Za-z0-9_-]{16,}"
    r"|AIza[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]*"  # JSON web tokens
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}")
_ASSIGNED = re.compile(
    r"(?i)(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{0,64}?(?:secret|token|passw(?:or)?d|api[_-]?key|access[_-]?key|private[_-]?key)"
    r"[A-Za-z0-9_-]{0,64}[\"']?\s{0,8}[=:]\s{0,8}[\"']?)([^\s\"',;]{6,})"
)
_IN_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,200}:)[^\s@/]{1,200}@")
_DENSE = re.compile(r"[A-Za-z0-9+_=-]{32,}")
_DENSE_BITS = 4.2
_DENSE_DIGITS = 3


def redact(text: str) -> str:
    """The text with everything that looks like a token, a key or a password replaced."""
    text = _PEM.sub(REDACTED, text)
    text = _KNOWN.sub(REDACTED, text)
    text = _BEARER.sub(rf"\1\2{REDACTED}", text)
    text = _ASSIGNED.sub(rf"\1{REDACTED}", text)
    text = _IN_URL.sub(rf"\1{REDACTED}@", text)
    return _DENSE.sub(_judge_dense, text)


def whole_log(text: str) -> str:
    """A log as people may see it, as a whole: redacted, without escapes."""
    return redact(_plain(text))


def log_tail(text: str, *, max_lines: int = MAX_LINES, max_line_chars: int = MAX_LINE_CHARS) -> str:
    """The last lines of a log as people may see them: redacted, without escapes, long lines cut.

    Redaction comes first: half a token that a cut has left would not be recognised any more.
    """
    clean = redact(_plain(text))
    lines = [_shorten(line.rstrip(), max_line_chars) for line in clean.splitlines() if line.strip()]
    return "\n".join(lines[-max_lines:])


def one_line(text: str, max_chars: int = MAX_LINE_CHARS) -> str:
    """A sentence that a run has written, as people may see it."""
    return _shorten(" ".join(redact(_plain(text)).split()), max_chars)


def _plain(text: str) -> str:
    """A progress bar that rewrites its line leaves the last state of it."""
    kept = (line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    return _CONTROLS.sub("", _ESCAPES.sub("", "\n".join(kept)))


def _shorten(line: str, max_chars: int) -> str:
    if len(line) <= max_chars:
        return line
    tail = max_chars // 4
    head = max_chars - tail - 3
    return f"{line[:head]} … {line[-tail:]}"


def _judge_dense(match: re.Match[str]) -> str:
    """Long, mixed and close to random: more likely a key than a word. Hashes in hex stay."""
    word = match.group()
    digits = sum(char.isdigit() for char in word)
    mixed = digits >= _DENSE_DIGITS and word != word.lower() and word != word.upper()
    return REDACTED if mixed and _bits_per_char(word) >= _DENSE_BITS else word


def _bits_per_char(word: str) -> float:
    counts = Counter(word).values()
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts)
