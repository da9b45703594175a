import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.server import Server  # noqa: E402


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(folder):
    """A server of the test's own."""
    with Server(folder) as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server that the tests of one module share; they do not stop it."""
    with Server(tmp_path_factory.mktemp("attune") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def tenant(shared):
    return shared.create_tenant("acme")


@pytest.fixture(scope="module")
def other(shared):
    return shared.create_tenant("globex")


@pytest.fixture
def api(tenant):
    """A connection with the tenant's secret key."""
    client = tenant.client()
    yield client
    client.close()
