"""Where the bytes of captures lie: each under its SHA-256, in a folder or in a bucket.

A name says what its bytes are, so the same bytes are kept once, and bytes that
changed are noticed whenever they are read.
"""

import base64
import hashlib
import importlib.util
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from claims.database import Unusable

SETTING = "DESK_STORE"

_DIGEST = re.compile(r"[0-9a-f]{64}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

# A bucket that does not answer is given up after a minute or two, not waited for.
_CONNECT_SECONDS = 10
_READ_SECONDS = 30
_ATTEMPTS = 4

# What a bucket answers, and what its operator has to know.
_REMEDIES = {
    "NoSuchBucket": "there is no such bucket",
    "AccessDenied": "its keys do not allow it",
    "InvalidAccessKeyId": "it does not know the access key",
    "SignatureDoesNotMatch": "it does not accept the secret key",
}


class Health(StrEnum):
    """Whether the bytes under a name are still what the name says."""

    SOUND = "sound"
    MISSING = "missing"
    CHANGED = "changed"


class Missing(LookupError):  # noqa: N818 - what the store says, as the next two
    """The store holds nothing under this name."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"The store has no bytes with the SHA-256 {digest}.")
        self.digest = digest


class Changed(Exception):  # noqa: N818
    """The bytes under this name are no longer those that were put."""

    def __init__(self, digest: str, found: str) -> None:
        super().__init__(f"The bytes kept as {digest} were changed: their SHA-256 is {found}.")
        self.digest = digest
        self.found = found


class Unavailable(Exception):  # noqa: N818
    """The store itself cannot be read or written now; the message says why."""


class Store(Protocol):
    """Bytes under their SHA-256, in lower-case hexadecimal. Every way in may raise Unavailable."""

    def put(self, body: bytes) -> str:
        """Keep bytes for good, and say their digest; the same bytes twice are one.

        Damaged bytes that lie under the name are replaced. They are nobody's
        capture, and whoever cites the digest has to get what it says.
        """

    def get(self, digest: str) -> bytes:
        """The bytes. Raises Missing, and Changed when they are not what their name says."""

    def check(self, digest: str) -> Health:
        """Read the bytes and say whether they are sound."""

    def remove(self, digest: str) -> None:
        """Let go of the bytes; of what is not there, nothing is to be done."""

    def all(self) -> Iterator[str]:
        """The digest of everything in the store, damaged or not."""


def at(setting: str, folder: Path) -> Store:
    """The store that the operator chose: the folder when the setting is empty, or a bucket.

    A bucket is written s3://bucket/prefix?endpoint=https://…&region=…; all but
    its name may be left out. Raises Unusable, naming DESK_STORE, for anything else.
    """
    setting = setting.strip()
    if not setting:
        return Folder(folder)

    def unusable(reason: str) -> Unusable:
        return Unusable(
            f"{SETTING} {reason}. Leave it out to keep captures in {folder}, or write "
            "s3://bucket/prefix?endpoint=https://…&region=…"
        )

    try:
        parts = urlsplit(setting)
        asked = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        raise unusable(f"is no address that can be read: “{setting}”") from None
    if parts.scheme != "s3":
        raise unusable(f"has to begin with s3://, and is “{setting}”")
    if "@" in parts.netloc:
        raise unusable("may not hold the keys of the bucket; set AWS_ACCESS_KEY_ID and its like")
    if not _BUCKET.fullmatch(parts.netloc):
        raise unusable(
            f"names a bucket “{parts.netloc}”; a bucket has 3 to 63 small letters, digits, "
            "dots and hyphens"
        )
    unknown = asked.keys() - {"endpoint", "region"}
    if unknown or any(len(values) > 1 for values in asked.values()) or parts.fragment:
        raise unusable("takes endpoint and region after the “?”, each once, and nothing else")
    endpoint = asked.get("endpoint", [""])[0]
    if endpoint and not re.match(r"https?://[^/?#]", endpoint):
        raise unusable(f"has the endpoint “{endpoint}”; one begins with https:// or http://")
    if importlib.util.find_spec("boto3") is None:
        raise unusable(
            "names a bucket, and the library for buckets is not installed: "
            "pip install 'fact-desk[bucket]'"
        )
    region = asked.get("region", [""])[0]
    return Bucket(parts.netloc, parts.path.strip("/"), endpoint or None, region or None)


@dataclass(frozen=True)
class Folder:
    """A store in a folder, made when the first bytes come."""

    path: Path

    def put(self, body: bytes) -> str:
        """See Store. Written beside, forced to the disk, then renamed: never half a file."""
        digest = _digest(body)
        if self.check(digest) is Health.SOUND:
            return digest
        with self._told():
            place = self._place(digest)
            self._make(place.parent)
            beside = place.with_name(f".{digest}-{secrets.token_hex(4)}")
            try:
                with beside.open("xb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
                beside.replace(place)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
            _sync(place.parent)
        return digest

    def get(self, digest: str) -> bytes:
        """See Store."""
        with self._told():
            try:
                body = self._place(digest).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                raise Missing(digest) from None
        return _sound(digest, body)

    def check(self, digest: str) -> Health:
        """See Store."""
        return _health(self, digest)

    def remove(self, digest: str) -> None:
        """See Store."""
        with self._told():
            self._place(digest).unlink(missing_ok=True)

    def all(self) -> Iterator[str]:
        """See Store."""
        with self._told():
            for place in self.path.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
                if _DIGEST.fullmatch(place.name) and place == self._place(place.name):
                    yield place.name

    def _place(self, digest: str) -> Path:
        return self.path / _key(digest)

    def _make(self, folder: Path) -> None:
        """Make a folder whose name survives a power cut, and those above it."""
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            _sync(folder.parent)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Unavailable(
                f"The folder of captures, {self.path}, cannot be used: {error.strerror or error}."
            ) from error


@dataclass(frozen=True)
class Bucket:
    """A store in a bucket of Amazon S3, or of anything that speaks its protocol.

    The keys are found where boto3 looks for them: AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY, a profile, or the machine's own role. Objects are
    named as the files of a Folder are, so that one can be copied to the other.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None

    def put(self, body: bytes) -> str:
        """See Store. The bucket compares what arrived with the digest, where it can."""
        digest = _digest(body)
        # No condition on the write: two who put at once put the same bytes.
        if self.check(digest) is not Health.SOUND:
            checksum = base64.b64encode(bytes.fromhex(digest)).decode()
            with self._told():
                self._client.put_object(
                    Bucket=self.bucket,
                    Key=self._name(digest),
                    Body=body,
                    ContentType="application/octet-stream",
                    ChecksumSHA256=checksum,
                )
        return digest

    def get(self, digest: str) -> bytes:
        """See Store."""
        from botocore.exceptions import ClientError

        with self._told():
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=self._name(digest))
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "404"):
                    raise Missing(digest) from None
                raise
            body: bytes = answer["Body"].read()
        return _sound(digest, body)

    def check(self, digest: str) -> Health:
        """See Store."""
        return _health(self, digest)

    def remove(self, digest: str) -> None:
        """See Store."""
        with self._told():
            self._client.delete_object(Bucket=self.bucket, Key=self._name(digest))

    def all(self) -> Iterator[str]:
        """See Store."""
        start = f"{self.prefix}/" if self.prefix else ""
        with self._told():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=start):
                for found in page.get("Contents", ()):
                    name = found["Key"].rpartition("/")[2]
                    if _DIGEST.fullmatch(name) and found["Key"] == self._name(name):
                        yield name

    def _name(self, digest: str) -> str:
        return f"{self.prefix}/{_key(digest)}" if self.prefix else _key(digest)

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        # A session of its own: the one that boto3 shares may not be used by several threads.
        session = boto3.session.Session()
        return session.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region or session.region_name or "us-east-1",
            config=Config(
                connect_timeout=_CONNECT_SECONDS,
                read_timeout=_READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
                # Few but Amazon give each bucket a name of its own in the DNS.
                s3={"addressing_style": "path" if self.endpoint else "auto"},
                # Nor do all take checksums that follow the body; the digest is sent before it.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        where = f"The bucket {self.bucket}" + (f" at {self.endpoint}" if self.endpoint else "")
        try:
            yield
        except NoCredentialsError as error:
            raise Unavailable(
                f"{where} cannot be used: no keys were found. Set AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY."
            ) from error
        except ClientError as error:
            said = error.response.get("Error", {})
            code = said.get("Code", "")
            reason = _REMEDIES.get(code) or f"it answered “{said.get('Message') or code}”"
            raise Unavailable(f"{where} cannot be used: {reason}.") from error
        except (BotoCoreError, OSError) as error:
            raise Unavailable(f"{where} cannot be reached: {error}") from error


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _key(digest: str) -> str:
    """The path of some bytes in a store: ab/cd/abcd…, so that no folder grows too long."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"“{digest}” is no SHA-256 in hexadecimal")
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _sound(digest: str, body: bytes) -> bytes:
    found = _digest(body)
    if found != digest:
        raise Changed(digest, found)
    return body


def _health(store: Store, digest: str) -> Health:
    try:
        store.get(digest)
    except Missing:
        return Health.MISSING
    except Changed:
        return Health.CHANGED
    return Health.SOUND


def _sync(folder: Path) -> None:
    """Force the names in a folder to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
