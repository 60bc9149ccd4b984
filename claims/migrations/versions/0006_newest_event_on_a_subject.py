"""Find the newest event on a subject at one look."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_subject", "event", ["subject", "seq"])
