"""A web server for a folder, as plain as any that a book is put on."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Handler(SimpleHTTPRequestHandler):
    """Answer with files, and keep quiet; a request that fails is seen in the browser."""

    protocol_version = "HTTP/1.1"  # a page has dozens of files, and the browser needs no connection for each

    def log_message(self, *words):
        pass


@contextmanager
def served(folder):
    """Serve a folder on this machine, and give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
