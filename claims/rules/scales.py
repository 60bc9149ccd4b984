"""The desk's first rating scale, and the words of which any scale is made."""

from dataclasses import dataclass

COLOURS = ("green", "lime", "amber", "orange", "vermilion", "red", "slate", "stone")
SHAPES = (
    "full-tick",
    "three-quarters",
    "half",
    "triangle",
    "quarter",
    "full-cross",
    "question",
    "dash",
)


# Where the number of a rating starts and ends: false and true.
WORST, BEST = 1, 5


@dataclass(frozen=True)
class RatingDefinition:
    """One value of a rating scale.

    `number` runs from 1 (false) to 5 (true); a rating off that line has none.
    """

    key: str
    name: str
    number: int | None
    colour: str
    shape: str
    definition: str
    needs_evidence: bool = True


DEFAULT_SCALE = (
    RatingDefinition(
        "true",
        "True",
        5,
        "green",
        "full-tick",
        "The evidence bears the claim out, and nothing of weight is missing.",
    ),
    RatingDefinition(
        "mostly-true",
        "Mostly true",
        4,
        "lime",
        "three-quarters",
        "Right in substance; a detail needs correcting or adding.",
    ),
    RatingDefinition(
        "half-true",
        "Half true",
        3,
        "amber",
        "half",
        "Partly right; leaves out or gets wrong something that matters.",
    ),
    RatingDefinition(
        "misleading",
        "Misleading",
        None,
        "orange",
        "triangle",
        "The words may be right, but they lead a reader to a wrong conclusion.",
    ),
    RatingDefinition(
        "mostly-false",
        "Mostly false",
        2,
        "vermilion",
        "quarter",
        "Wrong in substance, with an element of truth.",
    ),
    RatingDefinition(
        "false",
        "False",
        1,
        "red",
        "full-cross",
        "The evidence contradicts the claim.",
    ),
    RatingDefinition(
        "unproven",
        "Unproven",
        None,
        "slate",
        "question",
        "The evidence that could be found neither bears the claim out nor refutes it.",
    ),
    RatingDefinition(
        "not-checkable",
        "Not checkable",
        None,
        "stone",
        "dash",
        "An opinion, a prediction or a statement that no evidence could settle.",
        needs_evidence=False,
    ),
)
