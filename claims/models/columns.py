"""Column types and traits that the tables share."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

# SQLite can only alter a table by copying it, and then needs constraints by name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; refuses one without a zone. SQLite drops the zone, so it is put back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else in_utc(value)


def in_utc(value: datetime) -> datetime:
    """A moment as a database gave it back; without a zone it is in UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def moment(**options: Any) -> Any:
    """A column that holds a moment in UTC; the present one unless `default` says otherwise."""
    options.setdefault("default_factory", now)
    return Field(sa_type=UtcDateTime, **options)


def maybe_moment(**options: Any) -> Any:
    """A column that holds a moment in UTC, or nothing yet."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True, **options)


def word(words: type[StrEnum], **options: Any) -> Any:
    """A column that holds one of the desk's fixed words, stored as it is spoken."""
    column_type = sa.Enum(
        words,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        name=words.__name__.lower(),
    )
    return Field(sa_type=column_type, **options)


class Withdrawable(SQLModel):
    """A record that is never deleted: it is withdrawn with a reason, and can be restored."""

    withdrawn_at: datetime | None = maybe_moment()
    withdrawn_by_id: int | None = Field(default=None, foreign_key="member.id")
    withdrawal_reason: str | None = Field(default=None, max_length=2000)


class Versioned(SQLModel):
    """A record that members edit; each save counts its version up."""

    version: int = Field(default=None, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy hands over the class
        return {"version_id_col": cls.version}
