import pytest

from perezvon.connectors.asterisk_ari.configuration import Wishes, files, phone_password
from perezvon.connectors.asterisk_ari.sight import TooOld, require_version

WISHES = {"user": "perezvon", "password": "long enough 1234", "secret": "s" * 40, "agents": (5, 7)}


def test_every_operator_has_a_phone_with_a_password_of_its_own():
    text = files(Wishes(**WISHES))["pjsip.conf"]

    assert "[agent5](sound)" in text
    assert f"password = {phone_password('s' * 40, 5)}" in text
    assert phone_password("s" * 40, 5) != phone_password("s" * 40, 7)
    assert phone_password("s" * 40, 5) != phone_password("t" * 40, 5)


def test_written_anew_it_looks_the_same():
    assert files(Wishes(**WISHES)) == files(Wishes(**WISHES))


def test_without_a_trunk_there_is_none():
    assert "identify" not in files(Wishes(**WISHES))["pjsip.conf"]
    assert "match = sip.example.com\n" in files(Wishes(**WISHES, trunk="sip.example.com:5062"))["pjsip.conf"]


@pytest.mark.parametrize("wrong", [{"user": "a]\n[b"}, {"password": "a;b"}, {"password": ""}, {"trunk": "a\nb=c"}])
def test_nothing_becomes_another_line(wrong: dict[str, str]):
    with pytest.raises(ValueError, match=r"user and password|not an address"):
        Wishes(**(WISHES | wrong))


def test_the_password_is_not_shown_when_it_is_printed():
    assert "long enough" not in repr(Wishes(**WISHES))


@pytest.mark.parametrize(
    "version", ["22.10.1", "22.3.0", "20.13.0", "21.8.0", "23.0.0", "GIT-master-abc", "certified/20.13-cert1"]
)
def test_versions_that_will_do(version: str):
    assert require_version({"system": {"version": version}}) == version


@pytest.mark.parametrize("version", ["18.9.0", "20.12.1", "22.2.0", "certified-18.9-cert4"])
def test_versions_that_are_too_old(version: str):
    with pytest.raises(TooOld):
        require_version({"system": {"version": version}})
