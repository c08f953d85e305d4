"""The styles of all pages in one file: a browser shows nothing before it has them, and waits for each."""

import os
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

ALL = "_static/styles.css"
OF_SOME_PAGES = "playgrounds.css"
LINK = re.compile(r'\s*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"?]*)[^"]*"[^>]*>')
IMPORT = re.compile(r'@import "([^"]+)";')
ADDRESS = re.compile(r"url\(\s*([\"']?)(?!data:|#|%23)([^)\"']+)\1\s*\)")


def put_into_one(page: str, site: Path) -> str:
    """Have a page load one file for all its styles but those of a playground."""
    links = [link for link in LINK.finditer(page) if not link[1].endswith(OF_SOME_PAGES)]
    if not links:
        return page
    root, *_ = links[0][1].partition("_static/")
    digest = write(site, tuple(link[1].removeprefix(root) for link in links))
    for link in links[1:]:
        page = page.replace(link[0], "", 1)
    return page.replace(links[0][0], f'\n<link rel="stylesheet" href="{root}{ALL}?v={digest}" />', 1)


@cache
def write(site: Path, names: tuple[str, ...]) -> str:
    """Write styles one after the other, and return their digest."""
    text = "\n".join(rebased(site / name, site / ALL) for name in names)
    aside = site / f"{ALL}.{os.getpid()}"  # each process that writes pages writes it
    aside.write_text(text)
    aside.rename(site / ALL)
    return sha256(text.encode()).hexdigest()[:8]


def rebased(style: Path, target: Path) -> str:
    """A style, with those it imports, whose addresses are those of a file at another place."""

    def imported(name: re.Match) -> str:
        return rebased(style.parent / name[1], target)

    def moved(address: re.Match) -> str:
        path = os.path.relpath(style.parent / address[2], target.parent)
        return f'url("{Path(path).as_posix()}")'

    return IMPORT.sub(imported, ADDRESS.sub(moved, style.read_text()))
