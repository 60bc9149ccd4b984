"""Receipts know what was sent, and old ones are found without reading all."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("receipt", sa.Column("content", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_receipt_created_at"), "receipt", ["created_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_receipt_created_at"), "receipt")
    op.drop_column("receipt", "content")
