"""A web server for a folder, as plain as any that a book is put on."""

import gzip
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PACKED = {".css", ".html", ".js", ".json", ".mjs", ".svg"}


class Handler(SimpleHTTPRequestHandler):
    """Answer with files, and keep quiet; a request that fails is seen in the browser."""

    protocol_version = "HTTP/1.1"  # a page has dozens of files, and the browser needs no connection for each

    def log_message(self, *words):
        pass


class PackingHandler(Handler):
    """Answer with text packed, as servers of books do."""

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in PACKED or not path.is_file():
            super().do_GET()
            return
        content = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def served(folder, handler=Handler):
    """Serve a folder on this machine, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=folder)) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
