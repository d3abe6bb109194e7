"""Fields that an administrator has added to contacts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perezvon.foundation.fields.models import CustomField, FieldSection, FieldsStamp, Type
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.tests.conftest import NOW, talk
from perezvon.modules.interactions.tests.test_sections import text_of


@pytest.fixture
def device(db) -> CustomField:
    section = FieldSection.objects.create(kind="contact", key="fault", label={"en": "The fault"})
    field = CustomField.objects.create(
        kind="contact", section=section, key="device", label={"en": "Device"}, type=Type.NUMBER
    )
    FieldsStamp.objects.update_or_create(kind="contact", defaults={"stamp": uuid7(NOW)})
    return field


def test_are_filled_in_on_a_page_and_stand_on_the_contact(browse, olga, elena, loans, device):
    contact = talk(loans, olga, elena)
    browser, address = browse(olga), reverse("interactions:fields", args=[contact.pk])
    assert "Fill in fields" in text_of(browser.get(reverse("interactions:contact", args=[contact.pk])))

    refused = browser.post(address, {"custom_device": "many"})
    assert refused.status_code == 422
    assert 'value="many"' in refused.content.decode()
    assert browser.post(address, {"custom_device": "1 024"}).status_code == 302

    assert "The fault Device 1,024" in text_of(browser.get(reverse("interactions:contact", args=[contact.pk])))


def test_without_any_there_is_nothing_to_fill_in(browse, olga, elena, loans):
    contact = talk(loans, olga, elena)

    assert "Fill in fields" not in text_of(browse(olga).get(reverse("interactions:contact", args=[contact.pk])))
