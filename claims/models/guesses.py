"""Wrong tries of passwords and keys, which every process of the desk counts together."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from claims.models.columns import UtcDateTime


class Guesses(SQLModel, table=True):
    """What is remembered of wrong tries on one account or from one address.

    The key is a keyed digest: neither e-mails nor addresses stand here.
    """

    __tablename__ = "guesses"

    key: str = Field(primary_key=True, max_length=64)
    forgotten_at: datetime = Field(sa_type=UtcDateTime, index=True)
    open_at: datetime = Field(sa_type=UtcDateTime)
