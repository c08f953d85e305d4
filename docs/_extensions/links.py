"""Every link from one page of the built site to another arrives, at the anchor too."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.errors import SphinxError

LEADS_NOWHERE = re.compile(r"<(svg|pre)\b.*?</\1>", re.DOTALL)  # drawings and code, most tags of a site
TAG = re.compile(r"<([a-z]\w*)(\s[^<>]*)>")
ATTRIBUTE = re.compile(r'\s(id|href|src|data-playground)="([^"]*)"')


class Page:
    """The anchors and the links of a page; the address of a playground has more behind its anchor and "="."""

    def __init__(self, path):
        self.anchors, self.links = {"", "top"}, []
        for tag, attributes in TAG.findall(LEADS_NOWHERE.sub("", path.read_text())):
            for name, value in ATTRIBUTE.findall(attributes):
                if name == "id":
                    self.anchors.add(unescape(value))
                elif name == "data-playground":
                    self.anchors.add(f"{value}=")
                elif value and tag in {"a", "img", "link", "script"}:
                    self.links.append(unescape(value))


def check_links(app, exception):
    """Raise with every link of the site that leads nowhere in it."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir).resolve()
    pages = {path: Page(path) for path in pages_of(site)}
    broken = [
        f"{path.relative_to(site)}: {link}"
        for path, page in pages.items()
        for link in page.links
        if not arrives(link, path, pages)
    ]
    if broken:
        raise SphinxError("Links that lead nowhere:\n" + "\n".join(sorted(broken)))


def pages_of(site):
    """The pages of a built site, in the order of their paths."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def remove_page(app, env, docname):
    """Take a page whose source is gone from the site too; else links would still arrive there."""
    if app.builder.format == "html" and docname not in env.found_docs:
        Path(app.builder.get_outfilename(docname)).unlink(missing_ok=True)


def write_every_page(app, env):
    """Have all pages written when the list of them has changed, for each of them shows it."""
    titles = {name: title.astext() for name, title in env.titles.items()}
    listed = titles, dict(env.toctree_includes)
    known, env.listed_pages = getattr(env, "listed_pages", listed), listed
    return env.found_docs if listed != known else ()


def arrives(link, path, pages):
    """Whether a link on the page at path leads to a file, and an anchor, of the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target in pages:
        anchor, sign, _ = parts.fragment.partition("=")
        return unquote(anchor) + sign in pages[target].anchors
    return target.is_file()


def setup(app):
    app.connect("env-purge-doc", remove_page)
    app.connect("env-updated", write_every_page)
    app.connect("build-finished", check_links)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
