"""When what failed in the background is tried again."""

from datetime import timedelta

# A server that was restarted is back after the first ones, a network after the last.
_WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


def wait(attempts: int, *, asked: int | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None when that was the last.

    `asked` are the seconds that the other side asked to wait, which counts if it is longer.
    """
    if attempts > len(_WAITS):
        return None
    own = _WAITS[max(attempts, 1) - 1]
    return max(own, timedelta(seconds=asked)) if asked else own
