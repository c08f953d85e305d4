"""Build the last commit twice, as two people far from each other would, and compare the bytes."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEOPLE = {  # never the same day, no common place, order of sets, language or name
    "ada": {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "LANGUAGE": "en", "PYTHONHASHSEED": "1"},
    "a name that is longer": {"TZ": "Pacific/Niue", "LC_ALL": "C", "LANGUAGE": "de", "PYTHONHASHSEED": "2"},
}
AROUND = 60


def main():
    with tempfile.TemporaryDirectory() as folder:
        sites = [built_by(name, settings, Path(folder, name)) for name, settings in PEOPLE.items()]
        found = list(differences(*sites))
        count = sum(path.is_file() for path in sites[0].rglob("*"))
    print("\n".join(found) or f"Both sites have the same bytes, in {count} files.")
    sys.exit(bool(found))


def built_by(name, settings, home):
    """The site that somebody builds in a clone of their own."""
    clone = home / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S607 - the git there is
    shutil.copytree(ROOT / "build" / "served", clone / "build" / "served")
    own = {"HOME": str(home), "USER": name, "LOGNAME": name, "PYTHONPATH": str(clone)}
    print(f"{name} builds the book in {clone}.", flush=True)
    building = [sys.executable, clone / "docs" / "_building.py"]
    subprocess.run(building, check=True, env=os.environ | settings | own)
    return clone / "build" / "html"


def differences(one, other):
    """Say for each file that differs where it does so first."""
    files = [{path.relative_to(site) for path in site.rglob("*") if path.is_file()} for site in (one, other)]
    for name in sorted(files[0] | files[1]):
        if name not in files[0] & files[1]:
            yield f"{name}: only in {one if name in files[0] else other}"
            continue
        left, right = (one / name).read_bytes(), (other / name).read_bytes()
        if left != right:
            pairs = zip(left, right, strict=False)
            place = next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))
            around = slice(max(0, place - AROUND), place + AROUND)
            yield f"{name}: byte {place}:\n    {left[around]}\n    {right[around]}"


if __name__ == "__main__":
    main()
