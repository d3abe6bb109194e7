"""Where a company keeps its customers: the connector that the call card asks."""

from __future__ import annotations

from perezvon.connectors.customers_http import HttpCustomers
from perezvon.ports.customers import CustomerSource, SourceSettings


def make_customer_source(settings: SourceSettings) -> CustomerSource:
    """The base that is asked about unknown callers (settings.CUSTOMER_SOURCE)."""
    return HttpCustomers(settings)
