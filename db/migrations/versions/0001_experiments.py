"""Questions, experiments, and what is said about them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_question()
    _create_runtime()
    _create_experiment()
    _create_conclusion()
    _create_decision()
    _create_event()
    _create_extension()
    _create_preset()
    _create_tag()
    _create_revision()


def downgrade() -> None:
    op.drop_table("revision")
    op.drop_table("tag")
    op.drop_table("preset")
    op.drop_table("extension")
    op.drop_table("event")
    op.drop_table("decision")
    op.drop_table("conclusion")
    op.drop_table("experiment")
    op.drop_table("runtime")
    op.drop_table("question")


def _create_question() -> None:
    op.create_table(
        "question",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_question")),
    )


def _create_runtime() -> None:
    op.create_table(
        "runtime",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=200), nullable=False),
        sa.Column("versions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("launcher", sa.String(length=32), nullable=False),
        sa.Column("host_id", sa.String(length=100), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runtime")),
    )
    op.create_index(op.f("ix_runtime_digest"), "runtime", ["digest"])
    op.create_index(op.f("ix_runtime_newest_at"), "runtime", ["newest_at"])


def _create_experiment() -> None:
    op.create_table(
        "experiment",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PROPOSED",
                "CHANGES_REQUESTED",
                "APPROVED",
                "REJECTED",
                "EXPIRED",
                "WITHDRAWN",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.Column("root", sa.Integer(), nullable=True),
        sa.Column("question", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=True),
        sa.Column("thread_ts", sa.String(length=64), nullable=True),
        sa.Column("smoke", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("smoke_message", sa.Text(), nullable=False),
        sa.Column("smoke_passed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.Column("ring_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('preset', 'proposal')", name=op.f("ck_experiment_origin")),
        sa.ForeignKeyConstraint(["parent"], ["experiment.number"], name=op.f("fk_experiment_parent")),
        sa.ForeignKeyConstraint(["question"], ["question.number"], name=op.f("fk_experiment_question")),
        sa.ForeignKeyConstraint(["root"], ["experiment.number"], name=op.f("fk_experiment_root")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_experiment")),
    )
    op.create_index(op.f("ix_experiment_author_id"), "experiment", ["author_id"])
    op.create_index(op.f("ix_experiment_parent"), "experiment", ["parent"])
    op.create_index(op.f("ix_experiment_question"), "experiment", ["question"])
    op.create_index(op.f("ix_experiment_ring_at"), "experiment", ["ring_at"])
    op.create_index("ix_experiment_status", "experiment", ["status", "number"])


def _create_conclusion() -> None:
    op.create_table(
        "conclusion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_conclusion_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conclusion")),
    )
    op.create_index(op.f("ix_conclusion_experiment"), "conclusion", ["experiment"])


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "approve",
                "reject",
                "request_changes",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decider_id", sa.String(length=64), nullable=False),
        sa.Column("decider_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_decision_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("experiment", "revision", name=op.f("uq_decision_experiment_revision")),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_event_seq")),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_event_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("experiment", "seq", name=op.f("uq_event_experiment_seq")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )


def _create_extension() -> None:
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PROPOSED",
                "CHANGES_REQUESTED",
                "APPROVED",
                "REJECTED",
                "EXPIRED",
                "WITHDRAWN",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("first_seed", sa.Integer(), nullable=False),
        sa.Column("seeds", sa.Integer(), nullable=False),
        sa.Column("approval_hash", sa.String(length=64), nullable=False),
        sa.Column("policy_rule", sa.Text(), nullable=False),
        sa.Column("view_id", sa.String(length=64), nullable=True),
        sa.Column("decider_id", sa.String(length=64), nullable=True),
        sa.Column("decider_name", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("seeds >= 1", name=op.f("ck_extension_seeds")),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_extension_experiment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("experiment", "n", name=op.f("uq_extension_experiment_n")),
        sa.UniqueConstraint("view_id", name=op.f("uq_extension_view_id")),
    )


def _create_preset() -> None:
    op.create_table(
        "preset",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("config_hash", sa.String(length=64), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_preset_experiment")),
        sa.PrimaryKeyConstraint("name", "config_hash", name=op.f("pk_preset")),
        sa.UniqueConstraint("experiment", name=op.f("uq_preset_experiment")),
    )


def _create_tag() -> None:
    op.create_table(
        "tag",
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_tag_experiment")),
        sa.PrimaryKeyConstraint("experiment", "name", name=op.f("pk_tag")),
    )


def _create_revision() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("intent", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("delta", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("budget", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("algo", sa.String(length=64), nullable=False),
        sa.Column("env_id", sa.String(length=200), nullable=False),
        sa.Column("config_hash", sa.String(length=64), nullable=False),
        sa.Column("spec_hash", sa.String(length=64), nullable=False),
        sa.Column("approval_hash", sa.String(length=64), nullable=False),
        sa.Column("policy_rule", sa.Text(), nullable=False),
        sa.Column("runtime", sa.String(length=64), nullable=True),
        sa.Column("view_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.number"], name=op.f("fk_revision_experiment")),
        sa.ForeignKeyConstraint(["runtime"], ["runtime.key"], name=op.f("fk_revision_runtime")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("experiment", "n", name=op.f("uq_revision_experiment_n")),
        sa.UniqueConstraint("view_id", name=op.f("uq_revision_view_id")),
    )
    op.create_index(op.f("ix_revision_config_hash"), "revision", ["config_hash"])
    op.create_index(op.f("ix_revision_runtime"), "revision", ["runtime"])
