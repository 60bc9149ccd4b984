"""The desk served to a real browser, with people signed in to it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError
from sqlmodel import Session
from werkzeug.serving import make_server

from app import create_app
from claims import seed
from claims.configuration import Configuration
from claims.models import Member

SignIn = Callable[..., Page]
Found = TypeVar("Found")

# On a crowded machine a document takes long to be read, and a page to be drawn.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium where there is one; it must not call home from a test."""
    found = shutil.which("chromium")
    return browser_type_launch_args | {
        "executable_path": found,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def served(database_url: str, tmp_path: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The desk as members meet it, CSRF included, on a port of its own."""
    configuration = Configuration(tmp_path / "instance", database_url, "127.0.0.1", 0)
    app = create_app(configuration, TESTING=True)
    app.jinja_env.bytecode_cache = compiled
    server = make_server("127.0.0.1", 0, app, threaded=True)
    # Known by the server, so that it waits for what is still on its way when the browser is gone.
    server.daemon_threads = False
    app.config["ADDRESS"] = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["engine"].dispose()


@pytest.fixture
def seeded(session: Session) -> Session:
    """A desk with the first article and its claims."""
    seed.first_article(session)
    session.commit()
    return session


@pytest.fixture
def sign_in(served: Flask, browser: Browser) -> Iterator[SignIn]:
    """Open a browser of its own for a member, signed in; `js=False` for one without JavaScript."""
    contexts: list[BrowserContext] = []

    def enter(member: Member, *, js: bool = True, **options: object) -> Page:
        signer = SecureCookieSessionInterface().get_signing_serializer(served)
        cookie = signer.dumps({"_user_id": f"{member.id}:{member.epoch}", "_fresh": True})
        context = browser.new_context(
            base_url=served.config["ADDRESS"], java_script_enabled=js, **options
        )
        context.set_default_timeout(PATIENCE)
        name = served.config["SESSION_COOKIE_NAME"]
        context.add_cookies([{"name": name, "value": cookie, "url": served.config["ADDRESS"]}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: _hear(said, faults))
        return page

    faults: list[str] = []
    yield enter
    for context in contexts:
        context.close()
    assert not faults, f"the browser complained: {faults}"


def comes_true(page: Page, condition: str, arg: object = None, within: int = PATIENCE) -> bool:
    """Whether a condition on the page, a function in JavaScript, holds within so many ms.

    Playwright's own way of waiting has the page evaluate text, which the desk forbids its pages.
    """
    return steadily(lambda: bool(page.evaluate(_WAIT % (condition, within), arg)))


def steadily(look: Callable[[], Found]) -> Found:
    """What a look at the page finds; at the next one, when the browser went on meanwhile."""
    while True:
        try:
            return look()
        except PlaywrightError as error:
            if "context was destroyed" not in str(error):
                raise


# Of a page that has only just begun there is no body yet.
_WAIT = """async (arg) => {
  const holds = %s, end = performance.now() + %d;
  while (!document.body || !holds(arg)) {
    if (performance.now() > end) return false;
    await new Promise((again) => setTimeout(again, 20));
  }
  return true;
}"""


def _hear(said: object, faults: list[str]) -> None:
    text = str(getattr(said, "text", ""))
    # A refusal is a 4xx that the page explains; anything else an error says is one.
    if (
        getattr(said, "type", "") == "error"
        and "the server responded with a status of 4" not in text
    ):
        faults.append(text)
