"""How the desk says no, in a sentence for the member who asked."""

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818 - the desk refuses; that is no error
    """A rule of the desk does not allow this; the message says what would."""


class Conflict(Refused):
    """Somebody else saved first.

    Carries what each field of the form holds `now`, the record's current
    version and which record it is `of`, so that a page can show it beside what
    the member typed and say who changed it.
    """

    def __init__(self, now: Mapping[str, str], version: int, of: tuple[str, int]) -> None:
        super().__init__(
            "Somebody else changed this while you were editing. Both versions are here: "
            "take theirs, keep yours or join the two, then save again."
        )
        self.now = dict(now)
        self.version = version
        self.of = of


def check_version(
    read: int, current: int | None, now: Mapping[str, str], *, of: tuple[str, int]
) -> None:
    """Raise Conflict when a record, by its kind and id, has moved on since the member read it."""
    if read != current:
        raise Conflict(now, current or 0, of)
