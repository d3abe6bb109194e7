"""Fixtures for the tests of every module, in tests/ and beside the code.

They stand here and not in a plugin, because only a conftest may replace a plugin's fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import TransactionTestCase
from django.utils import translation

from perezvon.project.postgres import Cluster
from tests.support import database


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """The run's PostgreSQL, started, with the migrated template in it."""
    if not database.WORKER:
        database.start_migrated()
    return database.CLUSTER


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, cluster: Cluster) -> Iterator[None]:
    """Instead of pytest-django's: the database which this process's settings already name."""
    database.recreate_database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: database.recreate_database())
        yield
        database.disconnect()


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A test's requests leave the language of their user behind; the next test begins with the installation's."""
    yield
    translation.deactivate()


@pytest.fixture
def fresh_database(cluster: Cluster) -> Iterator[str]:
    """The URL of a migrated database for one test, e.g. for programs that it starts."""
    name = f"fresh_{uuid4().hex[:12]}"
    yield cluster.create_database(name, template=database.TEMPLATE)
    cluster.drop_database(name)
