"""What the sender sends: cards, their pictures and the files of a thread, from the ledger as it is now."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.artifacts import MAX_LOG_BYTES, MAX_PLOT_BYTES, ArtifactError, read_artifact, read_tail
from bot.cards import Cards
from bot.messages import diff
from bot.messages.escape import plain
from bot.messages.message import Message, TextFile
from bot.uploads import PictureFile
from db.errors import NotFound
from db.queries import Queries
from db.records import Experiment, OutboxKind, OutboxRow, Run
from db.redact import whole_log
from trainer.contract import LOG_FILE

log = structlog.get_logger(__name__)

ALT = 1_000


@dataclass(frozen=True)
class LedgerLetters:
    """`artifacts` is the folder of run folders and plots; the bot only reads it."""

    queries: Queries
    cards: Cards
    artifacts: Path

    def message(self, row: OutboxRow, picture_id: str | None, picture_note: str) -> Message:
        """The message; `picture_note` says in a sentence why a picture is missing."""
        return self.cards.message(row, picture_id, picture_note)

    def is_over(self, row: OutboxRow) -> bool:
        """Whether an alert has nothing to tell any more."""
        return row.kind is OutboxKind.ALERT and not self.cards.undelivered()

    def picture(self, row: OutboxRow) -> PictureFile | None:
        """The plot of a result; None where none was drawn. Raises NotFound where its file has gone."""
        if row.kind is not OutboxKind.RESULT:
            return None
        results = self.queries.experiment(row.experiment).results
        result = next((made for made in results if made.n == row.n), None)
        if result is None or result.plot_path is None:
            return None
        try:
            content = read_artifact(self.artifacts, result.plot_path, max_bytes=MAX_PLOT_BYTES)
        except ArtifactError as error:
            raise NotFound(f"The plot's file cannot be read: {error}.") from None
        name = f"E-{row.experiment}-result-{row.n}.png"
        alt = plain(result.plot_alt)[:ALT] or f"Result {row.n} of E-{row.experiment}"
        return PictureFile(name, alt, content)

    def file(self, row: OutboxRow) -> TextFile | PictureFile | None:
        """The full diff where the card had to cut it, a run's whole log, or a result's diagnostics sheet.

        None where none is needed, or there is no sheet any more.
        """
        experiment = self.queries.experiment(row.experiment)
        if row.kind is OutboxKind.DIAGNOSTICS:
            return self._sheet(experiment, row)
        if row.kind is OutboxKind.DIFF_FILE:
            return self._diff(experiment, row)
        if row.run_id is None:
            return None
        return self._log(self.queries.run(row.run_id))

    def born_at(self, row: OutboxRow) -> datetime:
        """When the experiment was made: none of its messages can be older."""
        return self.queries.experiment(row.experiment).created_at

    def _diff(self, experiment: Experiment, row: OutboxRow) -> TextFile | None:
        if experiment.revision.n != row.n:
            return None  # superseded before it was sent
        facts = self.cards.facts(experiment)
        code = self.cards.code_change(experiment)
        patch = code.patch if code else ""
        name, place = f"E-{experiment.number}-r{row.n}", f"{experiment.key}, revision {row.n}"
        if diff.fits_card(facts.changes, facts.origins):
            return TextFile(f"{name}.patch", f"{place}: the code's patch", plain(patch)) if patch else None
        content = diff.for_file(facts.changes, facts.origins)
        if patch:
            title = f"{place}: the full diff and the code's patch"
            return TextFile(f"{name}.patch", title, f"{content}\n{plain(patch)}")
        return TextFile(f"{name}.diff.txt", f"{place}: the full diff", content)

    def _sheet(self, experiment: Experiment, row: OutboxRow) -> PictureFile | None:
        result = next((made for made in experiment.results if made.n == row.n), None)
        if result is None or result.sheet_path is None:
            return None
        try:
            content = read_artifact(self.artifacts, result.sheet_path, max_bytes=MAX_PLOT_BYTES)
        except ArtifactError as error:
            log.info("letters.no_sheet", experiment=experiment.key, error=str(error))
            return None
        title = f"{experiment.key}, result {row.n}: diagnostics"
        name = f"{experiment.key}-diagnostics-{row.n}.png"
        return PictureFile(name, result.sheet_alt[:ALT] or title, content, title)

    def _log(self, run: Run) -> TextFile | None:
        """The log with everything taken out that looks like a secret; its end where it is very long."""
        text = self._read_log(run) or run.log_tail
        if not text:
            return None
        name = run.key.replace("/", "-")
        return TextFile(f"{name}.log.txt", f"{run.key}: the whole log", text)

    def _read_log(self, run: Run) -> str:
        if run.attempt is None:
            return ""
        try:
            path = f"{run.attempt.folder}/{LOG_FILE}"
            content, left_out = read_tail(self.artifacts, path, max_bytes=MAX_LOG_BYTES)
        except ArtifactError as error:
            log.info("letters.no_log", run=run.key, error=str(error))
            return ""
        text = whole_log(content.decode("utf-8", "replace"))
        return f"… the first {left_out:,} bytes are left out …\n{text}" if left_out else text
