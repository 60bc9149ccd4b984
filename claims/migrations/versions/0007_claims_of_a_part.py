"""Let the claims of one part of a long article be found without a look at the others."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_appearance_place", "appearance", ["article_id", "placement", "start_at"])
    gone = sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_claim_withdrawn",
        "claim",
        ["article_id", "withdrawn_at"],
        sqlite_where=gone,
        postgresql_where=gone,
    )
    # The other one begins with what this one held.
    op.drop_index("ix_appearance_article_id", "appearance")
