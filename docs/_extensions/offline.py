"""The book without a network: the worker of docs/_offline.js, with the list of what it keeps."""

import json
from hashlib import sha256
from pathlib import Path

from fonts import ICONS, SHOWN
from links import pages_of
from styles import ALL

WORKER = Path(__file__).parents[1] / "_offline.js"


def put_worker(app, exception):
    """Put the worker at the root of the site, for it can only answer for what lies beside and below it."""
    if exception or app.builder.format != "html":
        return
    site = Path(app.outdir)
    beside = [ALL, "searchindex.js", f"_static/{ICONS}", f"_static/{SHOWN}"]
    listed = [*pages_of(site), *(site / name for name in beside)]
    digest = sha256(b"".join(sha256(path.read_bytes()).digest() for path in listed))
    names = [path.relative_to(site).as_posix() for path in listed]
    said = json.dumps({"version": digest.hexdigest()[:16], "pages": names})
    Path(site, "offline.js").write_text(f"const SITE = {said};\n{WORKER.read_text()}")


def setup(app):
    app.connect("build-finished", put_worker, priority=900)  # when all pages are as they will be
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
