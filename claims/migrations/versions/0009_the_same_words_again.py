"""Receipts are found by what was sent."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_receipt_content"), "receipt", ["content"])


def downgrade() -> None:
    op.drop_index(op.f("ix_receipt_content"), "receipt")
