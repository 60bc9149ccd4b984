"""Captures, the jobs that take them, where excerpts were found, and the origins of sources."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CHANNELS = ("in person", "by phone", "by video call", "by letter", "by e-mail", "by message")


def upgrade() -> None:
    _origins()
    _captures()
    _jobs()
    op.execute("ALTER TABLE evidence ADD COLUMN own_article_reason VARCHAR(2000)")
    op.execute("ALTER TABLE ruling ADD COLUMN origins_reason VARCHAR(2000)")
    op.execute("ALTER TABLE desk ADD COLUMN origins_required INTEGER NOT NULL DEFAULT 0")


def _origins() -> None:
    op.create_table(
        "origin",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        _member("origin", "created_by_id"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin")),
    )
    channels = ", ".join(f"'{channel}'" for channel in _CHANNELS)
    # As parts of the columns, which SQLite adds without copying the table.
    for column in (
        f"channel VARCHAR(32) CONSTRAINT ck_source_channel CHECK (channel IN ({channels}))",
        "archive_url VARCHAR(2000)",
        "origin_id INTEGER CONSTRAINT fk_source_origin_id_origin REFERENCES origin (id)",
        "merged_into_id INTEGER CONSTRAINT fk_source_merged_into_id_source REFERENCES source (id)",
    ):
        op.execute(f"ALTER TABLE source ADD COLUMN {column}")
    op.create_index(op.f("ix_source_origin_id"), "source", ["origin_id"])
    op.create_table(
        "origin_hint",
        sa.Column("id", sa.Integer(), nullable=False),
        _record("origin_hint", "source_id", "source.id"),
        _record("origin_hint", "other_id", "source.id"),
        _word("why", "same canonical address", "nearly the same text", "same site"),
        sa.Column("same", sa.Boolean(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        _member("origin_hint", "decided_by_id"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source_id < other_id", name=op.f("ck_origin_hint_lower_first")),
        sa.UniqueConstraint(
            "source_id", "other_id", name=op.f("uq_origin_hint_source_id_other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origin_hint")),
    )
    op.create_index(op.f("ix_origin_hint_other_id"), "origin_hint", ["other_id"])


def _captures() -> None:
    op.create_table(
        "content",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("sketch", sa.Text(), nullable=False),
        sa.Column("canonical_fingerprint", sa.String(length=64), nullable=True),
        sa.Column("trouble", sa.String(length=500), nullable=True),
        _word("damage", "missing", "changed", nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content")),
    )
    op.create_index(op.f("ix_content_canonical_fingerprint"), "content", ["canonical_fingerprint"])
    op.create_table(
        "content_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name=op.f("fk_content_text_sha256_content")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_text")),
    )
    op.create_table(
        "sketch_part",
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name=op.f("fk_sketch_part_sha256_content")
        ),
        sa.PrimaryKeyConstraint("part", "sha256", name=op.f("pk_sketch_part")),
    )
    op.create_table(
        "capture",
        sa.Column("id", sa.Integer(), nullable=False),
        _record("capture", "source_id", "source.id"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        _word("obtained", "fetched", "uploaded"),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("final_url", sa.String(length=4000), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("hops", sa.JSON(), nullable=False),
        sa.Column("protocol", sa.String(length=20), nullable=True),
        sa.Column("file_name", sa.String(length=300), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        _member("capture", "taken_by_id"),
        sa.ForeignKeyConstraint(
            ["sha256"], ["content.sha256"], name=op.f("fk_capture_sha256_content")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capture")),
    )
    op.create_index(op.f("ix_capture_source_id"), "capture", ["source_id"])
    op.create_index(op.f("ix_capture_sha256"), "capture", ["sha256"])
    op.create_table(
        "excerpt_check",
        _record("excerpt_check", "evidence_id", "evidence.id"),
        _record("excerpt_check", "capture_id", "capture.id"),
        _word("mark", "verbatim", "same words", "nearly", "not found"),
        sa.Column("start_at", sa.Integer(), nullable=True),
        sa.Column("end_at", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_excerpt_check")),
    )
    op.create_index(op.f("ix_excerpt_check_capture_id"), "excerpt_check", ["capture_id"])


def _jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        _word("kind", "capture", "archive", name="jobkind"),
        _record("job", "source_id", "source.id"),
        sa.Column("url", sa.String(length=2000), nullable=False),
        _word("state", "waiting", "running", "done", "failed", "cancelled", name="jobstate"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(length=1000), nullable=True),
        sa.Column("outside_id", sa.String(length=200), nullable=True),
        _record("job", "capture_id", "capture.id", nullable=True),
        _member("job", "asked_by_id"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index(op.f("ix_job_source_id"), "job", ["source_id"])
    op.create_index("ix_job_due", "job", ["state", "due_at"])


def _word(
    column: str, *words: str, nullable: bool = False, name: str | None = None
) -> "sa.Column[Any]":
    known = sa.Enum(
        *words, name=name or column, native_enum=False, create_constraint=True, length=32
    )
    return sa.Column(column, known, nullable=nullable)


def _record(table: str, column: str, refers_to: str, *, nullable: bool = False) -> "sa.Column[Any]":
    other = refers_to.partition(".")[0]
    key = sa.ForeignKey(refers_to, name=op.f(f"fk_{table}_{column}_{other}"))
    return sa.Column(column, sa.Integer(), key, nullable=nullable)


def _member(table: str, column: str) -> "sa.Column[Any]":
    return _record(table, column, "member.id", nullable=True)
