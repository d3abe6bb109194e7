"""`perezvon telephony`: the folder it writes, and what it says when it cannot."""

from __future__ import annotations

import stat
import wave
from pathlib import Path

import pytest

from perezvon.project import telephony
from perezvon.project.environment import read
from perezvon.project.users import WrongInput


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With an Asterisk that nobody has started."""
    variables = {"PEREZVON_ASTERISK_URL": "http://127.0.0.1:1", "PEREZVON_ASTERISK_PASSWORD": "long enough 1234"}
    found = read({"PEREZVON_HOME": str(tmp_path / "home"), **variables})
    monkeypatch.setattr(telephony, "environment", lambda: found)
    return tmp_path


@pytest.mark.django_db
def test_config_writes_what_an_asterisk_needs_for_its_owner_only(installation: Path) -> None:
    folder = installation / "asterisk"

    assert telephony.run(["config", str(folder), "--trunk", "sip.example.com"]) == 0

    names = {path.name for path in (folder / "etc").iterdir()}
    assert {"ari.conf", "http.conf", "manager.conf", "pjsip.conf", "extensions.conf", "pjsip_notify.conf"} <= names
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder / "etc").iterdir()} == {0o600}
    with wave.open(str(folder / "data/sounds/perezvon/ru/greeting.wav")) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 8000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("/proc/nowhere",), "cannot be written"), (("{}", "--trunk", "a b"), "not an address")],
)
def test_config_says_what_it_cannot_do(installation: Path, arguments: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(WrongInput, match=sentence):
        telephony.run(["config", *(one.format(installation / "there") for one in arguments)])


def test_check_says_that_nobody_answers(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert telephony.run(["check"]) == 1

    assert "No ARI answers at http://127.0.0.1:1" in capsys.readouterr().out


def test_without_an_asterisk_there_is_nothing_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telephony, "environment", lambda: read({"PEREZVON_HOME": str(tmp_path / "home")}))

    with pytest.raises(WrongInput, match="PEREZVON_ASTERISK_URL"):
        telephony.run(["check"])
