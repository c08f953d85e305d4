"""Give each of the processes that read pages its share of the work.

Sphinx cuts the list of pages, in the order of the alphabet, into pieces of as many pages each; long pages
that stand together there would all fall to one process. Here a piece gets as much time as the others, by what
the pages took when that was recorded (``durations.json``).
"""

from durations import recorded_seconds
from sphinx.util.parallel import make_chunks


def deal(app, env, docnames):
    """Reorder the pages so that the pieces cut from the list take about as long as one another."""
    docnames[:] = in_equal_shares(docnames, recorded_seconds(), app.parallel)


def in_equal_shares(docnames, seconds, processes):
    """The pages in an order that Sphinx cuts into pieces of equal time; one not in ``seconds`` takes none.

    The longest page goes first, each to the piece that has the least so far and room for it. Pieces that have
    to wait for a process get the shortest pages.
    """
    sizes = [len(piece) for piece in make_chunks(docnames, processes)]
    pieces = [[] for _ in sizes]
    for docname in sorted(docnames, key=lambda name: -seconds.get(name, 0)):
        with_room = [piece for piece, size in zip(pieces, sizes, strict=True) if len(piece) < size]
        begun = [piece for piece in pieces[:processes] if piece in with_room] or with_room
        min(begun, key=lambda piece: sum(seconds.get(name, 0) for name in piece)).append(docname)
    return [docname for piece in pieces for docname in piece]


def setup(app):
    app.connect("env-before-read-docs", deal)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
