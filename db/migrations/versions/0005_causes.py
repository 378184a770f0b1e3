"""More reasons why a run ends: what the environment does, a missing package, no progress."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = (
    "finished",
    "code_error",
    "bad_spec",
    "nan",
    "out_of_memory",
    "time_limit",
    "stopped",
    "disk_full",
    "resume_failed",
    "infrastructure",
    "start_failure",
    "smoke",
)
NEW = ("environment_nan", "environment_error", "stalled", "missing_package", "space_mismatch")
AFTER = (*BEFORE[:4], *NEW, *BEFORE[4:])


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    run = sa.table("run", sa.column("cause", sa.String()))
    op.execute(run.update().where(run.c.cause.in_(NEW)).values(cause="code_error"))
    _allow(BEFORE)


def _allow(causes: tuple[str, ...]) -> None:
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint(op.f("ck_run_cause"), type_="check")
        batch.create_check_constraint(op.f("ck_run_cause"), f"cause IN {_listed(causes)}")


def _listed(values: tuple[str, ...]) -> str:
    return "({})".format(", ".join(f"'{value}'" for value in values))
