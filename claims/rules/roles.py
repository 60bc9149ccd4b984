"""Which role may take which action: the one table that the server asks."""

from enum import StrEnum

from claims.rules.vocabulary import Role


class Action(StrEnum):
    """Something that a member asks the desk to do."""

    READ = "read"
    REVIEW = "review"
    RULE = "rule"
    REPORT = "report"
    POLICY = "policy"
    PEOPLE = "people"
    SETTINGS = "settings"


_REVIEWER = frozenset({Action.READ, Action.REVIEW})
_EDITOR = _REVIEWER | {Action.RULE, Action.REPORT, Action.POLICY}

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.VIEWER: frozenset({Action.READ}),
    Role.REVIEWER: _REVIEWER,
    Role.EDITOR: _EDITOR,
    Role.OWNER: _EDITOR | {Action.PEOPLE, Action.SETTINGS},
}

ROLE_DEFINITIONS = {
    Role.VIEWER: "Reads everything the desk shows.",
    Role.REVIEWER: "Also works on claims, evidence and questions, and gives verdicts.",
    Role.EDITOR: "Also settles and publishes rulings, freezes reports, sets the review policy.",
    Role.OWNER: "Also invites people, changes roles and the desk’s settings.",
}


def may(role: Role, action: Action) -> bool:
    """Whether a member with this role may take this action."""
    return action in ALLOWED[role]
