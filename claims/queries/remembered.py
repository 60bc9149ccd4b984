"""What many pages show and few changes touch, kept until the ledger moves on.

Every change of the desk is an event, so the number of the newest event is the
version of everything: what was read at that number is still right while the
ledger ends there. Each process remembers for itself, and another one's change
is noticed by the same number.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlmodel import Session, SQLModel

Value = TypeVar("Value")

_AS_OF = "read as of event"

# By the engine, so that two desks in one process have nothing of each other.
_kept: "WeakKeyDictionary[Any, dict[Hashable, tuple[int, Any]]]" = WeakKeyDictionary()

# Lists by filter and member are kept too: past this many they are all forgotten.
_MOST = 500


def begin(session: Session, seq: int) -> None:
    """Let a session that only reads use what was read before, as of the ledger's newest event.

    A session in which something was written must not: it could keep what is
    never committed.
    """
    session.info[_AS_OF] = seq


def read(session: Session, key: Hashable, fresh: Callable[[], Value]) -> Value:
    """What `fresh` read since the ledger last moved, or reads now.

    Records come away from their session, so that they stay as they were read.
    """
    seq = session.info.get(_AS_OF)
    if seq is None:
        return fresh()
    kept = _kept.setdefault(session.get_bind(), {})
    held = kept.get(key)
    if held is not None and held[0] == seq:
        return cast(Value, held[1])
    value = fresh()
    for record in value if isinstance(value, list | tuple) else (value,):
        if isinstance(record, SQLModel) and record in session:
            session.expunge(record)
    if len(kept) >= _MOST:
        kept.clear()
    kept[key] = (seq, value)
    return value
