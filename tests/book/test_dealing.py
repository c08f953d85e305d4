"""The pages are dealt to the processes that read them by the time they take."""

import sys
from types import SimpleNamespace

import pytest
from books import DOCS
from sphinx.util.parallel import make_chunks

sys.path.insert(0, str(DOCS / "_extensions"))
from dealing import deal, in_equal_shares
from durations import recorded_seconds


def times_of_processes(docnames, seconds, processes):
    """How long each process works if it takes the next of Sphinx's pieces as soon as it is free."""
    busy = [0] * processes
    for piece in make_chunks(docnames, processes):
        first = busy.index(min(busy))
        busy[first] += sum(seconds.get(name, 0) for name in piece)
    return busy


@pytest.mark.parametrize("number", [5, 6, 27])
def test_two_long_pages_side_by_side_fall_to_two_processes(number):
    names = [f"page{index:02}" for index in range(number)]
    seconds = dict.fromkeys(names[:-1], 1) | {names[0]: 30, names[1]: 30}  # the last is not recorded
    dealt = in_equal_shares(names, seconds, 2)
    assert sorted(dealt) == names
    assert max(times_of_processes(names, seconds, 2)) >= 60
    assert max(times_of_processes(dealt, seconds, 2)) <= sum(seconds.values()) / 2 + 3


def test_pieces_that_have_to_wait_get_the_shortest_pages():
    names = [f"page{index:02}" for index in range(27)]
    seconds = {name: index + 1 for index, name in enumerate(names)}
    *_, last = make_chunks(in_equal_shares(names, seconds, 2), 2)
    assert sorted(last) == names[:5]


def test_sphinx_own_list_is_put_in_that_order_by_the_recorded_times():
    seconds = recorded_seconds()
    names = sorted(seconds)
    deal(SimpleNamespace(parallel=2), None, names)
    assert sorted(names) == sorted(seconds)
    assert max(times_of_processes(names, seconds, 2)) <= 1.1 * sum(seconds.values()) / 2
