"""The desk's tables, by subject."""

from claims.models.articles import Article, Snapshot
from claims.models.captures import Capture, Content, ContentText, ExcerptCheck, SketchPart
from claims.models.claims import (
    Appearance,
    Claim,
    ClaimLink,
    ClaimTag,
    ClaimWords,
    Lead,
    Question,
    Speaker,
    Tag,
)
from claims.models.desk import Desk, Receipt
from claims.models.discussion import Comment
from claims.models.evidence import Evidence
from claims.models.guesses import Guesses
from claims.models.jobs import Job
from claims.models.ledger import Event, LedgerHead
from claims.models.members import Invitation, Member
from claims.models.origins import Origin, OriginHint
from claims.models.reports import Report
from claims.models.scales import Rating, Scale
from claims.models.sources import Source, SourceWords
from claims.models.verdicts import Ruling, Verdict, VerdictEvidence

__all__ = [
    "Appearance",
    "Article",
    "Capture",
    "Claim",
    "ClaimLink",
    "ClaimTag",
    "ClaimWords",
    "Comment",
    "Content",
    "ContentText",
    "Desk",
    "Event",
    "Evidence",
    "ExcerptCheck",
    "Guesses",
    "Invitation",
    "Job",
    "Lead",
    "LedgerHead",
    "Member",
    "Origin",
    "OriginHint",
    "Question",
    "Rating",
    "Receipt",
    "Report",
    "Ruling",
    "Scale",
    "SketchPart",
    "Snapshot",
    "Source",
    "SourceWords",
    "Speaker",
    "Tag",
    "Verdict",
    "VerdictEvidence",
]
