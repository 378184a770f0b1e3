"""When a run made its first step: how long people wait for what they approved."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite's own ADD COLUMN would leave another CREATE TABLE than the models make.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("run", recreate="always" if is_sqlite else "never") as batch:
        batch.add_column(sa.Column("first_step_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("run") as batch:
        batch.drop_column("first_step_at")
