"""`python -m trainer.bundle RUN_DIR ABOUT OUT [WHEEL]`: one trained policy as a zip that needs no Signoff.

It holds the checkpoint's policy and normalisation, the config, what the environment was, what was
measured, and the trainer's own code with two programs: `evaluate.py` and `serve.py`. The same run
gives the same bytes. `ABOUT` is a JSON file with what the ledger knows; it goes into `bundle.json`.
`WHEEL` is the code bundle that the run was signed with; what it holds goes along.
"""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from string import Template

from pydantic import ValidationError

from trainer.bundle_code import CODE_FOLDER, CannotBundle, own_code, requirements
from trainer.contract import (
    EPISODES_FILE,
    ONNX_FILE,
    RESULT_FILE,
    SPEC_FILE,
    VIDEO_FILES,
    JsonObject,
    RunResult,
    RunSpec,
)

BUNDLE_VERSION = 1
BUNDLE_FILE = "bundle.json"
CONFIG_FILE = "config.json"
CHECKPOINT_FOLDER = "checkpoint"
SUMS_FILE = "SHA256SUMS"
# What only a training that goes on needs.
LEFT_OUT = frozenset({"replay.npz", "random.json"})
MAX_EXTRA_BYTES = 64 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_HERE = Path(__file__).parent
_TEXTS = _HERE / "bundle_files"


def make_bundle(folder: Path, about: JsonObject, out: Path, wheel: Path | None = None) -> str:
    """Write the bundle of a finished run to `out`; its name, which is also its folder within the zip.

    :raises CannotBundle: where the run has no result or no whole checkpoint, or `wheel` is not its code.
    """
    spec, result = _read(folder)
    name = spec.run.replace("/", "-")
    code = own_code(spec, wheel)
    contents = dict(_contents(folder, spec, result, about))
    contents |= {f"{CODE_FOLDER}/{path}": data for path, data in code.files.items()}
    contents["requirements.txt"] = requirements(result, code).encode()
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(contents.items()))
    contents[SUMS_FILE] = sums.encode()
    temporary = out.with_name(f".{out.name}.tmp")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in sorted(contents.items()):
                entry = zipfile.ZipInfo(f"{name}/{path}", _EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _MODE
                archive.writestr(entry, data)
        temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)
    return name


def _read(folder: Path) -> tuple[RunSpec, RunResult]:
    try:
        spec = RunSpec.model_validate_json((folder / SPEC_FILE).read_bytes())
        result = RunResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    except OSError as error:
        raise CannotBundle(
            f"{error.filename} cannot be read: only a run that has ended can be packaged"
        ) from None
    except ValidationError as error:
        raise CannotBundle(
            f"{folder} is of another version of the trainer: {error.errors()[0]['msg']}"
        ) from None
    program = spec.config.get("program")
    if isinstance(program, dict) and program.get("name") is not None:
        raise CannotBundle(
            f"{spec.run} was trained by the program {program['name']}, whose checkpoint only it can load"
        )
    if result.checkpoint is None:
        raise CannotBundle(f"{spec.run} has left no checkpoint; package a run that has finished")
    if not (folder / result.checkpoint).resolve().is_relative_to(folder.resolve()):
        raise CannotBundle(f"{spec.run} names a checkpoint outside of its folder: {result.checkpoint}")
    return spec, result


def _contents(
    folder: Path, spec: RunSpec, result: RunResult, about: JsonObject
) -> Iterator[tuple[str, bytes]]:
    assert result.checkpoint is not None
    yield from _checkpoint(folder / result.checkpoint)
    yield BUNDLE_FILE, _json(metadata(spec, result, about))
    yield CONFIG_FILE, _json(spec.config)
    for name in (ONNX_FILE, EPISODES_FILE, *VIDEO_FILES):
        path = folder / name
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_EXTRA_BYTES:
            yield name, path.read_bytes()
    for path in sorted(_HERE.rglob("*")):
        inside = path.relative_to(_HERE)
        if path.suffix in {".py", ".json"} and inside.parts[0] not in {"presets", _TEXTS.name}:
            yield f"trainer/{inside.as_posix()}", path.read_bytes()
    for path in sorted(_TEXTS.iterdir()):
        yield path.name.removesuffix(".txt"), _filled(path, spec, result, about).encode()


def _checkpoint(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The checkpoint's files without what only training needs, each as its manifest says.

    :raises CannotBundle: naming a file that is missing or damaged.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        kept = {name: stored for name, stored in manifest["files"].items() if name not in LEFT_OUT}
        for name, stored in kept.items():
            if Path(name).name != name or (folder / name).is_symlink():
                raise CannotBundle(f"the checkpoint {folder} names a file outside of it: {name}")
            data = (folder / name).read_bytes()
            if hashlib.sha256(data).hexdigest() != stored["sha256"]:
                raise CannotBundle(f"{folder / name} is damaged; package another run")
            yield f"{CHECKPOINT_FOLDER}/{name}", data
    except (OSError, ValueError, KeyError) as error:
        raise CannotBundle(f"the checkpoint {folder} is not whole: {error}") from None
    yield f"{CHECKPOINT_FOLDER}/manifest.json", _json({**manifest, "files": kept})


def metadata(spec: RunSpec, result: RunResult, about: JsonObject) -> JsonObject:
    """What `bundle.json` says."""
    return {
        "bundle_version": BUNDLE_VERSION,
        **about,
        "experiment": spec.experiment,
        "run": spec.run,
        "seed": spec.seed,
        "seed_index": spec.seed_index,
        "spec_hash": spec.spec_hash,
        "timesteps": result.timesteps,
        "metrics": dict(result.metrics),
        "n_eval_episodes": result.n_eval_episodes,
        "fingerprint": result.fingerprint,
        "versions": dict(result.versions),
        "device": result.device,
        "torch_threads": spec.torch_threads,
    }


def _filled(path: Path, spec: RunSpec, result: RunResult, about: JsonObject) -> str:
    env = spec.config.get("env")
    python = result.versions.get("python", "3.11")
    metrics = "\n".join(f"| {name} | {value:.6g} |" for name, value in sorted(result.metrics.items()))
    return Template(path.read_text("utf-8")).safe_substitute(
        run=spec.run,
        folder=spec.run.replace("/", "-"),
        title=str(about.get("title", "")),
        algo=str(spec.config.get("algo", "")),
        env=str(env.get("id", "")) if isinstance(env, dict) else "",
        steps=f"{result.timesteps:,}",
        episodes=str(result.n_eval_episodes),
        metrics=metrics,
        python=".".join(python.split(".")[:2]),
        threads=str(spec.torch_threads),
    )


def _json(document: object) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def main(arguments: list[str]) -> int:
    if len(arguments) not in {3, 4}:
        sys.stderr.write("usage: python -m trainer.bundle RUN_DIR ABOUT.json OUT.zip [CODE.whl]\n")
        return 2
    folder, about, out, *code = (Path(argument).absolute() for argument in arguments)
    try:
        name = make_bundle(folder, json.loads(about.read_text("utf-8")), out, *code)
    except (CannotBundle, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
