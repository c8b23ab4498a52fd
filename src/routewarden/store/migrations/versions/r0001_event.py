"""The event table, and the refusal to change what it holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table and its guards."""
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("type", sa.String, nullable=False, index=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("leaf", sa.String(64), nullable=False, unique=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    if op.get_context().dialect.name == "sqlite":
        _guard_file()
    else:
        _guard_server()


def _guard_file() -> None:
    for action in ("UPDATE", "DELETE"):  # SQLite knows no TRUNCATE
        op.execute(
            f"CREATE TRIGGER event_no_{action.lower()} BEFORE {action} ON event "
            "BEGIN SELECT RAISE(ABORT, 'the event table is append-only'); END"
        )
    op.execute(  # a REPLACE deletes without asking the trigger on DELETE
        "CREATE TRIGGER event_no_replace BEFORE INSERT ON event WHEN EXISTS "
        "(SELECT 1 FROM event WHERE seq = NEW.seq OR id = NEW.id OR leaf = NEW.leaf) "
        "BEGIN SELECT RAISE(ABORT, 'the event table is append-only'); END"
    )


def _guard_server() -> None:
    op.execute(
        "CREATE FUNCTION event_refusal() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'the event table is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_refusal()"
    )
    # A session that says it only replicates goes past other triggers.
    op.execute("ALTER TABLE event ENABLE ALWAYS TRIGGER event_no_change")
