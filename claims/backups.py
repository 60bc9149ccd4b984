"""Backups: the whole desk in one file, and a desk made of one again.

A backup is a zip with a `manifest.json`, a part of JSON lines for each table, the desk's keys
and the bytes of its captures. It is the same for SQLite and PostgreSQL, so that a desk moves from
one to the other by it.
Tables are read and written as the database describes them, not as the models do: a backup is
put into tables of its own time, which are brought up to date afterwards.
"""

import hashlib
import os
import re
import secrets
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from sqlmodel import Session, SQLModel

from claims import __version__, database, ledger, tables
from claims.captures.store import Changed, Missing, Store, Unavailable
from claims.database import Unusable
from claims.models.columns import now
from claims.rules.refusals import Refused

# Counts up when older programs could no longer read what is written.
FORMAT = 1

# The folders of a backup; captures are named by their digest.
TABLES, KEYS, CAPTURES = "tables", "keys", "captures"
MANIFEST = "manifest.json"

# A file that swells more than this when it is unpacked was made to fill the disk. Small ones
# may: a page of the same letter shrinks a thousandfold.
SWELLS = 200
SMALL = 256 * 1024 * 1024
# The most that either database holds in one field.
_LONGEST_ROW = 1024 * 1024 * 1024

_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Progress = Callable[[str], None]


class Part(BaseModel):
    """One file of a backup, and what it has to be like when it is read."""

    name: str
    rows: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: str


class LedgerEnd(BaseModel):
    """Where the ledger ended when the backup was made."""

    events: int
    head: str


class Edition(BaseModel):
    """Which kind of backup a file is; of a newer one nothing else is understood."""

    format: int
    program: str


class Manifest(Edition):
    """What a backup holds."""

    revision: str
    engine: str
    made_at: AwareDatetime
    ledger: LedgerEnd
    parts: list[Part]

    @property
    def keys(self) -> list[Part]:
        """The parts that are keys of the desk."""
        return self._in(KEYS)

    @property
    def captures(self) -> list[Part]:
        """The parts that are bytes of captures."""
        return self._in(CAPTURES)

    def _in(self, folder: str) -> list[Part]:
        return [part for part in self.parts if part.name.startswith(f"{folder}/")]

    def rows(self, table: str) -> int:
        """How many records of a table the backup holds."""
        return next((part.rows for part in self.parts if part.name == _part_of(table)), 0)


def default_name(moment: datetime) -> str:
    """What a backup is called where nobody says otherwise."""
    return f"fact-desk-{moment.astimezone(UTC):%Y-%m-%d-%H%M}.zip"


# ---- making one ---------------------------------------------------------------------------------


def make(
    engine: sa.Engine, keys: Path, store: Store | None, file: Path, *, progress: Progress
) -> Manifest:
    """Write the desk as it is at this moment to a file, while members go on working.

    Without a store, the bytes of captures are left out; damaged ones always are, and
    `progress` hears of them.
    The file appears under its name when it is whole and has been read back; nobody else may
    read it, for it holds the desk's keys.
    """
    unfinished = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w+b") as out:
            _write(engine, keys, store, out, progress)
            out.flush()
            os.fsync(out.fileno())
            manifest = _checked(out)
        unfinished.replace(file)
    except OSError as error:
        raise Unusable(
            f"The backup {file} cannot be written ({error.strerror}): choose another place for it."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(
    engine: sa.Engine, keys: Path, store: Store | None, out: BinaryIO, progress: Progress
) -> None:
    with (
        zipfile.ZipFile(out, "w") as archive,
        database.snapshot(engine) as connection,
    ):
        revision = database.revision(connection)
        if revision is None:
            raise Unusable("There is no desk in this database: check DATABASE_URL.")
        parts = [
            _put(
                archive, _part_of(name), tables.Table(connection, name).lines(connection), progress
            )
            for name in tables.names(connection)
        ]
        parts += [
            _put(archive, f"{KEYS}/{key.name}", key.read_bytes().splitlines(keepends=True))
            for key in _kept(keys)
        ]
        if store:
            parts += [
                _put(archive, f"{CAPTURES}/{digest}", body.splitlines(keepends=True))
                for digest, body in _captured(connection, store, progress)
            ]
        seq, digest = ledger.end(Session(connection))
        manifest = Manifest(
            format=FORMAT,
            program=__version__,
            revision=revision,
            engine=connection.dialect.name,
            made_at=now(),
            ledger=LedgerEnd(events=seq, head=digest),
            parts=parts,
        )
        _put(archive, MANIFEST, [manifest.model_dump_json(indent=2).encode()])


def _part_of(table: str) -> str:
    return f"{TABLES}/{table}.jsonl"


def _kept(keys: Path) -> list[Path]:
    """The files of the desk's keys; what begins with a dot is still being made."""
    return sorted(path for path in keys.glob("*") if path.is_file() and _KEY.fullmatch(path.name))


def _captured(
    connection: sa.Connection, store: Store, progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """The bytes of every capture that is sound, by their digest."""
    for digest in tables.digests(connection):
        try:
            yield digest, store.get(digest)
        except (Missing, Changed) as damage:
            progress(f"Left out: {damage}")
        except Unavailable as error:
            raise Unusable(str(error)) from error


def _put(
    archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes], progress: Progress | None = None
) -> Part:
    digest, size, rows = hashlib.sha256(), 0, 0
    entry = zipfile.ZipInfo(name, now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    with archive.open(entry, "w", force_zip64=True) as out:
        for piece in _counted(pieces, name, progress):
            out.write(piece)
            digest.update(piece)
            size += len(piece)
            rows += 1
    return Part(name=name, rows=rows, size=size, sha256=digest.hexdigest())


# ---- making a desk of one -----------------------------------------------------------------------


def restore(
    engine: sa.Engine,
    keys: Path,
    store: Store,
    file: Path,
    *,
    prepare: Callable[[], None],
    progress: Progress,
) -> Manifest:
    """Make a desk of a backup, in a database that holds none yet.

    All of it or nothing: until the last record fits, the database stays as it was. Refused for a
    file that is no whole backup, or of a newer program, and for a desk that somebody has used.
    """
    with _reading(file) as source:
        manifest = _checked(source)
        prepare()
        with (
            zipfile.ZipFile(source) as archive,
            database.opened(engine) as connection,
            database.alone(connection),
        ):
            _make_room(connection)
            database.migrate(connection, manifest.revision)
            _fill(connection, archive, manifest, progress)
            # Before the commit: were they lost, the desk would come back without them.
            for part in manifest.captures:
                _keep_capture(store, part.name, b"".join(_lines(archive, part)))
            for part in manifest.keys:
                _keep(keys, part.name, b"".join(_lines(archive, part)))
            connection.commit()
    database.upgrade(engine)
    return manifest


def _fill(
    connection: sa.Connection, archive: zipfile.ZipFile, manifest: Manifest, progress: Progress
) -> None:
    there = [tables.Table(connection, name) for name in tables.names(connection)]
    parts = {part.name: part for part in manifest.parts if part.name.startswith(f"{TABLES}/")}
    amiss = {_part_of(table.name) for table in there} ^ set(parts)
    if amiss:
        raise Refused(f"This backup has not the tables of its time, as {min(amiss)} shows.")
    try:
        with tables.references_last(connection, there):
            for table in there:
                part = parts[_part_of(table.name)]
                table.fill(connection, _counted(_lines(archive, part), part.name, progress))
    except (ValueError, sa.exc.IntegrityError, sa.exc.DataError) as error:
        cause = database.cause(error) if isinstance(error, sa.exc.DBAPIError) else str(error)
        raise Refused(
            f"The records of this backup do not fit together, so none was restored. ({cause:.300})"
        ) from error
    tables.number_on(connection, there)
    if ledger.end(Session(connection)) != (manifest.ledger.events, manifest.ledger.head):
        raise Refused("The ledger of this backup does not end where its manifest says.")


def _make_room(connection: sa.Connection) -> None:
    """Clear away a desk that was founded and not used yet. Refused for any other."""
    there = tables.names(connection)
    if not there:
        return
    # What is no table of ours is left alone, even if the desk beside it has not been used.
    ours = {"event"} <= set(there) <= set(SQLModel.metadata.tables)
    if ours and ledger.only_founded(Session(connection)):
        tables.clear(connection)
        return
    where = connection.engine.url.render_as_string(hide_password=True)
    raise Refused(
        f"There are records in {where} already, and a backup is restored into an empty desk only: "
        "choose a new folder with --data, or an empty PostgreSQL database with DATABASE_URL."
    )


def _keep_capture(store: Store, name: str, body: bytes) -> None:
    try:
        digest = store.put(body)
    except Unavailable as error:
        raise Unusable(str(error)) from error
    if name != f"{CAPTURES}/{digest}":
        raise Refused(f"{_DAMAGED} ({name} holds other bytes than it says.)")


def _keep(keys: Path, name: str, key: bytes) -> None:
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = keys / name.removeprefix(f"{KEYS}/")
    fresh = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(key)
    fresh.replace(path)


# ---- the file -----------------------------------------------------------------------------------


@contextmanager
def _reading(file: Path) -> Iterator[BinaryIO]:
    """Open a backup; whatever is wrong with it as a zip is said in one sentence."""
    try:
        with file.open("rb") as source:
            yield source
    except OSError as error:
        raise Unusable(f"The backup {file} cannot be read ({error.strerror}).") from error


def _checked(source: BinaryIO) -> Manifest:
    """Read a backup through, and find every part of it as its manifest says."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            _check_names(archive, manifest)
            _check_sizes(archive, source.seek(0, os.SEEK_END))
            for part in manifest.parts:
                deque(_lines(archive, part), maxlen=0)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"{_DAMAGED} ({str(error) or 'it ends too early'})") from error
    return manifest


_DAMAGED = "This file is no backup of a desk, or it is damaged: use another copy of it."


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            text = file.read(4 * 1024 * 1024)
    except KeyError:
        raise Refused(f"{_DAMAGED} (It has no {MANIFEST}.)") from None
    try:
        edition = Edition.model_validate_json(text)
        if edition.format > FORMAT:
            raise Refused(
                f"This backup was made by a newer Fact Desk, {edition.program[:20]!r}, and this is "
                f"{__version__}: update the program, then restore it."
            )
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise Refused(f"{_DAMAGED} (Its {MANIFEST} is not understood.)") from error
    if not database.knows(manifest.revision):
        raise Refused(
            f"This backup was made by a newer Fact Desk, {manifest.program[:20]!r}, with tables "
            "that this one does not know: update the program, then restore it."
        )
    return manifest


def _check_names(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Refuse a backup that holds anything but what its manifest names, each once and well named."""
    there = sorted(archive.namelist())
    named = sorted([MANIFEST, *(part.name for part in manifest.parts)])
    if there != named or len(set(named)) < len(named):
        raise Refused(f"{_DAMAGED} (It does not hold what its {MANIFEST} names.)")
    for part in manifest.parts:
        folder, _, name = part.name.partition("/")
        if folder == KEYS and _KEY.fullmatch(name):
            continue
        if folder == CAPTURES and _DIGEST.fullmatch(name):
            continue
        if folder == TABLES and re.fullmatch(r"[a-z_]+\.jsonl", name):
            continue
        raise Refused(f"{_DAMAGED} (A backup has no part {part.name[:80]!r}.)")


def _check_sizes(archive: zipfile.ZipFile, packed: int) -> None:
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > SMALL + packed * SWELLS:
        raise Refused(
            f"This file would swell from {packed:,} to {unpacked:,} bytes, as no backup of a desk "
            "does: nothing of it was restored."
        )


def _lines(archive: zipfile.ZipFile, part: Part) -> Iterator[bytes]:
    """The lines of a part; Refused at its end, or before, if they are not those that it had."""
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(part.name) as file:
        while line := file.readline(_LONGEST_ROW):
            digest.update(line)
            size += len(line)
            rows += 1
            if size > part.size:
                break
            yield line
    if (size, rows, digest.hexdigest()) != (part.size, part.rows, part.sha256):
        raise Refused(f"{_DAMAGED} ({part.name} is not as it was written.)")


def _counted(pieces: Iterable[bytes], name: str, progress: Progress | None) -> Iterator[bytes]:
    """The pieces of a part; now and then says how many went by."""
    said = time.monotonic()
    for number, piece in enumerate(pieces, 1):
        yield piece
        if progress and number % 1000 == 0 and time.monotonic() - said > 2:
            said = time.monotonic()
            progress(f"{name}: {number:,} rows")
