"""When what failed in the background is tried again, and when a worker counts as gone."""

from datetime import datetime, timedelta
from enum import StrEnum

# A worker says so often that it still works on a job. One that was not heard of for so long is
# gone, and its job is due again.
BEAT = timedelta(seconds=5)
SILENCE = timedelta(seconds=30)

# So many workers in a row may stop with a job in hand, as when a machine is started anew. Then
# the job counts as what stops them.
MOST_LOST = 3

# A server that was restarted is back after the first ones, a network after the last.
_WAITS = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)


class Worker(StrEnum):
    """Whether a worker is known to be at work, missed its last signs of life, or is gone."""

    AT_WORK = "at work"
    SILENT = "silent"
    GONE = "gone"


def wait(attempts: int, *, asked: int | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None when that was the last.

    `asked` are the seconds that the other side asked to wait, which counts if it is longer.
    """
    if attempts > len(_WAITS):
        return None
    own = _WAITS[max(attempts, 1) - 1]
    return max(own, timedelta(seconds=asked)) if asked else own


def worker(due_at: datetime, at: datetime) -> Worker:
    """What is known at a moment of the worker that has a job, by when that is due again."""
    if at >= due_at:
        return Worker.GONE
    return Worker.SILENT if at > due_at - SILENCE + 3 * BEAT else Worker.AT_WORK
