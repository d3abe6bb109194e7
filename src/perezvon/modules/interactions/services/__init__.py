"""Writing contacts: what the engine registers by itself, and what people add."""

from perezvon.modules.interactions.identification import Gate
from perezvon.modules.interactions.identification import State as GateState
from perezvon.modules.interactions.result_fields import FIELDS as RESULT_FIELDS
from perezvon.modules.interactions.result_fields import PLACES, needed
from perezvon.modules.interactions.result_form import ResultForm, read_result, result_form
from perezvon.modules.interactions.results import option_of, reason_name
from perezvon.modules.interactions.selectors import NoSuchInteraction
from perezvon.modules.interactions.services.concluding import ResultRefused, check_result, save_result
from perezvon.modules.interactions.services.identification import (
    AnswerUnclear,
    IdentificationClosed,
    NotIdentified,
    OtherCustomer,
    Question,
    ask,
    commercial_is_open,
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
    has_free_topic,
    link_customer,
    name_speaker,
    register_answers,
    register_visit,
    remove_topic,
    set_dimension,
    set_topic_text,
)

__all__ = [
    "PLACES",
    "RESULT_FIELDS",
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
    "ResultForm",
    "ResultRefused",
    "WriteUp",
    "add_note",
    "add_topic",
    "ask",
    "begin",
    "begin_segment",
    "check_result",
    "clarify_number",
    "close",
    "commercial_is_open",
    "contact_in_hand",
    "end",
    "end_segment",
    "gate",
    "has_free_topic",
    "link_customer",
    "may_see_products",
    "name_speaker",
    "needed",
    "offer_product",
    "option_of",
    "questions",
    "read_result",
    "reason_name",
    "record_past",
    "refuse_recording",
    "register_answers",
    "register_visit",
    "remove_topic",
    "result_form",
    "save_result",
    "set_dimension",
    "set_topic_text",
    "visible_products",
    "withdraw_offer",
    "wrap_up_over",
]
