"""The styles of all pages in one file: a browser shows nothing before it has them, and waits for each.

A page that is written says which they are; they are put together at the end of a build, when all are there.
PurgeCSS leaves out the rules, five of six, whose words are in no page and in no script.
"""

import os
import re
import subprocess
import sys
from functools import cache
from hashlib import sha256
from pathlib import Path

from sphinx.errors import SphinxError

DOCS = Path(__file__).parents[1]
PURGECSS = DOCS.parent / "build" / "served" / "styles" / "purgecss.cjs"
ALL = "_static/styles.css"
OF_SOME_PAGES = "playgrounds.css"
LINK = re.compile(r'\s*<link (?=[^>]*rel="stylesheet")[^>]*href="(([^"?]*)[^"]*)"[^>]*>')
PART = re.compile(r"/\* from (\S+) \*/")  # PurgeCSS leaves what follows no line of its own
IMPORT = re.compile(r'@import "([^"]+)";')
ADDRESS = re.compile(r"url\(\s*([\"']?)(?!data:|#|%23)([^)\"']+)\1\s*\)")


def put_into_one(page: str, site: Path) -> str:
    """Have a page load one file for all its styles but those of a playground."""
    links = [link for link in LINK.finditer(page) if not link[2].endswith(OF_SOME_PAGES)]
    if not links:
        return page
    root, *_ = links[0][2].partition("_static/")
    name_parts(site, tuple(link[2].removeprefix(root) for link in links))
    version = sha256("".join(link[1].removeprefix(root) for link in links).encode()).hexdigest()[:8]
    for link in links[1:]:
        page = page.replace(link[0], "", 1)
    return page.replace(links[0][0], f'\n<link rel="stylesheet" href="{root}{ALL}?v={version}" />', 1)


@cache
def name_parts(site: Path, names: tuple[str, ...]) -> None:
    """Write down which styles a page loads."""
    aside = site / f"{ALL}.{os.getpid()}"  # each process that writes pages does it
    aside.write_text("".join(f"/* from {name} */\n" for name in names))
    aside.rename(site / ALL)


def put_together(app, exception):
    """Write each style below its name."""
    target = Path(app.outdir, ALL)
    if exception is None and app.builder.format == "html" and target.exists():
        parts = {name: rebased(Path(app.outdir, name), target) for name in PART.findall(target.read_text())}
        styles = "".join(f"/* from {name} */\n{style}\n" for name, style in parts.items())
        target.write_text(used(styles, Path(app.outdir)))


def used(styles: str, site: Path) -> str:
    """Of styles, what the pages and the scripts of a site can use."""
    command = [Path(sys.executable).with_name("node"), DOCS / "_used_styles.mjs", PURGECSS]
    purge = subprocess.run(  # noqa: S603 - our own words
        command, cwd=site, input=styles, capture_output=True, encoding="utf-8", check=False
    )
    if purge.returncode:
        raise SphinxError(f"The styles of the pages could not be read:\n{purge.stderr}")
    return purge.stdout


def rebased(style: Path, target: Path) -> str:
    """A style, with those it imports, whose addresses are those of a file at another place."""

    def imported(name: re.Match) -> str:
        return rebased(style.parent / name[1], target)

    def moved(address: re.Match) -> str:
        path = os.path.relpath(style.parent / address[2], target.parent)
        return f'url("{Path(path).as_posix()}")'

    return IMPORT.sub(imported, ADDRESS.sub(moved, style.read_text()))


def setup(app):
    app.connect("build-finished", put_together, priority=600)  # the theme writes its colours for code at 500
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
