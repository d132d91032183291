"""Copies the files of others that we keep in the tree, with their licences and checksums.

    npm ci && python -m tools.vendor && rm -r node_modules

The versions are those of package-lock.json, whose hashes npm has checked. What is copied is committed, so that nobody needs Node
to run or test the product. Each folder has its list of checksums: `sha256sum -c SHA256SUMS` there.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

from portfolios.icons import LUCIDE

ROOT = Path(__file__).resolve().parent.parent
SERVED = ROOT / "static" / "vendor"
FOR_TESTS = ROOT / "tests" / "vendor"

# Package → the folder its copy stands in, and the files to keep, by their place in the package.
KEPT: dict[str, tuple[Path, tuple[str, ...]]] = {
    "@fontsource-variable/inter": (SERVED, ("files/inter-latin-wght-normal.woff2", "LICENSE")),
    "@fontsource-variable/source-serif-4": (SERVED, ("files/source-serif-4-latin-wght-normal.woff2", "LICENSE")),
    "lucide-static": (SERVED, (*(f"icons/{drawing}.svg" for drawing in sorted(set(LUCIDE.values()))), "LICENSE")),
    "uplot": (SERVED, ("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE")),
    "axe-core": (FOR_TESTS, ("axe.min.js", "LICENSE", "LICENSE-3RD-PARTY.txt")),
}
FOLDERS = (SERVED, FOR_TESTS)


def copy_of(package: str) -> Path:
    """The folder of a package's copy, by the version of the lock: static/vendor/inter-5.3.0."""
    lock = json.loads((ROOT / "package-lock.json").read_text())
    version: str = lock["packages"][f"node_modules/{package}"]["version"]
    return KEPT[package][0] / f"{Path(package).name}-{version}"


def kept_files(folder: Path) -> list[Path]:
    """The copies that belong below that folder."""
    return [copy_of(package) / Path(name).name for package, (place, names) in KEPT.items() if place == folder for name in names]


def checksums(folder: Path) -> str:
    """One line per copy, as sha256sum writes and checks them."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}" for path in kept_files(folder)]
    return "\n".join(lines) + "\n"


def copy_all() -> None:
    for old in (old for folder in FOLDERS for old in folder.glob("*/")):
        shutil.rmtree(old)
    for package, (_, names) in KEPT.items():
        copy = copy_of(package)
        copy.mkdir(parents=True)
        for name in names:
            shutil.copyfile(ROOT / "node_modules" / package / name, copy / Path(name).name)
    for folder in FOLDERS:
        (folder / "SHA256SUMS").write_text(checksums(folder))


if __name__ == "__main__":
    if not (ROOT / "node_modules").is_dir():
        sys.exit("There is no node_modules here: run `npm ci` first.")
    copy_all()
    print("".join((folder / "SHA256SUMS").read_text() for folder in FOLDERS), end="")
