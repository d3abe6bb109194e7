"""Writing contacts: what the engine registers by itself, and what people add."""

from perezvon.modules.interactions.identification import Gate
from perezvon.modules.interactions.identification import State as GateState
from perezvon.modules.interactions.selectors import NoSuchInteraction
from perezvon.modules.interactions.services.identification import (
    AnswerUnclear,
    IdentificationClosed,
    NotIdentified,
    OtherCustomer,
    Question,
    ask,
    contact_in_hand,
    gate,
    may_see_products,
    questions,
    visible_products,
)
from perezvon.modules.interactions.services.offering import NoSuchAnswer, offer_product, withdraw_offer
from perezvon.modules.interactions.services.past import WriteUp, record_past
from perezvon.modules.interactions.services.recording import (
    begin,
    begin_segment,
    end,
    end_segment,
    refuse_recording,
    wrap_up_over,
)
from perezvon.modules.interactions.services.writing import (
    AlreadyWritten,
    FieldsMissing,
    NoSuchDimension,
    add_note,
    add_topic,
    clarify_number,
    close,
    link_customer,
    name_speaker,
    register_visit,
    remove_topic,
    save_result,
    set_dimension,
)

__all__ = [
    "AlreadyWritten",
    "AnswerUnclear",
    "FieldsMissing",
    "Gate",
    "GateState",
    "IdentificationClosed",
    "NoSuchAnswer",
    "NoSuchDimension",
    "NoSuchInteraction",
    "NotIdentified",
    "OtherCustomer",
    "Question",
    "WriteUp",
    "add_note",
    "add_topic",
    "ask",
    "begin",
    "begin_segment",
    "clarify_number",
    "close",
    "contact_in_hand",
    "end",
    "end_segment",
    "gate",
    "link_customer",
    "may_see_products",
    "name_speaker",
    "offer_product",
    "questions",
    "record_past",
    "refuse_recording",
    "register_visit",
    "remove_topic",
    "save_result",
    "set_dimension",
    "visible_products",
    "withdraw_offer",
    "wrap_up_over",
]
