"""Copies the files of others that we keep in the tree, with their licences and checksums.

    npm ci && python tools/vendor.py

The versions are those of package-lock.json, whose hashes npm has checked. What is copied is committed, so that nobody needs Node
to run or test the product.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUMS = ROOT / "tests" / "vendor" / "SHA256SUMS"

# Package → the folder its copy stands in (tests/vendor: never served by the product), and the files to keep.
KEPT = {
    "axe-core": (ROOT / "tests" / "vendor", ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt")),
}


def locked_version(package: str) -> str:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    version: str = lock["packages"][f"node_modules/{package}"]["version"]
    return version


def kept_files() -> list[Path]:
    """The copies that belong in the tree, by the versions of the lock."""
    return [folder / f"{package}-{locked_version(package)}" / name for package, (folder, names) in KEPT.items() for name in names]


def checksums() -> str:
    """One line per copy, as sha256sum writes and checks them."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(SUMS.parent)}" for path in kept_files()]
    return "\n".join(lines) + "\n"


def copy_all() -> None:
    for package, (folder, names) in KEPT.items():
        for old in folder.glob(f"{package}-*"):
            shutil.rmtree(old)
        copy = folder / f"{package}-{locked_version(package)}"
        copy.mkdir(parents=True)
        for name in names:
            shutil.copyfile(ROOT / "node_modules" / package / name, copy / name)
    SUMS.write_text(checksums())


if __name__ == "__main__":
    if not (ROOT / "node_modules").is_dir():
        sys.exit("There is no node_modules here: run `npm ci` first.")
    copy_all()
    print(SUMS.read_text(), end="")
