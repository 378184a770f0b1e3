"""Code bundles, and what each runtime found in them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bundle",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("package", sa.String(length=200), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("is_dirty", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("entry_points", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("pushed_by", sa.Text(), nullable=False),
        sa.Column("pushed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_bundle")),
    )
    op.create_index(op.f("ix_bundle_package"), "bundle", ["package"])
    op.create_index(op.f("ix_bundle_pushed_at"), "bundle", ["pushed_at"])
    op.create_table(
        "description",
        sa.Column("bundle", sa.String(length=64), nullable=False),
        sa.Column("runtime", sa.String(length=64), nullable=False),
        sa.Column("catalogue", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("log_tail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bundle"], ["bundle.sha256"], name=op.f("fk_description_bundle")),
        sa.ForeignKeyConstraint(["runtime"], ["runtime.key"], name=op.f("fk_description_runtime")),
        sa.PrimaryKeyConstraint("bundle", "runtime", name=op.f("pk_description")),
    )


def downgrade() -> None:
    op.drop_table("description")
    op.drop_table("bundle")
