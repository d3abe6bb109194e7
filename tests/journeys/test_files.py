"""Files on their way to a card: what only a browser shows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.files.models import File
from perezvon.modules.customers.services import register_potential

PDF = b"%PDF-1.7 a contract"


@pytest.mark.feature("F01.15")
def test_several_files_at_once_each_with_its_own_end(centre, operator):
    branch = centre.branch()
    typed = {"last_name": "Fileva", "first_name": "Anna", "email": f"{branch.code}@mail.example"}
    customer = register_potential(typed=typed, by=System(name="test"), now=clock.now())
    page = operator(branch.operators[0]).page
    page.goto(f"{centre.url}/customers/{customer.pk}/")
    box = page.locator("section", has=page.get_by_role("heading", name="Files"))

    box.locator("input[type=file]").set_input_files(
        [
            {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "program.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90"},
            {"name": "large.pdf", "mimeType": "application/pdf", "buffer": PDF + bytes(26 * 2**20)},
        ]
    )

    sent = box.locator(".upload-row")
    expect(sent.filter(has_text="contract.pdf")).to_contain_text("attached")
    expect(sent.filter(has_text="program.pdf")).to_contain_text("not what the ending “pdf” says")
    expect(sent.filter(has_text="large.pdf")).to_contain_text("too large: up to 25")
    expect(box.get_by_role("link", name="contract.pdf")).to_be_visible()
    assert [file.name for file in File.objects.filter(record=customer.pk)] == ["contract.pdf"]

    page.route("**/files/of/**", lambda route: None if route.request.method == "POST" else route.continue_())
    box.locator("input[type=file]").set_input_files({"name": "slow.pdf", "mimeType": "application/pdf", "buffer": PDF})
    slow = sent.filter(has_text="slow.pdf")
    slow.get_by_role("button", name="Stop").click()
    expect(slow).to_contain_text("stopped")

    with page.expect_download() as saved:
        box.get_by_role("link", name="contract.pdf").click()
    assert saved.value.path().read_bytes() == PDF
