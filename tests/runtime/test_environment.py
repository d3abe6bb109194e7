"""What a start takes from the machine, and the sentence it stops with when that makes no sense."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from perezvon.project.environment import Environment, WrongSetting, django_database, open_private, read


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def settings(home: Path, **variables: str) -> Environment:
    return read({"PEREZVON_HOME": str(home), **variables})


class TestRead:
    def test_needs_nothing_given(self, home: Path) -> None:
        found = settings(home)

        assert (found.host, found.port, found.url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
        assert found.is_embedded
        assert str(found.postgres_sockets) in found.database

    def test_keeps_the_key_it_made_and_shows_it_to_nobody_else(self, home: Path) -> None:
        first, second = settings(home), settings(home)

        assert first.secret_key == second.secret_key
        assert len(first.secret_key) >= 32
        assert stat.S_IMODE((home / "secret.key").stat().st_mode) == 0o600
        assert first.secret_key not in repr(first)

    def test_takes_a_key_from_a_file(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("k" * 40 + "\n")

        assert settings(home, PEREZVON_SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == "k" * 40

    def test_leaves_room_for_a_socket_however_long_home_is(self, tmp_path: Path) -> None:
        found = settings(tmp_path / ("long" * 40) / ("name" * 20))

        assert len(bytes(found.voice_socket)) < 107
        assert len(bytes(found.postgres_sockets / ".s.PGSQL.5432")) < 107

    def test_gives_every_home_its_own_sockets(self, tmp_path: Path) -> None:
        assert settings(tmp_path / "one").sockets != settings(tmp_path / "two").sockets

    def test_uses_the_server_it_is_given(self, home: Path) -> None:
        found = settings(home, DATABASE_URL="postgresql://anna:secret@db.example/centre?sslmode=require")

        assert not found.is_embedded
        assert django_database(found.database) == {
            "NAME": "centre",
            "USER": "anna",
            "PASSWORD": "secret",
            "HOST": "db.example",
            "PORT": "",
        }
        assert "secret" not in repr(found)

    @pytest.mark.parametrize(
        ("variables", "sentence"),
        [
            ({"PEREZVON_PORT": "eighty"}, "PEREZVON_PORT must be a port between 1 and 65535, not 'eighty'."),
            ({"PEREZVON_PORT": "70000"}, "PEREZVON_PORT must be a port between 1 and 65535, not '70000'."),
            ({"PEREZVON_DEBUG": "maybe"}, "PEREZVON_DEBUG must be 1 or 0, not 'maybe'."),
            ({"PEREZVON_VOICE_ADDRESS": "here"}, "PEREZVON_VOICE_ADDRESS must be an IP address, not 'here'."),
            (
                {"DATABASE_URL": "mysql://x/y"},
                "DATABASE_URL must look like postgresql://user:password@host:5432/name.",
            ),
            (
                {"DATABASE_URL": "postgresql://x"},
                "DATABASE_URL must look like postgresql://user:password@host:5432/name.",
            ),
            ({"PEREZVON_SECRET_KEY": "short"}, "PEREZVON_SECRET_KEY must hold at least 32 characters."),
            (
                {"PEREZVON_TLS_CERT": "/nowhere.pem"},
                "PEREZVON_TLS_CERT must name a file that can be read, not '/nowhere.pem'.",
            ),
            ({"PEREZVON_HOTS": "0.0.0.0"}, "PEREZVON_HOTS is not a setting; PEREZVON_HOST is."),
            (
                {"PEREZVON_TLS_CERT": __file__, "PEREZVON_TLS_KEY": "/dev/null"},
                "PEREZVON_TLS_KEY must name a file that can be read, not '/dev/null'.",
            ),
            ({"PEREZVON_TLS_CERT": __file__}, "PEREZVON_TLS_KEY must be given with PEREZVON_TLS_CERT."),
        ],
    )
    def test_says_in_one_sentence_what_is_wrong(self, home: Path, variables: dict[str, str], sentence: str) -> None:
        with pytest.raises(WrongSetting) as caught:
            settings(home, **variables)

        assert str(caught.value) == sentence

    def test_refuses_a_key_that_the_web_server_cannot_read(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "key.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\n")

        with pytest.raises(WrongSetting, match="must be PKCS #8: openssl pkcs8"):
            settings(home, PEREZVON_TLS_CERT=__file__, PEREZVON_TLS_KEY=str(tmp_path / "key.pem"))

    def test_refuses_a_home_that_is_a_file(self, home: Path) -> None:
        home.touch()

        with pytest.raises(WrongSetting, match="PEREZVON_HOME"):
            settings(home)


class TestListen:
    def test_stays_on_this_machine_without_tls(self, home: Path) -> None:
        found = settings(home, PEREZVON_HOST="0.0.0.0")

        assert (found.host, found.listen, found.url) == ("0.0.0.0", "127.0.0.1", "http://127.0.0.1:8000")

    def test_reaches_out_with_tls(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
        found = settings(home, PEREZVON_TLS_CERT=__file__, PEREZVON_TLS_KEY=str(tmp_path / "key.pem"))

        assert (found.listen, found.url) == ("0.0.0.0", "https://127.0.0.1:8000")

    def test_obeys_behind_a_proxy(self, home: Path) -> None:
        assert settings(home, PEREZVON_BEHIND_PROXY="1").listen == "127.0.0.1"
        assert settings(home, PEREZVON_BEHIND_PROXY="1", PEREZVON_HOST="10.0.0.5").listen == "10.0.0.5"

    def test_takes_an_asterisk_with_its_manager_beside_it(self, home: Path) -> None:
        url, password = "http://10.0.0.5:8088", "long enough 1234"
        found = settings(home, PEREZVON_ASTERISK_URL=f"{url}/", PEREZVON_ASTERISK_PASSWORD=password)

        assert (found.asterisk_url, found.asterisk_user) == (url, "perezvon")
        assert found.asterisk_manager == ("10.0.0.5", 5038)
        assert password not in repr(found)

    @pytest.mark.parametrize(
        ("name", "given"),
        [
            *(
                ("URL", wrong)
                for wrong in ("10.0.0.5:8088", "http://", "http://u:p@h", "http://h:99999", "http://[::1")
            ),
            *(("PASSWORD", wrong) for wrong in ("", "short", "long enough; 1234", "long enough\n1234")),
            *(("MANAGER", wrong) for wrong in ("5038", "h:", "h:0", "h:port")),
        ],
    )
    def test_refuses_an_asterisk_that_cannot_be_meant(self, home: Path, name: str, given: str) -> None:
        whole = {"URL": "http://h:8088", "PASSWORD": "long enough 1234"} | {name: given}

        with pytest.raises(WrongSetting, match=f"PEREZVON_ASTERISK_{name}"):
            settings(home, **{f"PEREZVON_ASTERISK_{key}": value for key, value in whole.items()})

    @pytest.mark.parametrize(("given", "proxies"), [("", 0), ("0", 0), ("no", 0), ("1", 1), ("yes", 1), ("2", 2)])
    def test_counts_the_proxies_before_it(self, home: Path, given: str, proxies: int) -> None:
        found = settings(home, PEREZVON_BEHIND_PROXY=given)

        assert (found.proxies, found.is_secure) == (proxies, proxies > 0)

    @pytest.mark.parametrize("given", ["-1", "10", "10.0.0.0/8", "perhaps"])
    def test_wants_a_number_of_proxies(self, home: Path, given: str) -> None:
        with pytest.raises(WrongSetting, match="PEREZVON_BEHIND_PROXY must be the number of proxies"):
            settings(home, PEREZVON_BEHIND_PROXY=given)

    @pytest.mark.parametrize("given", ["relay.example", "http://relay.example", "turn://relay.example", "turn:"])
    def test_wants_a_relay_as_browsers_want_it(self, home: Path, given: str) -> None:
        with pytest.raises(WrongSetting, match="PEREZVON_TURN_URL must look like turn:"):
            settings(home, PEREZVON_TURN_URL=given)

    def test_takes_several_addresses_of_a_relay(self, home: Path) -> None:
        urls = "turn:relay.example:3478 turns:relay.example:443?transport=tcp"

        assert settings(home, PEREZVON_TURN_URL=urls).turn_urls == tuple(urls.split())

    def test_knows_its_own_addresses(self, home: Path) -> None:
        assert settings(home, PEREZVON_HOST="::1").url == "http://[::1]:8000"
        assert settings(home, PEREZVON_HOST="localhost").url == "http://localhost:8000"


class TestOpenPrivate:
    def test_refuses_a_link_that_somebody_laid(self, tmp_path: Path) -> None:
        (tmp_path / "theirs").mkdir()
        (tmp_path / "ours").symlink_to(tmp_path / "theirs")

        with pytest.raises(WrongSetting, match="belongs to another user"):
            open_private(tmp_path / "ours")

    def test_shuts_others_out_of_a_folder_that_was_open(self, tmp_path: Path) -> None:
        folder = tmp_path / "open"
        folder.mkdir()
        folder.chmod(0o777)

        open_private(folder)

        assert not folder.stat().st_mode & 0o022
