"""Files of a card (F01.15), as services keep them and pages show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.fields.models import CustomField, FieldSection, FieldsStamp
from perezvon.foundation.files import services, store
from perezvon.foundation.files.blueprint import export_files, load_files
from perezvon.foundation.files.models import File, FileRules
from perezvon.foundation.files.selectors import NoSuchFile, get_file, list_files
from perezvon.foundation.files.services import FileRefused
from perezvon.foundation.people.models import Role, User
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.services import merge_customers, undo_merge
from perezvon.modules.customers.tests.conftest import NOW
from perezvon.modules.customers.values import RECORD

PDF = b"%PDF-1.7 a contract"
PNG = b"\x89PNG\r\n\x1a\n a face"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return settings.FILES


@pytest.fixture
def smirnova(make, loans):
    return make("Смирнова Елена Павловна", project=loans, phone_mobile="8 916 123-45-67")


def attach(customer, by, name="contract.pdf", content=PDF, **more) -> File:
    kept = store.put([content], most=10**7)
    return services.attach(kind=RECORD, record_id=customer.pk, content=kept, name=name, by=by, now=NOW, **more)


class TestAttaching:
    def test_a_file_belongs_to_its_card(self, smirnova, olga):
        file = attach(smirnova, olga)

        assert [one.name for one in list_files(RECORD, smirnova.pk, by=olga)] == ["contract.pdf"]
        assert store.path_of(file.sha256).read_bytes() == PDF
        assert CommandRecord.objects.filter(name="files.attach", actor=olga.key).count() == 1

    def test_who_does_not_see_the_card_does_not_see_its_files(self, smirnova, olga, cards):
        file = attach(smirnova, olga)
        stranger = User.objects.create_user("boris", last_name="Титов", role=Role.objects.get(code="operator"))
        stranger.projects.set([cards])

        for ask in (
            lambda: list_files(RECORD, smirnova.pk, by=stranger.actor()),
            lambda: get_file(file.pk, by=stranger.actor()),
            lambda: attach(smirnova, stranger.actor()),
            lambda: services.open_file(file_id=file.pk, by=stranger.actor(), now=NOW),
        ):
            with pytest.raises(NotFound):
                ask()

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [
            ("empty.pdf", b"", "file.empty"),
            ("virus.exe", b"MZ", "file.kind"),
            ("virus.pdf", b"MZ\x90", "file.mismatch"),
        ],
    )
    def test_what_must_not_be_is_refused(self, smirnova, olga, name, content, code):
        with pytest.raises(FileRefused) as refused:
            attach(smirnova, olga, name, content)

        assert refused.value.facts["wrong"].code == code
        assert not File.objects.exists()

    def test_a_card_holds_so_many_files_and_so_much(self, smirnova, olga):
        FileRules.objects.create(most_files=1)
        attach(smirnova, olga)
        with pytest.raises(FileRefused) as refused:
            attach(smirnova, olga, "second.pdf")
        assert refused.value.facts["wrong"].code == "file.many"

        FileRules.objects.update(most_files=9, most_mb_record=1)
        with pytest.raises(FileRefused) as refused:
            attach(smirnova, olga, "big.pdf", PDF + b"x" * 2**20)
        assert refused.value.facts["wrong"].code == "file.full"

    def test_merged_cards_have_the_files_of_both_until_they_are_two_again(self, make, viktor):
        kept, gone = make("Орлов Пётр"), make("Орлов Петр")
        file = attach(gone, viktor)

        merge = merge_customers(kept_id=kept.pk, gone_id=gone.pk, take=[], by=viktor, now=NOW)
        assert [one.pk for one in list_files(RECORD, kept.pk, by=viktor)] == [file.pk]

        undo_merge(merge_id=merge.pk, by=viktor, now=NOW)
        assert [one.pk for one in list_files(RECORD, gone.pk, by=viktor)] == [file.pk]
        assert list_files(RECORD, kept.pk, by=viktor) == []


class TestDeleting:
    def test_a_deleted_one_is_closed_and_can_be_restored(self, smirnova, ksenia, olga):
        file = attach(smirnova, olga)
        with pytest.raises(NotAllowed):
            services.delete(file_id=file.pk, by=olga, now=NOW)

        services.delete(file_id=file.pk, by=ksenia, now=NOW)
        assert list_files(RECORD, smirnova.pk, by=olga) == []
        with pytest.raises(NoSuchFile):
            services.open_file(file_id=file.pk, by=ksenia, now=NOW)

        services.restore(file_id=file.pk, by=ksenia, now=NOW)
        assert [one.pk for one in list_files(RECORD, smirnova.pk, by=olga)] == [file.pk]

    def test_only_contents_that_nobody_has_are_swept(self, smirnova, olga, ksenia, folder):
        file = attach(smirnova, olga)
        services.delete(file_id=file.pk, by=ksenia, now=NOW)
        orphan = store.put([b"%PDF- broken off before it was committed"], most=1000)
        later = datetime.now(UTC) + timedelta(days=2)

        assert services.sweep(now=later) == 1
        assert not store.path_of(orphan.sha256).exists()
        assert store.path_of(file.sha256).exists()

    @pytest.mark.django_db(transaction=True)
    def test_erasing_takes_the_content_too_unless_another_card_has_it(self, make, viktor, system):
        one, other = make("Орлов Пётр"), make("Белов Олег")
        shared, own = attach(one, viktor), attach(one, viktor, "own.pdf", PDF + b" own")
        attach(other, viktor)

        assert services.erase_files(kind=RECORD, record_id=one.pk, by=system, now=NOW) == 2
        assert not store.path_of(own.sha256).exists()
        assert store.path_of(shared.sha256).exists()
        assert len(list_files(RECORD, other.pk, by=viktor)) == 1


class TestPages:
    @pytest.mark.feature("F27.03")
    @pytest.mark.feature("F01.15")
    def test_a_file_is_attached_to_the_card_and_downloaded(self, browse, olga, smirnova):
        browser = browse(olga)
        address = reverse("files:files", args=[RECORD, smirnova.pk])
        answer = browser.post(address, {"file": SimpleUploadedFile("Договор.pdf", PDF)})
        assert answer.status_code == 302

        page = browser.get(reverse("customers:card", args=[smirnova.pk])).content.decode()
        assert "Договор.pdf" in page
        assert 'data-upload="' in page

        file = File.objects.get()
        got = browser.get(reverse("files:download", args=[file.pk]))
        assert b"".join(got.streaming_content) == PDF
        assert got["Content-Type"] == "application/octet-stream"
        assert got["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert got["X-Content-Type-Options"] == "nosniff"
        assert got["Content-Security-Policy"].startswith("sandbox")
        assert CommandRecord.objects.filter(name="files.download", facts__file_id=str(file.pk)).count() == 1

    def test_a_picture_is_shown_all_else_is_saved(self, browse, olga, smirnova):
        browser = browse(olga)
        picture, paper = attach(smirnova, olga, "face.png", PNG), attach(smirnova, olga)

        shown = browser.get(reverse("files:download", args=[picture.pk]) + "?look")
        assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("image/png", "inline")
        saved = browser.get(reverse("files:download", args=[paper.pk]) + "?look")
        assert (saved["Content-Type"], saved["Content-Disposition"][:10]) == ("application/octet-stream", "attachment")

    def test_a_refusal_is_told_in_words(self, browse, olga, smirnova):
        browser, address = browse(olga), reverse("files:files", args=[RECORD, smirnova.pk])
        headers = {"Accept": "application/json"}

        wrong = browser.post(address, {"file": SimpleUploadedFile("x.pdf", b"MZ\x90")}, headers=headers)
        assert wrong.status_code == 422
        assert "not what the ending “pdf” says" in wrong.json()["message"]

        FileRules.objects.create(most_mb=1)
        large = browser.post(address, {"file": SimpleUploadedFile("x.pdf", PDF + b"x" * 2**20)}, headers=headers)
        assert large.status_code == 413
        assert "up to 1.0" in large.json()["message"]
        assert not File.objects.exists()

    def test_deleting_and_restoring_by_the_page(self, browse, ksenia, smirnova):
        browser, file = browse(ksenia), attach(smirnova, ksenia)
        htmx = {"HX-Request": "true", "HX-Target": f"files-{smirnova.pk}"}

        part = browser.post(reverse("files:act", args=[file.pk, "delete"]), headers=htmx).content.decode()
        assert "deleted by" in part
        part = browser.post(reverse("files:act", args=[file.pk, "restore"]), headers=htmx).content.decode()
        assert "deleted by" not in part
        part = browser.post(
            reverse("files:act", args=[file.pk, "describe"]), {"description": "Signed  on Monday"}, headers=htmx
        ).content.decode()
        assert "Signed on Monday" in part

    def test_an_administrator_sets_what_is_taken(self, browse, smirnova, olga, loans):
        lisina = User.objects.create_user(
            "lisina", last_name="Лисина", role=Role.objects.get(code="information_administrator")
        )
        browser = browse(lisina.actor())
        address = reverse("files:rules")
        assert browser.get(address).status_code == 200
        typed = {"most_mb": "5", "most_files": "10", "most_mb_record": "20", "kinds": ["pdf"]}

        refused = browser.post(address, {**typed, "most_mb": "100000"})
        assert refused.status_code == 422
        assert "Not more than 500" in refused.content.decode()
        assert browser.post(address, typed).status_code == 302

        with pytest.raises(FileRefused):
            attach(smirnova, olga, "face.png", PNG)
        part = export_files()
        FileRules.objects.all().delete()
        load_files(part, lisina.actor(), NOW)
        assert export_files() == part


class TestFieldsWithFiles:
    @pytest.fixture
    def scans(self, db):
        section = FieldSection.objects.create(kind=RECORD, key="papers", label={"en": "Papers"})
        field = CustomField.objects.create(
            kind=RECORD, section=section, key="scans", type="file", label={"en": "Scans"}, access={"operator": "seen"}
        )
        FieldsStamp.objects.update_or_create(kind=RECORD, defaults={"stamp": uuid7(NOW)})
        return field

    def test_hold_files_for_those_who_may_change_the_field(self, scans, smirnova, olga, ksenia):
        with pytest.raises(NotFound):
            attach(smirnova, olga, field="scans")

        file = attach(smirnova, viktor_of(scans), field="scans")
        assert get_file(file.pk, by=olga) == file
        assert list_files(RECORD, smirnova.pk, by=olga) == []
        assert list_files(RECORD, smirnova.pk, by=olga, field="scans") == [file]

    def test_are_shown_in_their_section(self, scans, smirnova, olga, browse):
        attach(smirnova, viktor_of(scans), "passport.pdf", field="scans")

        page = browse(olga).get(reverse("customers:card", args=[smirnova.pk])).content.decode()
        listed = browse(olga).get(f"{reverse('files:files', args=[RECORD, smirnova.pk])}?field=scans").content.decode()

        assert "passport.pdf" in page
        assert "Scans" in page
        assert "passport.pdf" in listed

    def test_are_closed_with_the_field(self, scans, smirnova, olga):
        file = attach(smirnova, viktor_of(scans), field="scans")
        scans.access = {"operator": "hidden"}
        scans.save()
        FieldsStamp.objects.filter(kind=RECORD).update(stamp=uuid7(NOW + timedelta(seconds=1)))

        with pytest.raises(NotFound):
            get_file(file.pk, by=olga)


def viktor_of(_field) -> object:
    """A supervisor: the field's access does not name his role, so it is given here."""
    _field.access = {"operator": "seen", "supervisor": "edited"}
    _field.save()
    FieldsStamp.objects.filter(kind=RECORD).update(stamp=uuid7(NOW + timedelta(seconds=2)))
    user = User.objects.filter(login="viktor2").first() or User.objects.create_user(
        "viktor2", last_name="Орлов", role=Role.objects.get(code="supervisor")
    )
    return user.actor()
