"""What runs take of a host, GPUs in parts, priorities, and hosts that are dead."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _added() -> dict[str, tuple[sa.Column, ...]]:
    """New columns by table; each call makes them anew, because a column belongs to one table."""
    return {
        "run": (
            sa.Column("gpu_share", sa.Double(), nullable=False, server_default="1"),
            sa.Column("cpus", sa.Integer(), nullable=False, server_default="1"),
            sa.Column("memory_mb", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("kept_on", sa.String(100), nullable=True),
        ),
        "host": (
            sa.Column("gpu_shares", sa.Integer(), nullable=False, server_default="1"),
            sa.Column("memory_mb", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("measured", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
            sa.Column("dead_by", sa.Text(), nullable=True),
        ),
        "slot": (
            sa.Column("part", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("dirty", sa.Text(), nullable=False, server_default=""),
        ),
        "experiment": (sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),),
    }


def upgrade() -> None:
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
        with op.batch_alter_table(table) as batch:
            for column in columns:
                if not column.nullable:
                    batch.alter_column(column.name, existing_type=column.type, server_default=None)
    op.execute("UPDATE run SET cpus = 0 WHERE gpus > 0")
    op.execute("UPDATE host SET gpus = '[]'")  # each host tells anew what it has when it starts
    _one_slot_for_each("host_id", "kind", "device", "part")


def downgrade() -> None:
    op.execute("DELETE FROM slot WHERE part > 0")
    op.execute("UPDATE host SET gpus = '[]'")
    _one_slot_for_each("host_id", "kind", "device")
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)


def _one_slot_for_each(*columns: str) -> None:
    was = ("host_id", "kind", "device") if "part" in columns else ("host_id", "kind", "device", "part")
    with op.batch_alter_table("slot") as batch:
        batch.drop_constraint(op.f(f"uq_slot_{'_'.join(was)}"), type_="unique")
        batch.create_unique_constraint(op.f(f"uq_slot_{'_'.join(columns)}"), list(columns))
