"""The `signoff` command: its subcommands, their examples, and how errors are told."""

import sys
from collections.abc import Callable
from importlib import metadata
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import SQLAlchemyError
from typer.core import TyperGroup

from bot.cli import audit, check, datasets, doctor, host, maintenance, outbox, package, reading_commands, up
from bot.cli.console import err, print_line
from bot.cli.contract_check import command as contract_check
from bot.cli.demo import command as demo
from bot.cli.push import command as push
from bot.messages.escape import plain
from bot.pages.server import CannotServe
from db.errors import SignoffError

Command = Callable[..., None]

COMMANDS: tuple[tuple[str, Command, str], ...] = (
    ("demo", demo.demo, "signoff demo"),
    ("up", up.up, "signoff up"),
    ("bot", maintenance.bot, "SLACK_BOT_TOKEN=xoxb-... SLACK_APP_TOKEN=xapp-... signoff bot"),
    ("worker", maintenance.worker, "SIGNOFF_CPU_SLOTS=4 signoff worker"),
    ("migrate", maintenance.migrate, "signoff migrate"),
    ("host", host.host, "signoff host dead gpu-2 --reason 'the power supply has burnt'"),
    ("doctor", doctor.doctor, "signoff doctor"),
    ("outbox", outbox.outbox, "signoff outbox retry"),
    ("search", reading_commands.search, "signoff search experiments fixing oscillation --json"),
    ("show", reading_commands.show, "signoff show E-42"),
    ("diff", reading_commands.diff_command, "signoff diff E-12 E-42"),
    ("lineage", reading_commands.lineage, "signoff lineage E-42"),
    ("audit", audit.audit, "signoff audit E-42 --verify"),
    ("check", check.check, "echo 'learning_rate = x0.5' | signoff check - --parent E-12"),
    ("presets", reading_commands.presets, "signoff presets"),
    ("push", push.push, "signoff push ~/turning-vehicle"),
    ("datasets", datasets.datasets, "SIGNOFF_DATASETS_DIR=/data/offline signoff datasets"),
    ("check-trainer", contract_check.check_trainer, "signoff check-trainer 'python -m our_trainer'"),
    ("package", package.package, "signoff package E-42 --seed s3 --out policy.zip"),
    ("export", maintenance.export, "signoff export ledger.jsonl"),
    ("import", maintenance.import_, "signoff import ledger.jsonl"),
)


class PlainSpeaking(TyperGroup):
    """Errors of ours become one sentence on standard error and exit code 1, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (SignoffError, CannotServe) as error:
            _tell(str(error))
        except ValidationError as error:
            _tell(_settings_sentence(error))
        except SettingsError as error:
            _tell(f"the settings cannot be read: {error}")
        except SQLAlchemyError as error:
            _tell(f"the ledger's database does not answer: {_first_line(error)}; see `signoff doctor`")
        except BrokenPipeError:  # the reader, such as `head`, has seen enough
            sys.stderr.close()
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        raise typer.Exit(1)


def _say_version(asked: bool) -> None:
    if asked:
        print_line(f"signoff {metadata.version('signoff')}")
        raise typer.Exit


def make_app(*, pretty: bool) -> typer.Typer:
    """The command. `pretty` draws the help with colours and boxes, for a terminal."""
    app = typer.Typer(
        name="signoff",
        cls=PlainSpeaking,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if pretty else None,
        help="Experiments that start with a reason, a diff and a signature, and end with evidence.",
        epilog="Example: signoff demo",
    )
    app.callback()(_root)
    for name, function, example in COMMANDS:
        app.command(name, epilog=f"Example: {example}")(function)
    return app


def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Experiments that start with a reason, a diff and a signature, and end with evidence."""


def _tell(sentence: str) -> None:
    err().print(f"signoff: {plain(sentence)}", style="red", markup=False)


def _settings_sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    where = name if name.startswith(("SIGNOFF_", "SLACK_")) else f"SIGNOFF_{name}"
    return f"the setting {where} is wrong: {first['msg']}; see docs/settings.md"


def _first_line(error: SQLAlchemyError) -> str:
    return str(error.__cause__ or error).strip().splitlines()[0]
