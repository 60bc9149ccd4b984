"""Let every list of claims be walked in its order along one index, whatever the filter.

Each order that claims are listed in has an index that also holds what filters
ask about, so that a page of a list, and counting one, look at no claim itself.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTED = sa.text("withdrawn_at IS NULL AND merged_into_id IS NULL")
# SQLite looks up what a condition asks about, also where the index implies it.
LISTED_BY = ("withdrawn_at", "merged_into_id")
FILTERED = ("state", "kind", "rating_id", "speaker_id", "assignee_id", *LISTED_BY)

ADDED = {
    "ix_claim_by_article": ["article_id", "number", *FILTERED],
    "ix_claim_by_change": ["changed_at", "id", "article_id", *FILTERED],
    "ix_claim_by_evidence": ["evidence_count", "id", "article_id", *FILTERED],
    "ix_claim_by_state": ["state", "article_id", "number", *FILTERED[1:]],
    "ix_claim_by_speaker": ["speaker_id", "article_id", "number", *LISTED_BY],
    "ix_claim_by_assignee": ["assignee_id", "article_id", "number", "state", *LISTED_BY],
}


def upgrade() -> None:
    with op.batch_alter_table("claim") as claim:
        claim.drop_index("ix_claim_state")
        claim.drop_index("ix_claim_evidence_count")
        for column in ("kind", "rating_id", "changed_at", "speaker_id", "assignee_id"):
            claim.drop_index(f"ix_claim_{column}")
    for name, columns in ADDED.items():
        op.create_index(name, "claim", columns, sqlite_where=LISTED, postgresql_where=LISTED)
    op.drop_index("ix_verdict_member_id", "verdict")
    op.create_index("ix_verdict_of_member", "verdict", ["member_id", "standing", "claim_id"])
    op.drop_index("ix_evidence_created_by_id", "evidence")
    op.create_index(
        "ix_evidence_of_member", "evidence", ["created_by_id", "withdrawn_at", "claim_id"]
    )
    gone = sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_article_withdrawn", "article", ["id"], sqlite_where=gone, postgresql_where=gone
    )
