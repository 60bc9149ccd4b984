"""The desk's tables, by subject."""

from claims.models.articles import Article, Snapshot
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
from claims.models.ledger import Event, LedgerHead
from claims.models.members import Invitation, Member
from claims.models.reports import Report
from claims.models.scales import Rating, Scale
from claims.models.sources import Source, SourceWords
from claims.models.verdicts import Ruling, Verdict, VerdictEvidence

__all__ = [
    "Appearance",
    "Article",
    "Claim",
    "ClaimLink",
    "ClaimTag",
    "ClaimWords",
    "Comment",
    "Desk",
    "Event",
    "Evidence",
    "Guesses",
    "Invitation",
    "Lead",
    "LedgerHead",
    "Member",
    "Question",
    "Rating",
    "Receipt",
    "Report",
    "Ruling",
    "Scale",
    "Snapshot",
    "Source",
    "SourceWords",
    "Speaker",
    "Tag",
    "Verdict",
    "VerdictEvidence",
]
