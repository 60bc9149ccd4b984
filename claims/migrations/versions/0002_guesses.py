"""Remember wrong guesses of passwords, so that all processes make them wait."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    guesses = op.create_table(
        "guesses",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_guesses")),
    )
    op.create_index(op.f("ix_guesses_forgotten_at"), "guesses", ["forgotten_at"])
    # Held by whoever counts a guess, so that no two count at once.
    then = datetime(2000, 1, 1, tzinfo=UTC)
    op.bulk_insert(guesses, [{"key": "turn", "forgotten_at": then, "open_at": then}])
