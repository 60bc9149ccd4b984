"""What the tests of pages share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from claims.configuration import Configuration
from tests.conftest import DeskClient


@pytest.fixture
def guarded(database_url: str, tmp_path: Path) -> Iterator[DeskClient]:
    """A browser before the desk as it runs for real: forms need their token."""
    configuration = Configuration(tmp_path / "instance", database_url, "127.0.0.1", 0)
    app = create_app(configuration, TESTING=True)
    app.test_client_class = DeskClient
    yield app.test_client()
    app.extensions["engine"].dispose()
