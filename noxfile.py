"""What a contributor runs: ``nox`` for every check, ``nox -s docs`` for the book."""

import json
import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv"
nox.options.reuse_venv = "yes"  # uv sync makes an old environment equal to a new one
# pytest's closing line comes last
nox.options.sessions = ["lint", "types", "docs", "doctest", "tests"]

ROOT = Path(__file__).parent
BUILD = ROOT / "build"
READERS = "hwlib/network_graphs/__init__.py::hwlib.network_graphs"  # examples that `networks` runs


def install(session: nox.Session, *parts: str) -> None:
    """Install hwlib and some of its extras or groups, at the versions of uv.lock."""
    session.env.update(
        UV_PROJECT_ENVIRONMENT=session.virtualenv.location,
        UV_COMPILE_BYTECODE="1",
        PYTHONDONTWRITEBYTECODE=None,  # with it, kernels would compile every import again
    )
    session.run_install("uv", "sync", "--locked", "--quiet", "--no-default-groups", *parts)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, spelling, docstrings, and the arrows between the modules."""
    install(session, "--group=lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("lint-imports")
    modules = sorted(str(path) for path in ROOT.glob("hwlib/[!_]*.py"))
    session.run("numpydoc", "lint", *modules)


@nox.session
def types(session: nox.Session) -> None:
    """Strict types inside, complete types outside."""
    install(session, "--extra=sphinx", "--group=types")
    session.run("mypy")
    session.run("basedpyright", "--verifytypes", "hwlib", "--ignoreexternal")


@nox.session
def tests(session: nox.Session) -> None:
    """Every test, with the branches they cover."""
    install(session, "--extra=test", "--extra=docs")
    apart = [f"--ignore=tests/{folder}" for folder in ("site", "networks", "larger_than_memory")]
    session.run("pytest", "--cov", "--numprocesses=auto", *apart, *session.posargs)


@nox.session
def site(session: nox.Session) -> None:
    """The book in a browser: every page, wide and narrow, light and dark; ``-- -k index`` picks tests."""
    build_for_browser(session)
    install_site_packages(session)
    session.run("pytest", "tests/site", *session.posargs)


@nox.session
def lighthouse(session: nox.Session) -> None:
    """What Lighthouse says of every page, on a phone and a desktop: ``-- -k ledger`` picks pages."""
    build_for_browser(session)
    install_site_packages(session)
    session.run("pytest", "tests/site/lighthouse.py", *session.posargs)


@nox.session
def pdf(session: nox.Session) -> None:
    """The whole book as build/hwlib.pdf, printed by the browser, with an outline and links."""
    build_for_browser(session)
    session.run("python", "docs/_printing.py", str(BUILD / "html"), str(BUILD / "hwlib.pdf"))
    session.run("pytest", "tests/site/printed.py", *session.posargs)


@nox.session
def mutate(session: nox.Session) -> None:
    """The book's mathematics with one token changed: ``-- receptive`` for some pages; takes minutes."""
    install(session, "--extra=test")
    session.run("python", "tests/checked/mutating.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Inputs that try to break the checker: ``-- 1000`` says how many, ``-- --only 17`` shows one."""
    install(session, "--extra=test")
    session.run("python", "tests/checked/fuzzing.py", *session.posargs)


@nox.session
def drift(session: nox.Session) -> None:
    """False things put into a copy of the project: which pass its checks? ``-- --sample 40`` tries some."""
    install(session, "--extra=docs", "--extra=test", "--group=drift", "--group=types")
    install_served(session)
    session.run("python", "tests/drift/drill.py", "--python", sys.executable, *session.posargs)


@nox.session
def frameworks(session: nox.Session) -> None:
    """PyTorch, optax, Keras and JAX beside hwlib: do they agree? Writes records; installs gigabytes."""
    install(session, "--group=frameworks")
    for script in ("weight_decay", "training_gradients"):
        session.run("python", f"tests/frameworks/{script}.py", *session.posargs)


@nox.session
def arrays(session: nox.Session) -> None:
    """The functions on arrays of PyTorch, JAX and others; writes a record; installs gigabytes."""
    install(session, "--extra=test", "--group=arrays")
    session.run("python", "tests/arrays/recording.py")
    session.run("pytest", "tests/arrays", *session.posargs)


@nox.session
def networks(session: nox.Session) -> None:
    """Networks of torchvision, read and probed: are ours the same? Writes a record; installs gigabytes."""
    install(session, "--extra=torch", "--extra=onnx", "--group=networks")
    counted = ["--cov", "--cov-config=tests/networks/coverage.ini"]
    examples = ["--doctest-modules", "--doctest-collect=api", "hwlib/network_graphs"]
    session.run("pytest", *counted, *examples, "tests/networks", *session.posargs)
    session.run("python", "tests/networks/published.py")


@nox.session
def larger(session: nox.Session) -> None:
    """Data larger than memory, on Dask: tests, then a record; ``-- --rows 2000`` makes it small."""
    install(session, "--group=larger")
    session.run("pytest", "tests/larger_than_memory")
    session.run("python", "tests/larger_than_memory/measure.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """How fast hwlib is beside its peers: ``-- correlations`` for a part; all of it is kept as a record."""
    install(session, "--extra=docs", "--group=bench")
    if not session.posargs or "builds" in session.posargs:
        install_served(session)
    session.run("python", "tests/bench/bench.py", *session.posargs)


@nox.session
def doctest(session: nox.Session) -> None:
    """Every example of the docstrings and of the README."""
    install(session, "--extra=test")
    session.run(
        "pytest",
        "--doctest-modules",
        "--doctest-collect=api",
        "--doctest-glob=README.md",
        *(f"--deselect={READERS}.{name}" for name in ("from_torch", "from_onnx")),
        "hwlib",
        "README.md",
        *session.posargs,
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Build the book; ``-- serve``: on every change, ``-- clean``: from nothing, ``-- read``: it is true."""
    install(session, "--extra=docs")
    install_served(session)
    session.run("python", "docs/_building.py", *session.posargs, env={"PYTHONUNBUFFERED": "1"})


@nox.session
def reproducible(session: nox.Session) -> None:
    """Build the last commit twice, with other folders, times, languages and names: the same bytes."""
    install(session, "--extra=docs")
    install_served(session)
    session.run("python", "tests/book/reproducing.py", env={"PYTHONUNBUFFERED": "1"})


@nox.session
def linkcheck(session: nox.Session) -> None:
    """Follow the links that leave the book; those inside it are checked by every build."""
    install(session, "--extra=docs")
    install_served(session)
    session.run("sphinx-build", "-b", "linkcheck", "-d", f"{BUILD}/doctrees", "docs", f"{BUILD}/linkcheck")


@nox.session
def oldest(session: nox.Session) -> None:
    """The tests of the library with the oldest versions it allows."""
    test_against(session, "--resolution=lowest-direct")


@nox.session
def newest(session: nox.Session) -> None:
    """The tests of the library with the newest versions there are."""
    test_against(session, "--resolution=highest")


def test_against(session: nox.Session, how: str) -> None:
    """Run the library's tests with other versions than those of uv.lock."""
    apart = [f"--ignore=tests/{folder}" for folder in ("book", "site", "networks", "larger_than_memory")]
    session.install("--upgrade", how, "-e", ".[test]")  # without it, uv keeps what an old environment has
    session.run("pytest", *apart, *session.posargs)


def build_for_browser(session: nox.Session) -> None:
    """Build the book, with a browser at hand."""
    install(session, "--extra=docs", "--group=site")
    install_served(session)
    install_chromium(session)
    session.run("python", "docs/_building.py", env={"PYTHONUNBUFFERED": "1"})


def install_site_packages(session: nox.Session) -> None:
    """Install what looks at the site from npm."""
    packages = BUILD / "site" / "npm"
    copy_package_files(packages)
    session.run_install("npm", "ci", "--silent", "--include=dev", "--prefix", str(packages))


def install_chromium(session: nox.Session) -> None:
    """Install Debian's browser where that can be done without asking, else say what to do."""
    if Path("/usr/bin/chromium").exists():
        return
    command = "apt-get update && apt-get install --yes chromium"
    if os.geteuid() or not shutil.which("apt-get"):
        session.error(f"The site is tested in Debian's Chromium, /usr/bin/chromium: run {command!r} as root.")
    session.run_install("sh", "-c", command, external=True)


def install_served(session: nox.Session) -> None:
    """Put what the pages load into one folder: mathematics, Pyodide with wheels, playgrounds' scripts."""
    packages, served, requirements = BUILD / "npm", BUILD / "served", BUILD / "served-requirements.txt"
    export_requirements(session, requirements)
    wanted = (ROOT / "package-lock.json").read_text() + requirements.read_text()
    complete = BUILD / "served-lock.txt"  # is written last
    if not complete.exists() or complete.read_text() != wanted:
        copy_package_files(packages)
        if not session.run_install("npm", "ci", "--silent", "--omit=dev", "--prefix", str(packages)):
            session.error("What npm is to install has changed: run it without -R once.")
        shutil.rmtree(served, ignore_errors=True)
        keep_mathematics(packages / "node_modules", served / "mathematics")
        keep_style_cutter(session, packages / "node_modules", served / "styles")
        keep_pyodide(packages / "node_modules" / "pyodide", served / "pyodide")
        keep_wheels(session, requirements, served)
        complete.write_text(wanted)
    bundle_playgrounds(session, packages / "node_modules" / ".bin", served / "playgrounds")


def keep_mathematics(modules: Path, served: Path) -> None:
    """Keep what makes MathML of LaTeX, its style, and its font by the name that the style has for it."""
    served.mkdir(parents=True)
    for name in ("temml.mjs", "Temml-STIX2.css"):
        shutil.copy(modules / "temml" / "dist" / name, served)
    font = modules / "@fontsource" / "stix-two-math" / "files" / "stix-two-math-latin-400-normal.woff2"
    shutil.copyfile(font, served / "STIXTwoMath.woff2")


def keep_style_cutter(session: nox.Session, modules: Path, served: Path) -> None:
    """Keep PurgeCSS, with all that it loads, as one file."""
    program, bundle = modules / "purgecss" / "lib" / "purgecss.js", served / "purgecss.cjs"
    options = ["--bundle", "--platform=node", "--log-level=warning", f"--outfile={bundle}"]
    session.run_install(f"{modules / '.bin' / 'esbuild'}", f"{program}", *options, external=True)


def keep_pyodide(package: Path, served: Path) -> None:
    """Keep of Pyodide what runs Python, and of its list of packages what it says of the interpreter."""
    served.mkdir(parents=True)
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        shutil.copyfile(package / name, served / name)
    platform = json.loads((package / "pyodide-lock.json").read_text())["info"]
    (served / "platform.json").write_text(json.dumps(platform))


def export_requirements(session: nox.Session, requirements: Path) -> None:
    """Write down at which versions a playground needs what hwlib imports; PyPI has no NumPy for it."""
    BUILD.mkdir(exist_ok=True)
    what = ["--extra=checked", "--no-default-groups", "--no-emit-project"]
    without = [f"--no-emit-package={name}" for name in ("numpy", "packaging")]
    where = ["--no-header", f"--output-file={requirements}"]
    session.run_install("uv", "export", "--locked", "--quiet", *what, *without, *where, external=True)


def keep_wheels(session: nox.Session, requirements: Path, served: Path) -> None:
    """Keep the wheels of what hwlib imports, as they are for Pyodide's Python."""
    platform = json.loads((served / "pyodide" / "platform.json").read_text())
    major, minor, _ = platform["python"].split(".")
    interpreter = [
        f"--platform=pyemscripten_{platform['abi_version']}_{platform['arch']}",
        f"--python-version={major}.{minor}",
        f"--abi=cp{major}{minor}",
        "--implementation=cp",
        "--only-binary=:all:",
    ]
    where = [f"--requirement={requirements}", f"--dest={served / 'wheels'}"]
    download = ["python", "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    session.run_install(*download, *interpreter, *where)


def bundle_playgrounds(session: nox.Session, tools: Path, served: Path) -> None:
    """Check the types of the playgrounds' scripts and make of them what pages load, if they have changed."""
    sources, complete = ROOT / "docs" / "_playgrounds", BUILD / "served-sources.txt"
    scripts = sorted(path for ending in ("ts", "css", "json") for path in sources.rglob(f"*.{ending}"))
    made_from = "".join(f"{path.relative_to(sources)}\n{path.read_text()}" for path in scripts)
    if served.exists() and complete.exists() and complete.read_text() == made_from:
        return
    session.run(f"{tools}/tsc", "--project", f"{sources}", external=True)
    entries = [f"{sources / name}" for name in ("page.ts", "worker.ts", "playgrounds.css")]
    options = ["--bundle", "--minify", "--target=es2022", "--log-level=warning", f"--outdir={served}"]
    session.run(f"{tools}/esbuild", *entries, *options, external=True)
    complete.write_text(made_from)


def copy_package_files(folder: Path) -> None:
    """Put what npm is to install into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder)
