"""Why the switch does not do what a page or an engine asks. `sentence` is for people who read logs."""

from __future__ import annotations

from perezvon.kernel.errors import NotFound, PerezvonError, Refused, TryLater


class BadRequest(PerezvonError):
    code = "webvoice.bad_request"
    http_status = 400
    sentence = "The request is not what this door expects."


class BadOffer(BadRequest):
    code = "webvoice.bad_offer"
    sentence = "The offer is not a session description that can be answered."


class TooLong(BadRequest):
    code = "webvoice.too_long"
    http_status = 413
    sentence = "The request is longer than any session description."


class NoMicrophone(BadRequest):
    code = "webvoice.no_microphone"
    sentence = "The offer sends no sound: the page has no microphone, or may not use it."


class WrongToken(Refused):
    code = "webvoice.wrong_token"
    http_status = 401
    sentence = "The token of the voice switch is missing or wrong."


class TooManyLegs(TryLater):
    code = "webvoice.too_many_legs"
    sentence = "All connections of the voice switch are in use."


class TooOften(TryLater):
    code = "webvoice.too_often"
    http_status = 429
    sentence = "Too many calls from this address within a minute."


class PhoneElsewhere(Refused):
    code = "webvoice.phone_elsewhere"
    sentence = "The operator's phone is connected at another workplace."


class UnknownLeg(NotFound):
    code = "webvoice.unknown_leg"
    sentence = "There is no such call, or it is long over."
