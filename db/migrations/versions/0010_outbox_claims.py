"""Claims of outbox rows are numbered, one sender has a lease, and there are three more kinds of messages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BEFORE = (
    *("proposal", "diff_file", "status", "decision", "failure", "log_file", "result"),
    *("conclusion", "extension", "diagnostics"),
)
_NEW = ("resumed", "stalled", "alert")


def upgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("claims", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("outbox") as batch:
        batch.alter_column("claims", existing_type=sa.Integer(), server_default=None)
    _allow((*_BEFORE, *_NEW))
    op.create_table(
        "lease",
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_lease")),
    )


def downgrade() -> None:
    op.drop_table("lease")
    listed = ", ".join(f"'{kind}'" for kind in _NEW)
    op.execute(f"DELETE FROM outbox WHERE kind IN ({listed})")  # noqa: S608 - the names above
    _allow(_BEFORE)
    with op.batch_alter_table("outbox") as batch:
        batch.drop_column("claims")


def _allow(kinds: Sequence[str]) -> None:
    """Hold the outbox to these kinds of messages."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(op.f("ck_outbox_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_outbox_kind"), f"kind IN ({listed})")
