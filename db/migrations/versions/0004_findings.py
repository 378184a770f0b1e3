"""What detectors saw in a run, and the diagnostics sheet of a result with its message."""

from collections.abc import Sequence
from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BEFORE = (
    *("proposal", "diff_file", "status", "decision", "failure", "log_file", "result"),
    *("conclusion", "extension"),
)


def upgrade() -> None:
    with op.batch_alter_table("run", recreate=_rewrite()) as batch:
        batch.add_column(sa.Column("findings", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("result", recreate=_rewrite()) as batch:
        batch.add_column(sa.Column("sheet_path", sa.Text(), nullable=True))
        batch.add_column(sa.Column("sheet_alt", sa.Text(), server_default="", nullable=False))
    _allow((*_BEFORE, "diagnostics"))


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE kind = 'diagnostics'")
    _allow(_BEFORE)
    with op.batch_alter_table("result") as batch:
        batch.drop_column("sheet_alt")
        batch.drop_column("sheet_path")
    with op.batch_alter_table("run") as batch:
        batch.drop_column("findings")


def _rewrite() -> Literal["always", "never"]:
    """SQLite would append a column to the text of its CREATE TABLE; a new table reads like the model."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _allow(kinds: Sequence[str]) -> None:
    """Hold the outbox to these kinds of messages."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(op.f("ck_outbox_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_kind"), f"kind IN ({listed})")
