"""The built site, a server for it, a browser, and the table at the end."""

from collections import defaultdict
from pathlib import Path

import pytest
from browsing import THEMES, WIDTHS, chromium, new_context
from looking import accept, compare
from serving import PackingHandler, served

SITE = Path(__file__).parents[2] / "build/html"
PAGES = sorted(
    path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html") if "_static" not in path.parts
)
COUNTED = pytest.StashKey()
TABLES = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption(
        "--accept-pictures", action="store_true", help="record how pages look: somebody has looked"
    )


def pytest_configure(config):
    if not PAGES:
        raise pytest.UsageError(f"No site in {SITE}: nox -s site builds it.")
    config.stash[COUNTED] = dict.fromkeys(("pages", "views", "requests", "faults"), 0)
    config.stash[TABLES] = defaultdict(list)


def pytest_generate_tests(metafunc):
    if "path" in metafunc.fixturenames:
        metafunc.parametrize("path", PAGES)


@pytest.fixture(scope="session")
def site():
    return SITE


@pytest.fixture(scope="session")
def paths():
    """Where every page of the site is, below it."""
    return PAGES


@pytest.fixture(scope="session")
def pictures(site):
    folder = site.parent / "site" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def look(request):
    """Compare a screenshot with the one that is recorded, or record it."""
    return accept if request.config.getoption("accept_pictures") else compare


@pytest.fixture(scope="session")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser):
    """A page of a reader with an empty cache."""
    with new_context(browser) as context:
        yield context.new_page()


@pytest.fixture(scope="session")
def origin():
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def packed_origin():
    """The address of a server that packs what it sends."""
    with served(SITE, PackingHandler) as address:
        yield address


@pytest.fixture
def tables(request):
    """Tables for the end, lists of rows by their titles, to be added to."""
    return request.config.stash[TABLES]


@pytest.fixture
def counted(request):
    """The figures of the table, to be added to."""
    return request.config.stash[COUNTED]


def pytest_terminal_summary(terminalreporter, config):
    if config.stash[COUNTED]["views"]:
        widths = ", ".join(f"{width} px" for width in WIDTHS.values())
        terminalreporter.section("the site")
        terminalreporter.write_line(f"each page at {widths}, {' and '.join(THEMES)}")
        write_table(terminalreporter, [config.stash[COUNTED]])
    for title, rows in config.stash[TABLES].items():
        terminalreporter.section(title)
        write_table(terminalreporter, rows)


def write_table(terminalreporter, rows):
    """Write rows that are by name, each name as wide as needed."""
    for row in [dict(zip(rows[0], rows[0], strict=True)), *rows]:
        terminalreporter.write_line("  ".join(f"{row[name]:>{max(len(name), 9)}}" for name in rows[0]))
