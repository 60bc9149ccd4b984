"""What the tests of pages share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from app import create_app
from claims.configuration import Configuration
from claims.models import Member
from tests.conftest import DeskClient
from tests.factories import a_member


@pytest.fixture
def guarded(database_url: str, tmp_path: Path) -> Iterator[DeskClient]:
    """A browser before the desk as it runs for real: forms need their token."""
    configuration = Configuration(tmp_path / "instance", database_url, "127.0.0.1", 0)
    app = create_app(configuration, TESTING=True)
    app.test_client_class = DeskClient
    yield app.test_client()
    app.extensions["engine"].dispose()


@pytest.fixture
def ada(session: Session) -> Member:
    """A reviewer."""
    return a_member(session, "Reviewer Ada")


@pytest.fixture
def reader(client: DeskClient, ada: Member) -> DeskClient:
    """Her browser, signed in."""
    return client.as_(ada)
