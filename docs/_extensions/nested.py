"""What reStructuredText inside a Markdown page has made belongs to the page.

MyST-Parser parses it into a document of its own, which each of its nodes would keep, and with it the whole
environment of the build: a megabyte in every page of the reference, read again by every build.
"""


def take_over(app, doctree):
    for node in doctree.findall():
        node.document = doctree


def setup(app):
    app.connect("doctree-read", take_over)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
