"""How much of its time limit a run has used before it was resumed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run") as batch:
        batch.add_column(sa.Column("used_s", sa.Double(), nullable=False, server_default="0"))
    with op.batch_alter_table("run") as batch:
        batch.alter_column("used_s", existing_type=sa.Double(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("run") as batch:
        batch.drop_column("used_s")
