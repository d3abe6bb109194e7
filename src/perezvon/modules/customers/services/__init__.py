"""Writing customers."""

from perezvon.modules.customers.services.changing import (
    Outdated,
    Revealed,
    change_point,
    restore_point,
    set_code_word,
    set_main_point,
    strike_point,
    unmask,
    update_customer,
)
from perezvon.modules.customers.services.deleting import delete_customers, restore_customers
from perezvon.modules.customers.services.registering import add_point, quasi_customer, register_potential
from perezvon.modules.customers.services.writing import FieldsWrong

__all__ = [
    "FieldsWrong",
    "Outdated",
    "Revealed",
    "add_point",
    "change_point",
    "delete_customers",
    "quasi_customer",
    "register_potential",
    "restore_customers",
    "restore_point",
    "set_code_word",
    "set_main_point",
    "strike_point",
    "unmask",
    "update_customer",
]
