"""Runs, attempts, hosts and slots."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_host()
    _create_run()
    _create_attempt()
    _create_slot()
    _create_result()


def downgrade() -> None:
    op.drop_table("result")
    op.drop_table("slot")
    op.drop_table("attempt")
    op.drop_table("run")
    op.drop_table("host")


def _create_host() -> None:
    op.create_table(
        "host",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=True),
        sa.Column("lease_s", sa.Double(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cpu_slots", sa.Integer(), nullable=False),
        sa.Column("gpus", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("flags", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("runtime", sa.String(length=64), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["runtime"], ["runtime.key"], name=op.f("fk_host_runtime")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host")),
    )


def _create_run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "seed",
                "comparator",
                "smoke",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("seed_index", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "QUEUED",
                "STARTING",
                "RUNNING",
                "FINALIZING",
                "SUCCEEDED",
                "FAILED",
                "CANCELED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("config_of", sa.Integer(), nullable=True),
        sa.Column("spec_hash", sa.String(length=64), nullable=False),
        sa.Column("runtime", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=16), nullable=False),
        sa.Column("gpus", sa.Integer(), nullable=False),
        sa.Column("time_limit_s", sa.Integer(), nullable=False),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_by", sa.String(length=64), nullable=True),
        sa.Column("cancel_requested_name", sa.Text(), nullable=True),
        sa.Column("progress", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("stalled", sa.Boolean(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
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
                name="cause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("log_tail", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("resumes", sa.Integer(), nullable=False),
        sa.Column("resume_from", sa.Text(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ring_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (status NOT IN ('SUCCEEDED', 'FAILED', 'CANCELED'))",
            name=op.f("ck_run_finished"),
        ),
        sa.CheckConstraint("seed_index >= 1", name=op.f("ck_run_seed_index")),
        sa.ForeignKeyConstraint(["config_of"], ["experiment.number"], name=op.f("fk_run_config_of")),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_run_experiment")),
        sa.ForeignKeyConstraint(["runtime"], ["runtime.key"], name=op.f("fk_run_runtime")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("experiment", "label", name=op.f("uq_run_experiment_label")),
    )
    op.create_index("ix_run_experiment_kind_status", "run", ["experiment", "kind", "status"])
    op.create_index("ix_run_status", "run", ["status", "id"])


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "RESERVED",
                "CREATED",
                "STARTED",
                "EXITED",
                "GONE",
                "START_FAILED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.String(length=100), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("oom_killed", sa.Boolean(), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=True),
        sa.Column("resume_from", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("ring_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slots_released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_attempt_host_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_attempt_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("run_id", "n", name=op.f("uq_attempt_run_id_n")),
    )
    op.create_index("ix_attempt_host_status", "attempt", ["host_id", "status"])
    op.create_index(
        "one_live_attempt",
        "attempt",
        ["run_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('CREATED', 'RESERVED', 'STARTED')"),
        postgresql_where=sa.text("status IN ('CREATED', 'RESERVED', 'STARTED')"),
    )


def _create_slot() -> None:
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.Column("owner_attempt_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('cpu', 'gpu', 'smoke')", name=op.f("ck_slot_kind")),
        sa.ForeignKeyConstraint(["host_id"], ["host.id"], name=op.f("fk_slot_host_id")),
        sa.ForeignKeyConstraint(["owner_attempt_id"], ["attempt.id"], name=op.f("fk_slot_owner_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("host_id", "kind", "device", name=op.f("uq_slot_host_id_kind_device")),
    )
    op.create_index(op.f("ix_slot_owner_attempt_id"), "slot", ["owner_attempt_id"])


def _create_result() -> None:
    op.create_table(
        "result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("got", sa.Text(), nullable=False),
        sa.Column("runs", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("plot_path", sa.Text(), nullable=True),
        sa.Column("plot_alt", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('supported', 'refuted', 'inconclusive')", name=op.f("ck_result_outcome")
        ),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_result_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
        sa.UniqueConstraint("experiment", "n", name=op.f("uq_result_experiment_n")),
    )
