"""Let the few claims of a kind and a rating be found without a walk along all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    listed = sa.text("withdrawn_at IS NULL AND merged_into_id IS NULL")
    op.create_index(
        "ix_claim_by_kind",
        "claim",
        [
            "kind",
            "rating_id",
            "state",
            "article_id",
            "number",
            "speaker_id",
            "assignee_id",
            "withdrawn_at",
            "merged_into_id",
        ],
        sqlite_where=listed,
        postgresql_where=listed,
    )
