"""The Admiralty scale: how reliable a source is, and how credible what it says.

The two axes are judged apart. Source of the grades: NATO AJP-2.1, "Admiralty code".
"""

RELIABILITY: dict[str, str] = {
    "A": "Completely reliable: no doubt about authenticity, trustworthiness or competence",
    "B": "Usually reliable: minor doubts; a history of mostly valid information",
    "C": "Fairly reliable: some doubts; has given valid information before",
    "D": "Not usually reliable: significant doubts; sometimes valid",
    "E": "Unreliable: lacks authenticity or competence; a history of invalid information",
    "F": "Reliability cannot be judged: nothing to go by yet",
}

CREDIBILITY: dict[int, str] = {
    1: "Confirmed by other, independent sources; logical in itself",
    2: "Probably true: not confirmed, but logical and consistent with what is known",
    3: "Possibly true: not confirmed, reasonably logical, agrees in part",
    4: "Doubtful: not confirmed; possible, but not logical",
    5: "Improbable: not confirmed; contradicted by other information",
    6: "Truth cannot be judged: nothing to compare it with",
}
