"""A local service that saves pages by the protocol of the Wayback Machine’s Save Page Now."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from tests.misbehaving import ARTICLE, Asked, Site, Wire

MOMENT = "20261125120000"


class Wayback(Site):
    """Saves what it is asked to, after so many looks; or answers with a plan of one's own.

    With a `key` it speaks JSON to who gives that key; to one who gives none it
    shows the page that a reader gets.
    """

    def __init__(
        self,
        *,
        looks: int = 1,
        key: str = "",
        refuses: Mapping[str, str] | None = None,
        fails: Mapping[str, str] | None = None,
        status: str = "200 OK",
        headers: tuple[str, ...] = (),
        says: bytes | None = None,
    ) -> None:
        super().__init__()
        self.looks = looks
        self.key = key
        self.refuses = refuses
        self.fails = fails
        self.status = status
        self.headers = headers
        self.says = says
        self.jobs: dict[str, tuple[str, int]] = {}

    def answer(self, asked: Asked, wire: Wire) -> None:
        given = asked.headers.get("authorization")
        if self.says is not None or self.status != "200 OK":
            wire.page(self.says or b"", *self.headers, status=self.status)
        elif given and given != f"LOW {self.key}":
            wire.page(b"", status="401 Unauthorized")
        elif asked.method == "POST" and asked.path == "/save/":
            self._save(parse_qs(asked.body.decode())["url"][0], wire, keyed=bool(given))
        elif asked.path.startswith("/save/status/"):
            wire.page(_json(self._state(asked.path.removeprefix("/save/status/"))))
        elif asked.path.startswith(f"/web/{MOMENT}/"):
            wire.page(ARTICLE, "Content-Type: text/html; charset=utf-8")
        else:
            wire.page(b"", status="404 Not Found")

    def _save(self, address: str, wire: Wire, *, keyed: bool) -> None:
        job = f"spn2-{len(self.jobs):08x}"
        if self.refuses:
            wire.page(_json({"status": "error", **self.refuses}))
            return
        self.jobs[job] = (address, self.looks)
        if keyed:
            wire.page(_json({"url": address, "job_id": job}))
        else:
            script = f'<script>spn.watchJob("{job}", "/_static/",6000);</script>'
            wire.page(f"<html><body><h1>Saving page</h1>{script}</body></html>".encode())

    def _state(self, job: str) -> dict[str, object]:
        address, looks = self.jobs[job]
        self.jobs[job] = (address, looks - 1)
        if looks > 0:
            return {"status": "pending", "job_id": job, "resources": []}
        if self.fails:
            return {"status": "error", "job_id": job, **self.fails}
        return {
            "status": "success",
            "job_id": job,
            "original_url": address,
            "timestamp": MOMENT,
            "duration_sec": 6.2,
        }


def _json(answer: dict[str, object]) -> bytes:
    return json.dumps(answer).encode()
