"""Where the desk keeps its things and where it listens, as its operator said."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from claims.database import Unusable

# The service of the Internet Archive that saves a page when it is asked to.
WAYBACK = "https://web.archive.org"


@dataclass(frozen=True)
class Configuration:
    """What the operator chose: a data folder, a database, a host and a port.

    `store` says where captured bytes are kept: empty for a folder beside the data, or the
    address of a bucket. `allowed` names hosts that may be fetched from although they have a
    private address. `workers` fetch at once beside the pages of `claims run`.
    `proxies` is the number of proxies before the desk whose word is believed on
    where a request came from and whether it came by https.
    """

    data: Path
    database_url: str
    host: str
    port: int
    proxies: int = 0
    store: str = ""
    allowed: frozenset[str] = frozenset()
    wayback: str = WAYBACK
    wayback_key: str = field(default="", repr=False)
    workers: int = 2

    @classmethod
    def read(
        cls, *, data: str | None = None, host: str | None = None, port: int | None = None
    ) -> "Configuration":
        """Take what the command line says, else the environment, else the defaults.

        Raises Unusable when DESK_PORT, DESK_PROXIES or DESK_WORKERS is not such a number.
        """
        folder = Path(data or os.environ.get("DESK_DATA") or "instance").expanduser().absolute()
        return cls(
            data=folder,
            database_url=os.environ.get("DATABASE_URL") or f"sqlite:///{folder / 'desk.sqlite3'}",
            host=host or os.environ.get("DESK_HOST") or "127.0.0.1",
            port=port if port is not None else _number("DESK_PORT", 5000, most=65535),
            proxies=_number("DESK_PROXIES", 0, most=9),
            store=os.environ.get("DESK_STORE") or "",
            allowed=frozenset(os.environ.get("DESK_FETCH_ALLOW", "").replace(",", " ").split()),
            wayback_key=os.environ.get("DESK_WAYBACK_KEY") or "",
            workers=_number("DESK_WORKERS", 2, most=32),
            wayback=os.environ.get("DESK_WAYBACK") or WAYBACK,
        )

    def prepare(self) -> None:
        """Make the data folder. Raises Unusable when it cannot be written to."""
        try:
            self.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = self.data / f".probe-{os.getpid()}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise Unusable(
                f"The folder {self.data} cannot be written to ({error.strerror}). "
                "Make it writable, or choose another with --data."
            ) from error

    @property
    def captures(self) -> Path:
        """The folder of captured bytes, where no bucket keeps them."""
        return self.data / "captures"

    @property
    def keys(self) -> Path:
        """The folder of the desk's secrets."""
        return self.data / "keys"

    def secret_key(self) -> str:
        """The key that signs sessions and forms; made once, or given as DESK_SECRET_KEY.

        Several machines behind one address have to share it.
        """
        return os.environ.get("DESK_SECRET_KEY") or self._kept("session")

    def welcome_key(self) -> str:
        """The one-time key in the address at which the first owner is made."""
        return self._kept("welcome")

    def forget_welcome_key(self) -> None:
        """Spend the welcome key, once an owner is there."""
        (self.keys / "welcome").unlink(missing_ok=True)

    def _kept(self, name: str) -> str:
        path = self.keys / name
        try:
            # Created with its rights and its content at once: two processes may start together.
            fresh = self.keys / f".{name}-{secrets.token_hex(4)}"
            if not path.exists():
                descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(secrets.token_urlsafe(32))
                try:
                    os.link(fresh, path)
                except FileExistsError:
                    pass
                finally:
                    fresh.unlink()
            return path.read_text(encoding="ascii").strip()
        except OSError as error:
            raise Unusable(
                f"The key {path} cannot be read or made ({error.strerror}). "
                "Make the folder writable, or choose another with --data."
            ) from error


def _number(name: str, otherwise: int, *, most: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if text.isascii() and text.isdigit() and int(text) <= most:
        return int(text)
    raise Unusable(f"{name} is {text!r}; it has to be a whole number from 0 to {most}.")
