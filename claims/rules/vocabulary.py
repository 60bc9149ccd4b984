"""The fixed words of the desk, as they are stored, shown and exported."""

from enum import StrEnum


class Kind(StrEnum):
    """What sort of statement a claim is, and so what could settle it."""

    FACT = "fact"
    NUMBER = "number"
    QUOTATION = "quotation"
    CAUSAL = "causal"
    PREDICTION = "prediction"
    OPINION = "opinion"
    INCONSISTENCY = "inconsistency"


KIND_DEFINITIONS = {
    Kind.FACT: "An event or a state of affairs.",
    Kind.NUMBER: "A figure or a quantity.",
    Kind.QUOTATION: "That somebody said so.",
    Kind.CAUSAL: "One thing led to another.",
    Kind.PREDICTION: "Something that is yet to happen.",
    Kind.OPINION: "A value judgement; not checkable as such.",
    Kind.INCONSISTENCY: "The article contradicts itself.",
}


class Stance(StrEnum):
    """Which way a piece of evidence points."""

    SUPPORTS = "supports"
    CONTEXT = "context"
    REFUTES = "refutes"


class State(StrEnum):
    """Where a claim stands in the desk's work; derived, see `rules.workflow`."""

    TO_CHECK = "to check"
    IN_REVIEW = "in review"
    DISPUTED = "disputed"
    AGREED = "agreed"
    RULED = "ruled"
    PUBLISHED = "published"
    REOPENED = "reopened"


class Confidence(StrEnum):
    """How sure a reviewer is of a verdict."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class QuestionStatus(StrEnum):
    """Whether a question about a claim has been settled."""

    OPEN = "open"
    ANSWERED = "answered"
    UNANSWERABLE = "unanswerable"


class Placement(StrEnum):
    """Whether a claim's quotation has its place in the article's text.

    `expected`: the full text is not loaded yet. `orphan`: it is loaded, and
    the quotation is not in it.
    """

    EXPECTED = "expected"
    FOUND = "found"
    ORPHAN = "orphan"


class Correction(StrEnum):
    """How far a published ruling was changed."""

    MINOR = "minor"
    UPDATE = "update"
    SUBSTANTIAL = "substantial"
    VOID = "void"


class SourceType(StrEnum):
    """What sort of record or person a source is."""

    OFFICIAL_RECORD = "official record"
    STATEMENT = "statement"
    DATASET = "dataset"
    STUDY = "study"
    NEWS_REPORT = "news report"
    BROADCAST = "broadcast"
    SOCIAL_MEDIA = "social media post"
    IMAGE = "image or video"
    INTERVIEW = "interview"
    BOOK = "book"
    WEB_PAGE = "web page"
    OTHER = "other"


class SpeakerType(StrEnum):
    """Whether a claim is credited to one person, or to a body such as a committee."""

    PERSON = "person"
    BODY = "body"


class Role(StrEnum):
    """What a member may do at the desk; see `rules.roles`."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    OWNER = "owner"


class Obtained(StrEnum):
    """How the bytes of a capture came to the desk."""

    FETCHED = "fetched"
    UPLOADED = "uploaded"


class Damage(StrEnum):
    """What is wrong with kept bytes."""

    MISSING = "missing"
    CHANGED = "changed"


class Mark(StrEnum):
    """How far an excerpt agrees with the text that it is said to come from; the best first."""

    VERBATIM = "verbatim"
    # But for spaces, quotes and dashes.
    NORMALISED = "same words"
    NEARLY = "nearly"
    ABSENT = "not found"


class JobKind(StrEnum):
    """What the desk does in the background."""

    CAPTURE = "capture"
    ARCHIVE = "archive"


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How a person or a body was asked where there is no page and no file."""

    IN_PERSON = "in person"
    PHONE = "by phone"
    VIDEO = "by video call"
    LETTER = "by letter"
    EMAIL = "by e-mail"
    MESSAGE = "by message"
