"""A policy over HTTP: POST /act with a batch of observations. Standard library alone."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from trainer.acting import Act, RecurrentAct, SituatedAct, State
from trainer.contract import JsonObject
from trainer.errors import sentence

MAX_BYTES = 16 * 1024 * 1024
MAX_BATCH = 4_096
_TIMEOUT_S = 30


class BadRequest(Exception):
    """What was sent cannot be answered; the message says what may stand there."""


class Server(ThreadingHTTPServer):
    """Answers for one policy; asks it one batch at a time.

    It remembers nothing between requests: the state of a policy with memory goes to the caller and back.
    """

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], act: Act, space: spaces.Space[Any], about: JsonObject
    ) -> None:
        super().__init__(address, _Handler)
        self._act, self._space, self._about = act, space, about
        self._alone = threading.Lock()

    def said(self) -> JsonObject:
        """What `GET /` answers."""
        names = ("run", "title", "metrics", "n_eval_episodes", "versions")
        known: JsonObject = {name: self._about[name] for name in names if name in self._about}
        return {**known, "observation_space": str(self._space), "max_batch": MAX_BATCH}

    def act(self, document: object) -> JsonObject:
        """:raises BadRequest: where the observations do not fit."""
        if not isinstance(document, dict) or "observations" not in document:
            raise BadRequest('send {"observations": [...]}, a batch of observations')
        observations, count = read_batch(self._space, document["observations"])
        if isinstance(self._act, RecurrentAct):
            return self._remembering(self._act, observations, count, document)
        with self._alone:
            if isinstance(self._act, SituatedAct):
                actions = self._act.act(observations, np.ones(count, np.bool_), _masks(document, count))
            else:
                actions = self._act(observations)
        return {"actions": np.asarray(actions).tolist()}

    def _remembering(
        self, policy: RecurrentAct, observations: Any, count: int, document: dict[str, Any]
    ) -> JsonObject:
        state = _state(document.get("state"), policy.state_shape, count)
        starts = _starts(document.get("starts"), count, begins=state is None)
        with self._alone:
            actions, state = policy.go_on(observations, starts, state)
        return {"actions": np.asarray(actions).tolist(), "state": [part.tolist() for part in state]}


def _state(sent: Any, shape: tuple[int, int], count: int) -> State | None:
    """What the caller got with the last actions; None at the beginning of an episode."""
    if sent is None:
        return None
    layers, units = shape
    wanted = (2, layers, count, units)
    try:
        state = np.asarray(sent, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadRequest(f'"state" must be the one of the last answer: {error}') from None
    if state.shape != wanted or not np.isfinite(state).all():
        raise BadRequest(f'"state" must be the one of the last answer, numbers of shape {wanted}')
    return tuple(state)


def _starts(sent: Any, count: int, *, begins: bool) -> NDArray[np.bool_]:
    """For each observation whether it is the first of its episode."""
    if sent is None:
        return np.full(count, begins)
    if not isinstance(sent, list) or len(sent) != count or not all(isinstance(one, bool) for one in sent):
        raise BadRequest('"starts" must say true or false for each observation: does its episode begin?')
    return np.array(sent, dtype=np.bool_)


def _masks(document: dict[str, Any], count: int) -> NDArray[np.bool_]:
    masks = np.asarray(document.get("masks"), dtype=np.bool_)
    if masks.ndim != 2 or len(masks) != count:  # noqa: PLR2004 - batch, actions
        raise BadRequest('this policy needs "masks": for each observation, which actions are allowed')
    return masks


def read_batch(space: spaces.Space[Any], sent: Any) -> tuple[Any, int]:
    """A batch of observations of `space`, and how many they are.

    :raises BadRequest: naming the shape that was wanted and the one that came.
    """
    if isinstance(space, spaces.Dict):
        if not isinstance(sent, dict) or sent.keys() != space.spaces.keys():
            raise BadRequest(f"observations must be an object with {', '.join(space.spaces)}")
        parts = {name: read_batch(part, sent[name]) for name, part in space.spaces.items()}
        counts = {count for _, count in parts.values()}
        if len(counts) != 1:
            raise BadRequest("the parts of the observations have batches of different sizes")
        return {name: batch for name, (batch, _) in parts.items()}, counts.pop()
    shape = space.shape or ()
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused below
            batch = np.asarray(sent, dtype=space.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadRequest(f"observations must be numbers of shape {('batch', *shape)}: {error}") from None
    if batch.shape[1:] != shape or batch.ndim != len(shape) + 1 or not 1 <= len(batch) <= MAX_BATCH:
        raise BadRequest(
            f"observations must have the shape {('batch', *shape)} with a batch of 1 to {MAX_BATCH}; "
            f"they have {batch.shape}"
        )
    if batch.dtype.kind == "f" and not np.isfinite(batch).all():
        raise BadRequest("observations must be finite numbers")
    return batch, len(batch)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_S

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(200, self.server.said())
        elif self.path == "/health":
            self._answer(200, {"status": "ok"})
        else:
            self._answer(404, {"error": "there are POST /act, GET / and GET /health"})

    def do_POST(self) -> None:
        size = self.headers.get("content-length", "")
        if self.path != "/act":
            self._refuse(404, "there are POST /act, GET / and GET /health")
        elif not size.isdecimal():
            self._refuse(411, "say the size of the body in Content-Length")
        elif int(size) > MAX_BYTES:
            self._refuse(413, f"a request may have at most {MAX_BYTES:,} bytes")
        else:
            self._act(self.rfile.read(int(size)))

    def _act(self, body: bytes) -> None:
        try:
            answer = self.server.act(json.loads(body))
        except (BadRequest, ValueError, RecursionError) as error:
            self._answer(400, {"error": sentence(error) or "this is no JSON"})
        else:
            self._answer(200, answer)

    def _refuse(self, status: int, why: str) -> None:
        """Without reading the body, so the connection cannot go on."""
        self.close_connection = True
        self._answer(status, {"error": why})

    def _answer(self, status: int, document: JsonObject) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent: one line for each action would be a flood."""
