"""Keep with all that is withdrawn who did it and why, and delete no link between claims."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHY = "ALTER TABLE {0} ADD COLUMN withdrawal_reason VARCHAR(2000)"
# As part of the column, which SQLite adds without copying the table.
_WHO = (
    "ALTER TABLE {0} ADD COLUMN withdrawn_by_id INTEGER "
    "CONSTRAINT fk_{0}_withdrawn_by_id_member REFERENCES member (id)"
)
_WHO_IT_WAS = """
    UPDATE {0} SET withdrawn_by_id = (
        SELECT member_id FROM event
        WHERE subject = '{0}' AND subject_id = {0}.id AND action = '{0} withdrawn'
        ORDER BY seq DESC LIMIT 1
    ) WHERE withdrawn_at IS NOT NULL
"""
_HAD_NO_REASON = ("question", "lead", "comment", "claim_link")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE claim_link ADD COLUMN withdrawn_at TIMESTAMP WITH TIME ZONE"
        if op.get_bind().dialect.name == "postgresql"
        else "ALTER TABLE claim_link ADD COLUMN withdrawn_at DATETIME"
    )
    for table in _HAD_NO_REASON:
        op.execute(_WHY.format(table))
    for table in ("claim", "evidence", "source", *_HAD_NO_REASON):
        op.execute(_WHO.format(table))
        op.execute(_WHO_IT_WAS.format(table))
