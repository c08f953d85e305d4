"""The styles of all pages in one file: a browser shows nothing before it has them, and waits for each.

The file is written when a page is, and again at the end of a build, when the theme has its colours for code.
"""

import os
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

ALL = "_static/styles.css"
OF_SOME_PAGES = "playgrounds.css"
LINK = re.compile(r'\s*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"?]*)[^"]*"[^>]*>')
PART = re.compile(r"^/\* from (\S+) \*/$", re.MULTILINE)
IMPORT = re.compile(r'@import "([^"]+)";')
ADDRESS = re.compile(r"url\(\s*([\"']?)(?!data:|#|%23)([^)\"']+)\1\s*\)")


def put_into_one(page: str, site: Path) -> str:
    """Have a page load one file for all its styles but those of a playground."""
    links = [link for link in LINK.finditer(page) if not link[1].endswith(OF_SOME_PAGES)]
    if not links:
        return page
    root, *_ = links[0][1].partition("_static/")
    digest = write_once(site, tuple(link[1].removeprefix(root) for link in links))
    for link in links[1:]:
        page = page.replace(link[0], "", 1)
    return page.replace(links[0][0], f'\n<link rel="stylesheet" href="{root}{ALL}?v={digest}" />', 1)


@cache
def write_once(site: Path, names: tuple[str, ...]) -> str:
    """Write styles for the first page that a process writes."""
    return write(site, names)


def write(site: Path, names: tuple[str, ...]) -> str:
    """Write styles one after the other, each below its name, and return their digest."""
    text = "\n".join(f"/* from {name} */\n{rebased(site / name, site / ALL)}" for name in names)
    aside = site / f"{ALL}.{os.getpid()}"  # each process that writes pages writes it
    aside.write_text(text)
    aside.rename(site / ALL)
    return sha256(text.encode()).hexdigest()[:8]


def write_again(app, exception):
    """Write what was written with styles that another extension has changed since."""
    style = Path(app.outdir, ALL)
    if exception is None and app.builder.format == "html" and style.exists():
        write(style.parents[1], tuple(PART.findall(style.read_text())))


def rebased(style: Path, target: Path) -> str:
    """A style, with those it imports, whose addresses are those of a file at another place."""

    def imported(name: re.Match) -> str:
        return rebased(style.parent / name[1], target)

    def moved(address: re.Match) -> str:
        path = os.path.relpath(style.parent / address[2], target.parent)
        return f'url("{Path(path).as_posix()}")'

    return IMPORT.sub(imported, ADDRESS.sub(moved, style.read_text()))


def setup(app):
    app.connect("build-finished", write_again, priority=600)  # the theme does it at 500
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
