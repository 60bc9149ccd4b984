"""One request to one host, through a gate that only checked addresses pass.

Import it where it is used: it brings the HTTP client with it.
"""

import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from socket import EAI_NONAME, SOCK_STREAM, gaierror, getaddrinfo
from threading import Thread

import httpcore2
import httpx2

from claims import __version__
from claims.captures import packing
from claims.captures.limits import Clock, Limits, NotFetched, shown, too_large
from claims.rules import addresses, networks

# The numbers of a host, as a name server tells them.
Resolve = Callable[[str, int], Sequence[str]]

_PORTS = {"http": 80, "https": 443}

# A host that has several addresses is not waited for at the first one.
_CONNECT = 10.0

# Nobody at the desk waits longer than a day for a page.
_LONGEST_WAIT = 86_400

# What a page may need on the wire beside its bytes: headers, the frames of its chunks.
_WRAPPING = 1_000_000

_HEADERS = {
    "User-Agent": f"FactDesk/{__version__} (evidence capture)",
    "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
    "Accept-Encoding": packing.READ,
    "Connection": "close",
}

_BY_HAND = "Save the page in a browser and add it as a file."

# What OpenSSL finds wrong with a certificate, by its numbers.
_CERTIFICATE = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "the site signed it itself",
    19: "nobody whom the desk trusts signed it",
    20: "nobody whom the desk trusts signed it",
    21: "nobody whom the desk trusts signed it",
    62: "it is made out to another site",
    64: "it is made out to another site",
}


def resolved(host: str, port: int) -> Sequence[str]:
    """What the name servers of this machine say."""
    found = getaddrinfo(host, port, type=SOCK_STREAM)
    return tuple(dict.fromkeys(str(place[0]) for *_, place in found))


def parsed(address: str) -> httpx2.URL:
    """An address as it is asked for: a host in plain letters, and no fragment.

    Refused unless it is one of the web that names nobody.
    """
    bare = address.strip()
    if not addresses.is_web(bare):
        raise NotFetched(
            f"“{shown(bare)}” is no address of the web. Give one that begins with http:// or https://."
        )
    try:
        url = httpx2.URL(bare)
        host = url.raw_host.decode("ascii").removesuffix(".")
        number = networks.number(host)
        if not 0 < port(url) < 65_536:
            raise ValueError(url.port)
    except (httpx2.InvalidURL, ValueError) as error:
        raise NotFetched(
            f"“{shown(bare)}” does not name its site in a way that everybody reads alike. "
            "Check the part between “//” and the next “/”."
        ) from error
    if url.userinfo:
        raise NotFetched(
            "The address carries a user name or a password. Leave out what stands before the “@”."
        )
    return url.copy_with(host=host if number is None else str(number), fragment=None)


def port(url: httpx2.URL) -> int:
    return _PORTS[url.scheme] if url.port is None else url.port


def allowed(host: str, port: int, names: frozenset[str]) -> bool:
    """Whether a host is named among those of one's own network, with its port or without."""
    bracketed = f"[{host}]" if ":" in host else host
    named = {name.lower() for name in names}
    return not named.isdisjoint((host, bracketed, f"{bracketed}:{port}"))


@dataclass(frozen=True)
class Answer:
    """The head of what a host answered, and the way to its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    protocol: str
    ip: str
    _chunks: Iterable[bytes]
    _limits: Limits

    def first(self, name: str) -> str:
        """The first value under a name, or nothing."""
        return next(iter(self._values(name)), "")

    @property
    def wait(self) -> int | None:
        """The seconds that the host asks to wait, which it gives as a number or as a date."""
        said = self.first("retry-after")
        if re.fullmatch("[0-9]{1,12}", said):
            seconds = int(said)
        else:
            try:
                when = parsedate_to_datetime(said)
                zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
                seconds = int((zoned - datetime.now(UTC)).total_seconds())
            except (ValueError, OverflowError):
                return None
        return min(max(seconds, 0), _LONGEST_WAIT)

    def body(self, told: Callable[[int, int | None], None]) -> bytes:
        """The bytes after decompression. `told` hears of those that crossed the wire."""
        length = self.first("content-length")
        expected = int(length) if re.fullmatch("[0-9]{1,15}", length) else None
        if expected and expected > self._limits.size:
            raise too_large(self._limits.size)
        named = ",".join(self._values("content-encoding")).lower()
        codings = [name.strip() for name in named.split(",")]
        found = bytearray()
        for piece in packing.unpacked(self._told(told, expected), codings, self._limits.size):
            found += piece
        return bytes(found)

    def _values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    def _told(
        self, told: Callable[[int, int | None], None], expected: int | None
    ) -> Iterator[bytes]:
        size = 0
        for chunk in self._chunks:
            size += len(chunk)
            told(size, expected)
            yield chunk


@contextmanager
def exchange(
    url: httpx2.URL,
    limits: Limits,
    clock: Clock,
    resolve: Resolve,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    content: bytes | None = None,
) -> Iterator[Answer]:
    """Ask one host once. It follows nothing, keeps no cookie, and knows no proxy."""
    line = _Line(limits, clock, resolve)
    target = httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=port(url), target=url.raw_path
    )
    sent = {"Host": url.netloc.decode("ascii"), **_HEADERS, **dict(headers)}
    with (
        _in_words(line, url.host),
        httpcore2.HTTPConnection(target.origin, network_backend=line) as connection,
        connection.stream(method, target, headers=list(sent.items()), content=content) as response,
    ):
        yield Answer(
            response.status,
            tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers),
            response.extensions["http_version"].decode("latin-1"),
            line.ip,
            response.iter_stream(),
            limits,
        )


class _Line(httpcore2.NetworkBackend):
    """Connects to a host, once every address of it is found to be public, at one of these.

    The name stays with the request and the certificate, but is not looked up
    again, so that a name server cannot say one thing here and another there.
    """

    def __init__(self, limits: Limits, clock: Clock, resolve: Resolve) -> None:
        self.limits = limits
        self.clock = clock
        self.resolve = resolve
        self.ip = ""
        self.received = 0
        self.ended = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        *others, last = self._checked(host, port)
        for ip in others:
            try:
                return self._connected(ip, port)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connected(last, port)

    def _connected(self, ip: str, port: int) -> httpcore2.NetworkStream:
        stream = httpcore2.SyncBackend().connect_tcp(
            ip, port, min(_CONNECT, self.clock.left()), socket_options=()
        )
        self.ip = ip
        return _Watched(stream, self)

    def _checked(self, host: str, port: int) -> list[str]:
        own = allowed(host, port, self.limits.allowed)
        if port not in _PORTS.values() and not own:
            raise NotFetched(
                f"The address names port {port}, and the desk visits the usual ports of the web "
                f"only, 80 and 443. {_BY_HAND}"
            )
        found = [host] if networks.number(host) else self._asked(host, port)
        for ip in found:
            number = ip_address(ip)
            if not networks.is_public(number) and not (own and networks.is_own(number)):
                leads = f"“{host}” leads to {ip}, which is" if ip != host else f"{ip} is"
                raise NotFetched(
                    f"{leads} not on the public web, and the desk does not go there. If it is a "
                    "site of your own network, ask whoever runs the desk to allow it; or save the "
                    "page in a browser and add it as a file."
                )
        return found

    def _asked(self, host: str, port: int) -> list[str]:
        """What the name server says; asked aside, as nothing else ends its waiting."""
        answer: Future[list[str]] = Future()

        def ask() -> None:
            try:
                answer.set_result(list(self.resolve(host, port)))
            except (OSError, ValueError) as error:
                answer.set_exception(error)

        Thread(target=ask, daemon=True).start()
        try:
            found = answer.result(self.clock.left())
        except TimeoutError:
            raise self.clock.late() from None
        except (OSError, ValueError) as error:
            unknown = isinstance(error, gaierror) and error.errno == EAI_NONAME
            raise _unknown(host, again=not unknown) from error
        if not found:
            raise _unknown(host, again=True)
        return found


class _Watched(httpcore2.NetworkStream):
    """A connection that is waited on no longer than there is time, and counted."""

    def __init__(self, stream: httpcore2.NetworkStream, line: _Line) -> None:
        self._stream = stream
        self._line = line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._line.clock.left())
        self._line.ended = not data
        self._line.received += len(data)
        if self._line.received > 2 * self._line.limits.size + _WRAPPING:
            raise too_large(self._line.limits.size)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._line.clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        secure = self._stream.start_tls(ssl_context, server_hostname, self._line.clock.left())
        return _Watched(secure, self._line)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@contextmanager
def _in_words(line: _Line, host: str) -> Iterator[None]:
    """What goes wrong on the wire as a sentence for a reviewer."""
    try:
        yield
    except httpcore2.ConnectTimeout as error:
        raise NotFetched(
            f"“{host}” does not answer. The desk tries again later; if you can read the page in a "
            "browser, save it there and add it as a file.",
            again=True,
        ) from error
    except httpcore2.TimeoutException as error:
        raise line.clock.late() from error
    except httpcore2.ConnectError as error:
        raise _not_connected(host, error) from error
    except httpcore2.ProtocolError as error:
        if not line.ended:
            raise NotFetched(
                f"“{host}” does not answer as a site of the web does. Check the address; if you "
                "can read the page in a browser, save it there and add it as a file."
            ) from error
        raise _broken_off(host) from error
    except httpcore2.NetworkError as error:
        raise _broken_off(host) from error


def _not_connected(host: str, error: httpcore2.ConnectError) -> NotFetched:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        wrong = _CERTIFICATE.get(cause.verify_code, cause.verify_message)
        return NotFetched(
            f"The certificate of “{host}” does not hold: {wrong}. So nobody can tell whether the "
            "page comes from that site. If you trust it all the same, save the page in a browser "
            "and add it as a file."
        )
    if isinstance(cause, ssl.SSLError):
        return NotFetched(
            f"“{host}” and the desk find no way to talk securely. {_BY_HAND}", again=True
        )
    return NotFetched(
        f"“{host}” takes no connection. The desk tries again later; check the address meanwhile.",
        again=True,
    )


def _broken_off(host: str) -> NotFetched:
    return NotFetched(
        f"“{host}” broke off before the page was complete. The desk tries again later; if it "
        "stays so, save the page in a browser and add it as a file.",
        again=True,
    )


def _unknown(host: str, *, again: bool) -> NotFetched:
    later = "The name servers cannot be asked now, so the desk tries again later."
    never = "Check the address for a slip; if the site is gone, look for it in a web archive."
    return NotFetched(
        f"There is no telling where “{host}” is. {later}"
        if again
        else f"There is no site named “{host}”. {never}",
        again=again,
    )
