"""Say last what went wrong: Sphinx prints pages of context after an error, and none of it is the cause."""

import atexit
import sys


def repeat(app, exception):
    """Have the error itself printed once more when everything else has been."""
    if exception:
        atexit.register(print, f"\n{exception}", file=sys.stderr)


def setup(app):
    app.connect("build-finished", repeat)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
