"""Copies are withdrawn, as everything else: with who did it and why."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = (
        "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    )
    # As a part of the column, which SQLite adds without copying the table.
    who = "CONSTRAINT fk_capture_withdrawn_by_id_member REFERENCES member (id)"
    for column in (
        f"withdrawn_at {moment}",
        f"withdrawn_by_id INTEGER {who}",
        "withdrawal_reason VARCHAR(2000)",
    ):
        op.execute(f"ALTER TABLE capture ADD COLUMN {column}")
