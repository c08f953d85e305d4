"""A clean copy of the project in which drifts are put, tried and taken away again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from caches import pages_to_run
from checks import Check, checks_of, of_each_session
from drifts import ROOT, Drift

SESSIONS = ("docs", "doctest", "tests", "types")
RAN = re.compile(r"docs/(\S+\.md): Executed notebook")
CODE = re.compile(r'<div class="cell_input.*?</pre>|<svg.*?</svg>|<script.*?</script>', re.DOTALL)
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
UNREAD = re.compile(r"WARNING: .* not as somebody has read it: ")  # docs/_extensions/readings.py
FAILURE = re.compile(r"^(?:FAILED|ERROR) .*|^\S+: error: .*", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a drift: by which check it was caught, or "" for none, and what that said.

    ``says_the_same`` is true of a page whose text is the one of before, but for its code, ``draws_the_same``
    of one with the same figures.
    """

    by: str
    why: str
    seconds: float
    output: str
    says_the_same: bool = False
    draws_the_same: bool = False


class Workshop:
    """A copy of the project, built once; ``python`` is an interpreter that has nox and uv."""

    def __init__(self, folder: Path, python: str):
        self.copy, self.kept, self.python = folder / "copy", folder / "kept", python
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"}
        }
        self.environment |= {
            "PYTHONPATH": str(self.copy),
            "NO_COLOR": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def prepare(self) -> None:
        """Make the copy and build it, unless that has been done; its checks must pass."""
        if self.kept.exists():
            restore(self.kept, self.copy / "build")
            self.git("checkout", "--quiet", ".")
            return
        shutil.rmtree(self.copy, ignore_errors=True)
        for name in files_of_the_project():
            (self.copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.copy / name)
        for source in (ROOT / "build").glob("served*"):  # fetched once, for the project
            target = self.copy / "build" / source.name
            target.parent.mkdir(exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, target)
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("-c", "user.name=drift", "-c", "user.email=drift", "commit", "--quiet", "--message=clean")
        (self.copy / ".nox").mkdir()
        for session in SESSIONS:  # they run in the environment that the drill runs in
            (self.copy / ".nox" / session).symlink_to(sys.prefix)
        for check in of_each_session():
            failed, output = self.run(check)
            if failed:
                raise SystemExit(f"{check.name} fails before anything is changed:\n{output[-3000:]}")
        unfinished = self.kept.with_name("kept.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(self.copy / "build", unfinished)
        unfinished.rename(self.kept)

    def git(self, *arguments: str) -> str:
        """Run git in the copy."""
        command = ["git", "-C", str(self.copy), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def run(self, check: Check) -> tuple[bool, str]:
        """Whether a check fails, and its output."""
        command = [self.python, "-m", *check.command]
        process = subprocess.Popen(
            command, cwd=self.copy, env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
        )  # fmt: skip
        try:
            output, _ = process.communicate(timeout=check.limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True, f"{check.name} took more than {check.limit} s"
        return process.returncode != 0, COLOURS.sub("", output)

    def tried(self, drift: Drift) -> Outcome:
        """Put a drift in, run the checks until one fails, and take it away."""
        path = self.copy / drift.path
        before, times, packages = path.read_bytes(), path.stat(), installed()
        began, all_output = time.monotonic(), []
        try:
            path.write_bytes(drift.applied(before.decode()).encode())
            if drift.keeps_time:
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            by = why = ""
            for check in checks_of(drift):
                failed, output = self.run(check)
                all_output.append(output)
                if failed and merely_unread(output):
                    by, why = "" if drift.asks_for_more else "a reading", UNREAD.search(output)[0]
                elif failed:
                    by, why = check.name, cause(output)
                elif drift.keeps_time and pages_to_run(drift) <= {
                    f"docs/{name}" for name in RAN.findall(output)
                }:
                    by, why = "run again", f"{len(pages_to_run(drift))} pages"
                if by:
                    break
            same = [not by and self.is_the_same(drift.path, part) for part in (told, drawn)]
            return Outcome(by, why, time.monotonic() - began, "\n".join(all_output), *same)
        finally:
            path.write_bytes(before)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            restore(self.kept, self.copy / "build")
            shutil.rmtree(self.copy / ".hypothesis", ignore_errors=True)
            if self.git("status", "--porcelain"):
                raise RuntimeError(f"{self.copy} is not clean after {drift.name}")
            if installed() != packages:
                raise RuntimeError(f"{drift.name} has changed what is installed for all others")

    def is_the_same(self, path: str, part: Callable[[str], object]) -> bool:
        """Whether a part of a page is what it was before the drift."""
        if not path.startswith("docs/"):
            return False
        page = Path("html", *Path(path).with_suffix(".html").parts[1:])
        before, after = self.kept / page, self.copy / "build" / page
        return before.is_file() and part(before.read_text()) == part(after.read_text())


def merely_unread(output: str) -> bool:
    """Whether a book was built, and all that was found is that a text is not as somebody has read it."""
    warnings = [line for line in output.splitlines() if "WARNING: " in line]
    return "build finished with problems" in output and all(UNREAD.search(line) for line in warnings)


def told(html: str) -> str:
    """The words of a page and the outputs of its cells."""
    return " ".join(TAG.sub(" ", CODE.sub(" ", html)).split())


def drawn(html: str) -> list[str]:
    """The figures of a page."""
    return DRAWING.findall(html)


def files_of_the_project() -> list[str]:
    """The files that git knows or would know."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def installed() -> set[tuple[str, str]]:
    """What is installed in the environment that all checks run in."""
    return {(found.name, found.version) for found in distributions()}


def restore(kept: Path, folder: Path) -> None:
    """Make a folder equal to the one that was kept, by the times and sizes of the files."""
    wanted, found = (
        {path.relative_to(top): path for path in top.rglob("*") if not path.is_dir()}
        for top in (kept, folder)
    )
    for name in found.keys() - wanted.keys():
        found[name].unlink()
    for name, path in wanted.items():
        old, new = path.stat(), found[name].stat() if name in found else None
        if new is None or (old.st_size, old.st_mtime_ns) != (new.st_size, new.st_mtime_ns):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / name)


def cause(output: str) -> str:
    """The line of an output that says what failed."""
    failure = FAILURE.search(output)
    if failure:
        return failure[0][:200]
    lines = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("nox >")]
    return " ".join(lines[-2:])[-200:]
