"""From the sign-in page to the company's identity provider and back, in a browser with all its rules for forms."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.people.models import Keeper, User
from perezvon.modules.accounts.models import SignInProvider
from perezvon.modules.accounts.services import ProviderDetails, set_provider
from tests.support.identity_server import CLIENT, SECRET, identity_server


@pytest.mark.feature("F26.06")
def test_somebody_signs_in_with_the_account_of_the_company(centre, new_context):
    olga = centre.branch().operators[0]
    User.objects.filter(pk=olga.pk).update(keeper=Keeper.PROVIDER, language="en")
    with identity_server() as provider:
        provider.person["preferred_username"] = olga.login
        details = ProviderDetails(issuer=provider.issuer, client_id=CLIENT)
        set_provider(details=details, secret=SECRET, version=0, by=System(name="test"), now=clock.now())
        try:
            page = new_context().new_page()
            page.goto(f"{centre.url}/me/")
            page.get_by_role("link", name="Sign in with the company account").click()

            expect(page.get_by_text("its password is changed there")).to_be_visible()
            assert page.url == f"{centre.url}/me/"
        finally:
            SignInProvider.objects.all().delete()
