"""What is done by itself, every hour or night."""

from __future__ import annotations

from datetime import date

from perezvon.modules.customers import services
from perezvon.modules.customers.jobs import lift_outlived_warnings
from perezvon.modules.customers.models import Customer, Kind, Warning
from perezvon.modules.customers.selectors import get_customer, list_outlived_warnings
from perezvon.modules.customers.tests.conftest import NOW


def outlived(customer: Customer, by) -> Warning:
    warning = services.add_warning(customer_id=customer.pk, kind="vip", text="", by=by, now=NOW)
    Warning.objects.filter(pk=warning.pk).update(last_day=date(2020, 1, 1))
    return warning


class TestOutlivedWarnings:
    def test_of_a_deleted_customer_wait_until_he_is_restored(self, make, system):
        deleted, other = make("Белов Олег"), make("Смирнова Елена")
        of_deleted, of_other = outlived(deleted, system), outlived(other, system)
        services.delete_customers(customer_ids=[deleted.pk], by=system, now=NOW)

        assert list_outlived_warnings(NOW) == [of_other.pk]
        assert lift_outlived_warnings(0) == 1
        assert get_customer(other.pk, by=system).warnings == []

        services.restore_customers(customer_ids=[deleted.pk], by=system, now=NOW)
        assert list_outlived_warnings(NOW) == [of_deleted.pk]

    def test_are_lifted_though_one_of_them_cannot_be(self, make, system):
        first, second = make("Белов Олег"), make("Смирнова Елена")
        stuck, _ = outlived(first, system), outlived(second, system)
        Customer.objects.filter(pk=first.pk).update(kind=Kind.QUASI)  # nothing can be noted of those

        assert lift_outlived_warnings(0) == 1

        assert get_customer(second.pk, by=system).warnings == []
        assert list_outlived_warnings(NOW) == [stuck.pk]
