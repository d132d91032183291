"""Where the embedded servers keep their data, and as whom they run.

An ordinary user's servers run as that user, with their data in var/servers. PostgreSQL refuses to run as root, so root's
servers are demoted: to the owner of the folder that var lies in, or to `nobody` where that is root itself. A demoted server
must be able to reach its data and its programs. Where it is not (a checkout below a folder that only root may enter), nobody's
folder is opened for it: data and a copy of the programs live in a folder of their own below /var/lib/bellwether, and var/servers
is a link to it.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ELSEWHERE = Path("/var/lib/bellwether")
TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path(tempfile.gettempdir()))


class Refused(Exception):
    """The embedded servers cannot run here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that root's servers are demoted to."""

    uid: int
    gid: int

    def may(self, flag: str, path: Path) -> bool:
        """Whether the account may enter or execute (`-x`), read (`-r`) that path: the system's own answer, parents included."""
        argv = ["test", flag, str(path)]
        return subprocess.run(argv, check=False, user=self.uid, group=self.gid, extra_groups=[], cwd="/").returncode == 0

    def take(self, folder: Path) -> None:
        """Make the account the owner of a folder and all below it."""
        if any(path.lstat().st_uid != self.uid for path in [folder, *folder.iterdir()]):
            for path in [folder, *folder.rglob("*")]:
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(var: Path) -> Account | None:
    """As whom servers run whose data belongs to `var`; None: as whoever we are."""
    if os.geteuid() != 0:
        return None
    uid = var.parent.stat().st_uid
    try:
        entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    except KeyError:
        entry = pwd.getpwnam("nobody")  # initdb wants an account that has a name
    return Account(entry.pw_uid, entry.pw_gid)


def settle(var: Path, account: Account | None) -> Path:
    """Make the folder that holds the servers' data, and return it, moving data that an earlier run had to keep elsewhere.

    Raises Refused when the folder or what is in it belongs to somebody else.
    """
    inside = var / "servers"
    try:
        if account is None:
            return _settle_own(inside)
        home = inside if account.may("-x", var) else _elsewhere(var)
        _move(inside, home)
        home.mkdir(mode=0o700, exist_ok=True)
        account.take(home)
    except PermissionError as error:
        raise Refused(f"{error}. Make {var} yours, or set VAR_DIR to a folder that you may write.") from error
    return home


def _settle_own(inside: Path) -> Path:
    if inside.is_symlink():
        raise Refused(
            f"The data of this checkout lies in {inside.readlink()}, where root's run had to keep it. "
            "Start it once more as root, now that the checkout is yours, or begin anew with `make reset`."
        )
    inside.mkdir(mode=0o700, exist_ok=True)
    owners = {path.stat().st_uid for path in [inside, *inside.iterdir()]}
    if owners != {os.geteuid()}:
        raise Refused(
            f"{inside} belongs to another user. Start once as root, which hands it over, or set VAR_DIR to another folder."
        )
    return inside


def _elsewhere(var: Path) -> Path:
    link = var / "servers"
    if link.is_symlink() and link.readlink().is_dir():
        return link.readlink()  # the checkout was moved: its data was not
    prune()
    ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
    return ELSEWHERE / hashlib.sha256(str(var).encode()).hexdigest()[:12]


def _move(inside: Path, home: Path) -> None:
    if home == inside:
        if inside.is_symlink():
            target = inside.readlink()
            inside.unlink()
            if target.is_dir():
                shutil.move(target, inside)
        return
    if inside.is_dir() and not inside.is_symlink():
        shutil.move(inside, home)
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "origin").write_text(str(inside.parent))
    inside.unlink(missing_ok=True)
    inside.symlink_to(home)


def prune() -> None:
    """Remove what checkouts in temporary folders kept elsewhere and left behind when they were deleted."""
    for origin in ELSEWHERE.glob("*/origin"):
        var = Path(origin.read_text())
        if not var.exists() and any(var.is_relative_to(folder) for folder in TEMPORARY):
            shutil.rmtree(origin.parent)


def remove(var: Path) -> None:
    """Delete `var`, and what its servers keep elsewhere."""
    link = var / "servers"
    if link.is_symlink() and link.readlink().is_relative_to(ELSEWHERE):
        shutil.rmtree(link.readlink(), ignore_errors=True)
    if var.exists():
        shutil.rmtree(var)


def hand_over(var: Path) -> None:
    """Give what root's run wrote below `var` to the owner of the folder that `var` lies in, so that their next run can go on."""
    if os.geteuid() != 0:
        return
    owner = var.parent.stat()
    if owner.st_uid == 0:
        return
    os.chown(var, owner.st_uid, owner.st_gid)
    for path in var.iterdir():
        if path.name != "servers":
            for each in [path, *path.rglob("*")]:
                os.chown(each, owner.st_uid, owner.st_gid, follow_symlinks=False)


def programs(package: Path, beside: tuple[Path, ...], home: Path, account: Account | None) -> Path:
    """The folder of a wheel's programs that the account can run: the wheel's own, or a copy in `home`.

    `beside` are folders that the programs look for their libraries in, next to the package. A copy is renewed when the wheel is.
    """
    if account is None or account.may("-x", package):
        return package
    copy = home / "programs" / package.name
    stamp = copy / "copied-from"
    version = f"{package} {package.stat().st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != version:
        for source in (package, *beside):
            target = copy.parent / source.name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("pginstall", "include", "__pycache__"))
        stamp.write_text(version)
        account.take(copy.parent)
    return copy


if __name__ == "__main__":  # the Makefile, for what it put into .venv
    hand_over(Path(sys.argv[1]).absolute())
