"""A book of one page for each test that wants one."""

import pytest
from books import Book


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)
