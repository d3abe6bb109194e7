"""Consents, the do-not-contact register and representatives, on the card and for all that dials or sends."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.history.models import Change
from perezvon.foundation.messages.registry import Wish, refusal_of
from perezvon.foundation.messages.services import Draft, MayNotSend, queue_message
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Consent, ContactBan, Purpose, Representative
from perezvon.modules.customers.permission import Why
from perezvon.modules.customers.selectors import NoSuchPurpose, contact_refusal, list_bans, list_bans_of, list_speakers
from perezvon.modules.customers.services import Acting, Banned, ContactRefused, FieldsWrong, Said
from perezvon.modules.customers.tests.conftest import NOW, user
from perezvon.modules.customers.web.words import refusal_words

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
LATER = NOW + timedelta(days=40)


def text_of(response) -> str:
    page = re.sub(r"<script.*?</script>|<head.*?</head>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.fixture
def marketing(db) -> Purpose:
    return Purpose.objects.create(code="marketing", name={"en": "Advertising", "ru": "Реклама"}, needs_consent=True)


@pytest.fixture
def smirnova(make):
    return make("Смирнова Елена Павловна", phone_mobile="8 916 222-22-22", email="Elena@mail.example")


@pytest.fixture
def informer(loans):
    return user("lisina", "Лисина", "Ирина", "information_administrator", loans).actor()


def why(customer=None, address="+79162222222", channel="call", purpose="", now=NOW) -> Why | None:
    found = contact_refusal(
        customer_id=customer and customer.pk, channel=channel, address=address, purpose=purpose, now=now
    )
    return found.why if found else None


def say(customer, by, *, is_given=True, channel="any", **more) -> Consent:
    said = Said("marketing", channel, is_given, more.pop("on", TODAY), "call", **more)
    return services.note_consent(customer_id=customer.pk, said=said, by=by, now=NOW)


class TestConsents:
    def test_open_the_way_to_advertising_until_they_are_withdrawn(self, smirnova, olga, marketing):
        assert why(smirnova, purpose="marketing") is Why.MISSING

        say(smirnova, olga, until=TODAY + timedelta(days=30))

        assert why(smirnova, purpose="marketing") is None
        assert why(smirnova, purpose="marketing", now=LATER) is Why.ENDED
        say(smirnova, olga, is_given=False, channel="sms")
        assert why(smirnova, purpose="marketing", channel="sms") is Why.WITHDRAWN
        assert why(smirnova, purpose="marketing", channel="call") is None
        assert Consent.objects.count() == 2  # what he said before stays

    def test_are_given_and_withdrawn_on_the_card_with_their_proof(self, browse, olga, smirnova, marketing):
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/consents/"
        form = client.get(f"{url}?purpose=marketing").content.decode()
        assert '<option value="marketing" selected>' in form

        typed = {"word": "given", "purpose": "marketing", "contact_channel": "call", "said_on": "22.11.2026"}
        client.post(url, typed | {"consent_source": "writing", "proof": "form 12/7", "last_day": ""})

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Advertising agrees nothing said nothing said nothing said" in page
        assert "1 word of his Advertising : agrees 22.11.2026, Call, In writing, form 12/7" in page
        client.post(url, typed | {"word": "withdrawn", "consent_source": "call", "contact_channel": "any"})
        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Advertising does not agree does not agree does not agree does not agree" in page
        assert Change.objects.filter(table=Consent._meta.db_table, act="I").count() == 2

    def test_come_back_with_what_was_typed_and_what_is_wrong(self, browse, olga, smirnova, marketing):
        typed = {"word": "given", "purpose": "", "contact_channel": "call", "said_on": "32.11.2026"}

        answer = browse(olga).post(f"/customers/{smirnova.pk}/consents/", typed | {"consent_source": "call"})

        assert answer.status_code == 422
        assert 'value="32.11.2026"' in answer.content.decode()
        assert "A date needs day, month and year" in text_of(answer)
        future = typed | {"purpose": "marketing", "said_on": "01.01.2090", "consent_source": "call"}
        answer = browse(olga).post(f"/customers/{smirnova.pk}/consents/", future)
        assert "This day is still to come." in text_of(answer)
        assert not Consent.objects.exists()

    def test_of_a_project_are_its_own(self, smirnova, make, loans, cards, olga, viktor):
        Purpose.objects.create(code="scoring", name={"en": "Scoring"}, project=cards)
        said = Said("scoring", "any", True, TODAY, "call")

        with pytest.raises(FieldsWrong):
            services.note_consent(customer_id=smirnova.pk, said=said, by=viktor, now=NOW)
        theirs = make("Орлов Пётр", project=cards)
        services.note_consent(customer_id=theirs.pk, said=said, by=viktor, now=NOW)
        with pytest.raises(NoSuchPurpose):
            why(smirnova, purpose="scoring")

    def test_of_two_cards_that_become_one_are_all_there(self, smirnova, make, ksenia, marketing):
        other = make("Смирнова Елена")
        say(other, ksenia)

        services.merge_customers(kept_id=smirnova.pk, gone_id=other.pk, take=(), by=ksenia, now=NOW)

        assert why(smirnova, purpose="marketing") is None


class TestRegister:
    def test_stops_what_dials_and_sends_to_a_person(self, smirnova, make, olga, viktor):
        other = make("Орлов Пётр", phone_mobile="8 916 333-33-33")
        banned = Banned("asked twice", channel="call")
        ban = services.ban_contact(banned=banned, customer_id=smirnova.pk, by=olga, now=NOW)

        assert why(smirnova) is Why.PERSON_BANNED
        assert why(None) is Why.PERSON_BANNED  # the number says whose it is
        assert why(smirnova, channel="sms") is None
        assert why(other, address="+79163333333") is None
        with pytest.raises(ContactRefused):
            services.must_be_contactable(customer_id=smirnova.pk, channel="call", address="x", now=NOW)
        with pytest.raises(NotAllowed):
            services.lift_ban(ban_id=ban.pk, reason="he called himself", by=olga, now=NOW)
        services.lift_ban(ban_id=ban.pk, reason="he called himself", by=viktor, now=NOW)
        assert why(smirnova) is None
        assert ContactBan.objects.get().lift_reason == "he called himself"

    @pytest.mark.parametrize("typed", ["8 916 222-22-22", "+7 (916) 2222222", "79162222222"])
    def test_knows_a_number_however_it_is_typed(self, smirnova, olga, typed):
        services.ban_contact(banned=Banned("wrong number"), address=typed, by=olga, now=NOW)

        assert why(smirnova, address="8 (916) 222 22 22") is Why.ADDRESS_BANNED
        assert why(None, address="79162222222") is Why.ADDRESS_BANNED
        assert why(smirnova, address="+79169999999") is None

    def test_knows_a_mailbox(self, smirnova, olga):
        services.ban_contact(banned=Banned("spam", channel="email"), address="ELENA@mail.example", by=olga, now=NOW)

        assert why(smirnova, address="Elena@Mail.example", channel="email") is Why.ADDRESS_BANNED

    def test_holds_until_its_last_day_and_twice_the_same_is_one_line(self, smirnova, olga):
        banned = Banned("on leave", until=TODAY + timedelta(days=7))
        for _again in range(2):
            services.ban_contact(banned=banned, customer_id=smirnova.pk, by=olga, now=NOW)

        assert ContactBan.objects.count() == 1
        assert why(smirnova) is Why.PERSON_BANNED
        assert why(smirnova, now=LATER) is None

    def test_a_number_struck_out_for_it_counts_too(self, smirnova, olga):
        point = smirnova.points.get(kind="phone")
        services.strike_point(point_id=point.pk, reason="do_not_contact", by=olga, now=NOW)

        assert why(smirnova) is Why.ADDRESS_BANNED

    def test_is_asked_before_a_message_is_queued(self, smirnova, olga, viktor):
        draft = Draft(channel="sms", to="+79162222222", text="x", kind="customer", record=smirnova.pk)
        queue_message(draft=draft, by=viktor, now=NOW)
        services.ban_contact(banned=Banned("asked", channel="sms"), customer_id=smirnova.pk, by=olga, now=NOW)

        with pytest.raises(MayNotSend) as refused:
            queue_message(draft=draft, by=viktor, now=NOW)

        with translation.override("en"):
            wish = Wish("sms", "+79162222222", "service", "customer", smirnova.pk, viktor, NOW)
            assert refusal_of(wish).words == "The customer is not to be contacted: asked."
        assert refused.value.facts["words"]
        assert refusal_of(Wish("sms", "+79162222222", "sign_in", "", None, viktor, NOW)) is None

    def test_warns_on_the_card(self, browse, olga, smirnova):
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/ban/"
        assert "all of his numbers and addresses" in client.get(url).content.decode()

        answer = client.post(url, {"contact_channel": "call", "ban_source": "client", "reason": ""})
        assert "This must be filled in." in text_of(answer)
        client.post(url, {"contact_channel": "call", "ban_source": "client", "reason": "asked twice"})

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Do not contact: Call" in page
        assert "asked twice The customer, Иванова О." in page
        assert len(list_bans_of(smirnova, NOW)) == 1

    def test_is_a_list_to_add_to_and_to_lift_from(self, browse, viktor, olga, smirnova):
        client = browse(viktor)
        client.post("/do-not-contact/new/", {
            "address": "8 916 555-55-55", "contact_channel": "any", "ban_source": "court", "reason": "case 7"
        })  # fmt: skip
        ban = ContactBan.objects.get()
        assert ban.address == "79165555555"

        assert "+79165555555" in text_of(client.get("/do-not-contact/")).replace(" ", "").replace("-", "")
        page = text_of(client.get(f"/do-not-contact/{ban.pk}/"))
        assert "A court" in page
        assert "case 7" in page
        answer = client.post(f"/do-not-contact/{ban.pk}/lift/", {"reason": ""})
        assert answer.status_code == 422
        client.post(f"/do-not-contact/{ban.pk}/lift/", {"reason": "annulled"})
        assert "The ban is lifted." in text_of(client.get(f"/do-not-contact/{ban.pk}/"))
        assert browse(olga).get("/do-not-contact/").status_code == 403

    def test_does_not_take_what_is_no_number(self, browse, viktor):
        rubbish = {"address": "no such", "contact_channel": "any", "ban_source": "court", "reason": "x"}

        answer = browse(viktor).post("/do-not-contact/new/", rubbish)

        assert "Type a telephone number or an e-mail." in text_of(answer)

    def test_shows_nobody_of_another_project(self, browse, olga, make, cards, viktor):
        stranger = make("Чужой Пётр", project=cards, phone_mobile="8 916 777-77-77")
        ban = services.ban_contact(banned=Banned("asked"), customer_id=stranger.pk, by=viktor, now=NOW)

        assert list(list_bans(by=viktor)) == [ban]
        assert list(list_bans(by=olga)) == []
        assert browse(olga).get(f"/do-not-contact/{ban.pk}/").status_code == 404

    def test_keeps_a_line_of_nobody_out(self, db):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactBan.objects.create(reason="x", at=NOW)

    def test_says_why_in_both_languages(self, smirnova, olga):
        services.ban_contact(banned=Banned("asked"), customer_id=smirnova.pk, by=olga, now=NOW)
        refusal = contact_refusal(customer_id=smirnova.pk, channel="call", address="", now=NOW)

        with translation.override("en"):
            assert refusal_words(refusal) == "The customer is not to be contacted: asked."
        with translation.override("ru"):
            assert refusal_words(refusal) == "С клиентом нельзя связываться: asked."


class TestPurposes:
    def test_are_kept_by_an_administrator(self, browse, informer, olga, loans):
        client = browse(informer)
        assert "There are none yet." in text_of(client.get("/purposes/"))

        client.post("/purposes/new/", {"purpose_code": "Survey", "purpose_name_ru": "Опросы", "project": ""})
        purpose = Purpose.objects.get()
        assert (purpose.code, purpose.needs_consent) == ("survey", False)
        client.post(f"/purposes/{purpose.pk}/", {
            "purpose_name_ru": "Опросы", "purpose_name_en": "Surveys", "needs_consent": "on", "version": "1"
        })  # fmt: skip
        late = client.post(f"/purposes/{purpose.pk}/", {"purpose_name_ru": "Другое", "version": "1"})
        assert late.status_code == 409
        assert "Surveys survey all projects only with consent" in text_of(client.get("/purposes/"))
        client.post(f"/purposes/{purpose.pk}/switch/")
        assert "withdrawn" in text_of(client.get("/purposes/"))
        twice = client.post("/purposes/new/", {"purpose_code": "survey", "purpose_name_ru": "x", "project": ""})
        assert "There is one with this code already." in text_of(twice)
        assert browse(olga).get("/purposes/").status_code == 403


class TestRepresentatives:
    def test_speak_for_a_customer_while_their_authority_lasts(self, browse, olga, make, smirnova):
        son = make("Смирнов Пётр Ильич")
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/representatives/"
        typed = {"authority": "attorney", "authority_document": "77 АВ 12, notary Белов", "authority_scope": "loans"}

        client.post(url, typed | {"representative_card": str(son.number), "last_day": "31.12.2026"})

        page = text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert "Power of attorney Смирнов Пётр Ильич 77 АВ 12, notary Белов, loans, until 31.12.2026" in page
        assert "Power of attorney: acts for Смирнова Елена Павловна" in text_of(client.get(f"/customers/{son.pk}/"))
        assert [row.shown_name for row in list_speakers(smirnova, by=olga, now=NOW)] == ["Смирнов Пётр Ильич"]
        assert list_speakers(smirnova, by=olga, now=LATER) == []

    def test_who_has_no_card_has_a_name_and_is_revoked_with_a_reason(self, browse, olga, smirnova):
        client = browse(olga)
        url = f"/customers/{smirnova.pk}/representatives/"
        assert "This must be filled in." in text_of(client.post(url, {"authority": "parent"}))
        unknown = client.post(url, {"authority": "parent", "representative_card": "999999"})
        assert "There is no card with this number" in text_of(unknown)
        named = {"representative_name": "Белова Анна", "phone_contact": "8 916 123-45-67"}
        client.post(url, {"authority": "parent"} | named)
        row = Representative.objects.get()
        assert row.phone == "+79161234567"

        client.post(f"{url}{row.pk}/revoke/", {"reason": "of age"})

        assert "revoked of age" in text_of(client.get(f"/customers/{smirnova.pk}/"))
        assert list_speakers(smirnova, by=olga, now=NOW) == []

    def test_whose_card_is_closed_to_the_reader_are_left_out(self, smirnova, make, cards, viktor, olga):
        stranger = make("Чужой Пётр", project=cards)
        acting = Acting("attorney")
        services.add_representative(customer_id=smirnova.pk, acting=acting, person_id=stranger.pk, by=viktor, now=NOW)

        assert list_speakers(smirnova, by=olga, now=NOW) == []
        assert len(list_speakers(smirnova, by=viktor, now=NOW)) == 1


def test_every_act_is_in_the_audit(smirnova, olga, marketing):
    say(smirnova, olga)
    services.ban_contact(banned=Banned("asked"), customer_id=smirnova.pk, by=olga, now=NOW)
    services.add_representative(customer_id=smirnova.pk, acting=Acting("parent", "Белова"), by=olga, now=NOW)

    names = set(CommandRecord.objects.filter(actor=f"user:{olga.id}").values_list("name", flat=True))
    assert names == {"customers.note_consent", "customers.ban_contact", "customers.add_representative"}
    assert User.objects.filter(pk=olga.id).exists()
