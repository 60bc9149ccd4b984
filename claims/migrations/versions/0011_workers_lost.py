"""How many workers stopped with a job in hand."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE job ADD COLUMN lost INTEGER NOT NULL DEFAULT 0")
