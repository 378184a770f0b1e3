"""Alembic's entry. `db.migrations.run` hands over the connection, inside its own lock and transaction."""

from alembic import context

from db.migrations.rules import include_object
from db.models import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=include_object,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
context.run_migrations()
