"""What is wrong in the HTML of the theme and of its neighbours, mended in one place.

Each mend says whose defect it is and whom it keeps out; when upstream has mended it, the mend finds nothing
and can go. `tests/site` looks at the pages in a browser, and would see a new one.
"""

import re
from html import escape
from pathlib import Path


def named_fold(match):
    """The fold of the pages under a page, with a name."""
    title = " ".join(re.sub(r"<[^>]*>", "", match["title"]).split())
    return f'{match["before"]}<summary aria-label="Pages under {escape(title, quote=True)}">'


MENDS = [
    # docutils gives each entry of a bibliography a role that ARIA 1.3 deprecates and that no <div> may have;
    # so the list around them has no items.
    (r'role="doc-biblioentry"', 'role="listitem"'),
    # myst-nb names the fold of a cell other than its text does: who speaks to the machine cannot open it.
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # myst-nb: paragraphs where HTML allows phrases only; _static/book.css has for them what it has for those.
    (
        r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>',
        r'<span class="\1 admonition-title">\2</span>',
    ),
    # sphinx-exercise gives the text of each exercise of a page the same name.
    (r'<section id="(?:exercise|solution)-content">', "<section>"),
    # pydata-sphinx-theme, search-button-field.html: the same, for the text is "Search Ctrl+K".
    (r'(<button class="btn search-button-field[^"]*") title="[^"]*" aria-label="[^"]*"', r"\1"),
    # pydata-sphinx-theme, layout.html: logo and search are in no landmark, and its dialogs have no names.
    (r'<div id="pst-primary-sidebar"', r'\g<0> role="region" aria-label="Book"'),
    (r'<dialog id="pst-primary-sidebar-modal"', r'\g<0> aria-label="Book"'),
    (r'<dialog id="pst-secondary-sidebar-modal"', r'\g<0> aria-label="On this page"'),
    (r'<dialog id="pst-search-dialog"', r'\g<0> aria-label="Search"'),
    # pydata-sphinx-theme, toctree.py: the fold of the pages under a page has an icon for a name.
    (r"(?P<before><a [^>]*>(?P<title>(?:(?!</?a\b).)*)</a><details[^>]*>)<summary>", named_fold),
    # Sphinx, docutils and pydata-sphinx-theme each write the size of the window into the page; one is enough.
    (r'(<meta name="viewport"[^>]*>)((?:(?!</head>).)*?)<meta name="viewport"[^>]*>', r"\1\2"),
    (r'(<meta name="viewport"[^>]*>)((?:(?!</head>).)*?)<meta name="viewport"[^>]*>', r"\1\2"),
    # pydata-sphinx-theme, layout.html: until its script has run the page has neither of its themes, so that
    # the text moves, and a dark page is white at first.
    (
        r'localStorage\.getItem\("theme"\) \|\| "auto"',
        '{"light": "light", "dark": "dark"}[document.documentElement.dataset.mode] || '
        '(matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")',
    ),
    # Sphinx and the extensions have their scripts before the text, which waits for them.
    (
        r'((?:\s*<script(?: [^>]*src="[^"]*(?:_static/|searchindex)[^>]*)?>[^<]*</script>){4,})(.*)(</body>)',
        r"\2\1\n\3",
    ),
    # pydata-sphinx-theme, head.html: half a megabyte of script that draws each icon anew, as its font has.
    (r'<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>', ""),
    # pydata-sphinx-theme, layout.html: the search and its index on every page, for a search while somebody
    # types; this book has none, and search.html loads them itself.
    (r'(?:\n    <script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>){3}', ""),
    # sphinx-book-theme, macros/buttons.html: a script in an attribute, which no policy worth having lets run;
    # _static/book.js does it.
    (r'<button onclick="window\.print\(\)"', '<button type="button" data-action="print"'),
]


SCRIPT = "_static/scripts/pydata-sphinx-theme.js"
# pydata-sphinx-theme, its script: it looks how wide places are, for the keyboard to reach them, one after the
# other, so that the page is laid out anew for each, and also what is folded up, for which book.js cares.
STEP_BY_STEP = (
    r"document\.querySelectorAll\((\[[^\]]*\]\.join\([^)]*\))\)"
    r"\.forEach\((\w)=>\{\2\.tabIndex=((?:\2\.\w+>\2\.\w+(?:\|\|)?)+)\?0:-1\}\)"
)
ALL_AT_ONCE = (
    r"[...document.querySelectorAll(\1)].filter(\2=>!\2.closest('details:not([open])')).map(\2=>[\2,\3?0:-1])"
    r".forEach(([\2,tabIndex])=>Object.assign(\2,{tabIndex}))"
)


def mend(page: str) -> str:
    """Mend what the theme wrote."""
    for pattern, replacement in MENDS:
        page = re.sub(pattern, replacement, page, flags=re.DOTALL)
    return page


def mend_script(app, exception):
    """Mend the script of the theme."""
    script = Path(app.outdir, SCRIPT)
    if exception is None and app.builder.format == "html" and script.exists():
        script.write_text(re.sub(STEP_BY_STEP, ALL_AT_ONCE, script.read_text()))


def setup(app):
    app.connect("build-finished", mend_script, priority=600)  # when the theme has put it there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
