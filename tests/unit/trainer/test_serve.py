"""The server inside a bundle: batches in, actions out, and one sentence for what does not fit."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from gymnasium import spaces
from sb3_contrib import RecurrentPPO

from tests.unit.trainer.configs import config
from trainer.acting import Masks, Observations, Starts, deterministic
from trainer.algorithms import make_model
from trainer.config import read_config
from trainer.envs import training_envs
from trainer.serve import MAX_BATCH, MAX_BYTES, BadRequest, Server, read_batch

SPACE = spaces.Box(-1, 1, (3,), np.float32)
ABOUT: dict[str, Any] = {"run": "E-1/s1", "metrics": {"final_reward": 500.0}, "secret": 1}


def total(observations: Any) -> Any:
    assert observations.dtype == np.float32
    return observations.sum(axis=1, keepdims=True)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    server = Server(("127.0.0.1", 0), total, SPACE, ABOUT)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
            yield client
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_batch_of_observations_is_answered_by_a_batch_of_actions(client: httpx.Client) -> None:
    answer = client.post("/act", json={"observations": [[0.5, 0.25, 0], [1, -1, 0]]})
    assert (answer.status_code, answer.json()) == (200, {"actions": [[0.75], [0.0]]})
    assert client.post("/act", json={"observations": [[0, 0, 1]]}).json() == {"actions": [[1.0]]}


def test_many_clients_at_once_are_all_answered(client: httpx.Client) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.append(client.post("/act", json={"observations": [[0, 0, 0]] * 10}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8


def test_it_says_what_it_serves_and_that_it_lives(client: httpx.Client) -> None:
    said = client.get("/").json()
    assert said["run"] == "E-1/s1"
    assert "Box" in said["observation_space"]
    assert "secret" not in said
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/act").status_code == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "Expecting"),
        (b"[]", "observations"),
        (b'{"observation": [[1, 2, 3]]}', "observations"),
        (b'{"observations": [1, 2, 3]}', "shape"),
        (b'{"observations": [[1, 2]]}', "shape"),
        (b'{"observations": []}', "shape"),
        (b'{"observations": [[1, 2, "x"]]}', "numbers"),
        (b'{"observations": [[1, 2, 3], [1]]}', "numbers"),
        (b'{"observations": [[1, 2, NaN]]}', "finite"),
        (b'{"observations": [[1, 2, 1e99]]}', "finite"),
        (b'{"observations": null}', "shape"),
        (b"[" * 100_000, ""),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(client: httpx.Client, body: bytes, said: str) -> None:
    answer = client.post("/act", content=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert client.get("/health").status_code == 200


def test_too_much_is_refused_unread(client: httpx.Client) -> None:
    connection = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0, timeout=20)
    connection.putrequest("POST", "/act")
    connection.putheader("content-length", str(MAX_BYTES + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    many = {"observations": [[0, 0, 0]] * (MAX_BATCH + 1)}
    assert client.post("/act", json=many).status_code == 400
    assert client.post("/other", json={}).status_code == 404


def test_a_body_without_a_size_is_refused(client: httpx.Client) -> None:
    answer = client.post("/act", content=iter([b"{}"]))
    assert answer.status_code == 411


class Masked:
    uses_masks = True

    def act(self, observations: Observations, starts: Starts, masks: Masks | None) -> Any:
        assert starts.all()
        assert masks is not None
        return masks.argmax(axis=1) + 0 * len(observations)

    def __call__(self, observations: Observations) -> Any:
        raise AssertionError(observations)


def test_a_policy_that_is_told_what_it_may_do_asks_for_masks() -> None:
    server = Server(("127.0.0.1", 0), Masked(), SPACE, ABOUT)
    try:
        with pytest.raises(BadRequest, match="masks"):
            server.act({"observations": [[0, 0, 0]]})
        asked = {"observations": [[0, 0, 0]] * 2, "masks": [[False, True], [True, True]]}
        assert server.act(asked) == {"actions": [1, 0]}
    finally:
        server.server_close()


@pytest.fixture
def remembering() -> Iterator[tuple[Server, RecurrentPPO]]:
    document = read_config(config("recurrent_ppo"))
    venv, _ = training_envs(document)
    model = make_model(document, venv, seed=1, device="cpu")
    assert isinstance(model, RecurrentPPO)
    act = deterministic(model, None)
    server = Server(("127.0.0.1", 0), act, model.observation_space, ABOUT)
    try:
        yield server, model
    finally:
        server.server_close()
        venv.close()


def test_a_policy_with_memory_sends_its_state_along(remembering: tuple[Server, RecurrentPPO]) -> None:
    server, model = remembering
    seen = np.random.default_rng(1).normal(size=(6, 2, *(model.observation_space.shape or ()))).astype("f4")
    starts = [[True, True], [False, False], [False, True], [False, False], [True, True], [False, False]]
    state, sent = None, None
    for observations, begins in zip(seen, starts, strict=True):
        expected, state = model.predict(observations, state, np.array(begins), deterministic=True)
        asked: dict[str, Any] = {"observations": observations.tolist(), "starts": begins, "state": sent}
        answer = json.loads(json.dumps(server.act(asked)))
        assert answer["actions"] == expected.tolist()
        sent = answer["state"]
        assert state is not None
        np.testing.assert_array_equal(np.asarray(sent, dtype=np.float32), np.stack(state))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": [[0.0]]}, "state"),
        ({"state": "x"}, "state"),
        ({"state": [[[[float("nan")]]]]}, "state"),
        ({"starts": [True, True]}, "starts"),
        ({"starts": ["yes"]}, "starts"),
    ],
)
def test_a_state_that_is_not_the_policys_is_refused(
    remembering: tuple[Server, RecurrentPPO], more: dict[str, Any], said: str
) -> None:
    server, model = remembering
    observations = np.zeros((1, *(model.observation_space.shape or ()))).tolist()
    with pytest.raises(BadRequest, match=f'"{said}" must'):
        server.act({"observations": observations, **more})


def test_observations_of_several_parts_are_read_part_by_part() -> None:
    space = spaces.Dict({"a": SPACE, "n": spaces.Discrete(4)})
    batch, count = read_batch(space, json.loads('{"a": [[0, 0, 1]], "n": [2]}'))
    assert (count, batch["n"].tolist(), batch["a"].shape) == (1, [2], (1, 3))
    for wrong in ({"a": [[0, 0, 1]]}, {"a": [[0, 0, 1]], "n": [1, 2]}, [1]):
        with pytest.raises(BadRequest):
            read_batch(space, wrong)
