"""Writing customers."""

from perezvon.modules.customers.services.changing import (
    Outdated,
    Revealed,
    change_point,
    editable_values,
    restore_point,
    set_code_word,
    set_main_point,
    strike_point,
    unmask,
    update_customer,
)
from perezvon.modules.customers.services.registering import add_point, quasi_customer, register_potential
from perezvon.modules.customers.services.writing import FieldsWrong

__all__ = [
    "FieldsWrong",
    "Outdated",
    "Revealed",
    "add_point",
    "change_point",
    "editable_values",
    "quasi_customer",
    "register_potential",
    "restore_point",
    "set_code_word",
    "set_main_point",
    "strike_point",
    "unmask",
    "update_customer",
]
