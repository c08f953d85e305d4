"""What the files beside the code say of it."""

import ast
import importlib
import json
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import hwlib
from hwlib.hypergradients import computation_graph

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
OLDEST_PYTHON = PROJECT["requires-python"].removeprefix(">=")
README, CHANGELOG, CONTRIBUTING = (
    (ROOT / name).read_text() for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
)
REFERENCE = (ROOT / "docs/reference/index.md").read_text()
TEXTS = {"README": README, "CHANGELOG": CHANGELOG, "CONTRIBUTING": CONTRIBUTING, "reference": REFERENCE}
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CI = (ROOT / ".ci/run").read_text()
WORKFLOWS = {
    path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")
}
WORKFLOW_FILES = "".join(path.read_text() for path in (ROOT / ".github/workflows").glob("*.yml"))
READTHEDOCS = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
MODULES = {info.name for info in pkgutil.iter_modules(hwlib.__path__) if not info.name.startswith("_")}
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text())
SESSIONS = {
    node.name: ast.get_docstring(node)
    for node in NOXFILE.body
    if isinstance(node, ast.FunctionDef)
    and "nox.session" in [ast.unparse(decorator).split("(")[0] for decorator in node.decorator_list]
}
RELEASES = re.findall(r"^## (\S+) - (\S+)$", CHANGELOG, re.MULTILINE)
TABLE = re.findall(r"^\| `(\w+)` \| (.*) \|$", README, re.MULTILINE)
WORDS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
]


def default_sessions():
    (found,) = (
        ast.literal_eval(node.value)
        for node in NOXFILE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions"
    )
    return found


def commands_of_ci():
    jobs = [job for workflow in WORKFLOWS.values() for job in workflow["jobs"].values()]
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


class TestTheVersion:
    def test_is_one(self):
        (locked,) = (
            package["version"]
            for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]
            if package["name"] == PROJECT["name"]
        )
        assert PROJECT["version"] == RELEASES[0][0] == CITATION["version"] == hwlib.__version__ == locked

    def test_has_one_date(self):
        assert RELEASES[0][1] == str(CITATION["date-released"])

    def test_grows_in_the_changelog(self):
        numbers = [tuple(map(int, version.split("."))) for version, _ in RELEASES]
        assert numbers == sorted(set(numbers), reverse=True)
        assert [date for _, date in RELEASES] == sorted((date for _, date in RELEASES), reverse=True)

    def test_of_what_npm_installs_is_the_one_that_is_locked(self):
        wanted = json.loads((ROOT / "package.json").read_text())
        locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
        named = wanted["dependencies"] | wanted["devDependencies"]
        assert named == {name: locked[f"node_modules/{name}"]["version"] for name in named}

    def test_of_python_is_the_oldest_wherever_it_is_stated(self):
        assert f"Python {OLDEST_PYTHON} or newer" in README
        stated = re.findall(r"Python (\d[\d.]*) or newer", "".join(TEXTS.values()))
        assert set(stated) == {OLDEST_PYTHON}
        assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{OLDEST_PYTHON.replace('.', '')}"
        assert not any(re.search(r"Python :: 3\.", name) for name in PROJECT["classifiers"])

    def test_of_python_in_ci_begins_with_the_oldest_and_leaves_none_out(self):
        jobs = WORKFLOWS["checks"]["jobs"]
        tried = jobs["versions"]["strategy"]["matrix"]["python-version"]
        minors = [int(version.removeprefix("3.")) for version in tried]
        assert tried[0] == OLDEST_PYTHON
        assert minors == list(range(minors[0], minors[-1] + 1))
        used = re.findall(r"'python-version': '([\d.]+)'", str(WORKFLOWS))
        used.append(READTHEDOCS["build"]["tools"]["python"])
        assert set(used) <= set(tried)
        (oldest,) = [step["with"] for step in jobs["oldest"]["steps"] if "with" in step]
        assert oldest["python-version"] == OLDEST_PYTHON


class TestTheNames:
    def test_of_project_authors_and_keywords_are_the_citations(self):
        assert CITATION["cff-version"] == "1.2.0"  # the only format that hosts of repositories read
        assert CITATION["title"] == PROJECT["name"] == hwlib.__name__
        assert CITATION["authors"] == PROJECT["authors"]
        assert CITATION["keywords"] == PROJECT["keywords"]

    def test_of_the_licence_are_one(self):
        text = (ROOT / "LICENSE").read_text()
        name = PROJECT["license"]
        assert CITATION["license"] == name == json.loads((ROOT / "package.json").read_text())["license"]
        assert f"[{name}](LICENSE)" in README
        assert text.startswith("BSD 3-Clause License\n") == (name == "BSD-3-Clause")
        year, holder = re.search(r"^Copyright \(c\) (\d{4}), (.*)$", text, re.MULTILINE).groups()
        assert holder.lower() == PROJECT["authors"][0]["name"].lower()
        assert RELEASES[-1][1].startswith(year)
        assert f'copyright = f"{year}, ' in (ROOT / "docs/conf.py").read_text()

    def test_of_the_extras_exist(self):
        named = {text: re.findall(r"\.\[(\w+)\]", content) for text, content in TEXTS.items()}
        assert named["README"]
        assert named["reference"]
        assert {extra for extras in named.values() for extra in extras} <= set(EXTRAS)

    def test_of_the_modules_are_all_in_the_readme_in_the_order_of_the_reference(self):
        listed = re.findall(r"^(\w+)$", REFERENCE.split("```{toctree}")[1], re.MULTILINE)
        assert [module for module, _ in TABLE] == listed
        assert set(listed) == MODULES

    def test_of_the_modules_are_all_in_the_changelog_and_no_others(self):
        assert set(re.findall(r"`([a-z_0-9]+)`", CHANGELOG)) == MODULES

    def test_of_the_rules_in_the_readmes_table_are_classes(self):
        (row,) = (text for module, text in TABLE if module == "optimizers")
        optimizers = importlib.import_module("hwlib.optimizers")
        for name in re.findall(r"\b[A-Z]\w*[A-Z]\w*\b|\bAdam\b", row):
            assert issubclass(getattr(optimizers, name), optimizers.Optimizer)

    @pytest.mark.parametrize("text", ["README", "CONTRIBUTING"])
    def test_of_files_and_folders_exist(self, text):
        named = re.findall(r"`([\w./-]+/[\w./-]*)`", TEXTS[text])
        for path in named:
            assert (ROOT / path).exists(), path
        for module in re.findall(r"python -m (hwlib[\w.]*)", "".join(TEXTS.values())):
            assert importlib.import_module(f"{module}.__main__")


class TestTheCounts:
    def test_of_chapters_in_the_changelog(self):
        chapters = [
            path
            for folder in ("optimization", "hyperparameters", "convnets")
            for path in (ROOT / "docs" / folder).glob("*.md")
        ]
        (word,) = re.findall(r"(\w+) chapters on", CHANGELOG)
        assert WORDS.index(word) == len(chapters)

    def test_of_modules_that_need_an_extra(self):
        needing = [(module, extra) for module, text in TABLE for extra in re.findall(r"\.\[(\w+)\]", text)]
        (word,) = re.findall(r"bring what the last\s+(\w+) modules", README.replace("\n", " "))
        assert TABLE[-WORDS.index(word) :] == TABLE[-len(needing) :]
        assert [module for module, _ in TABLE[-len(needing) :]] == [module for module, _ in needing]
        for module, extra in needing:
            assert extra in EXTRAS
            contract = PYPROJECT["tool"]["importlinter"]["contracts"][-1]
            assert f"hwlib.{module}" in contract["forbidden_modules"]

    def test_of_steps_in_the_readmes_picture(self):
        steps = WORDS.index(re.search(r"(\w+) steps of gradient descent", README)[1])
        graph = computation_graph(steps)
        edges = re.findall(r"^  (\w+) --> (\w+)$", README, re.MULTILINE)
        assert sorted(edges) == sorted(graph.edges)
        weights, loss = re.search(
            r"from the weights `(\w+)` to\s+the loss `(\w+)`", README.replace("\n", " ")
        ).groups()
        assert (weights, loss) == ("w0", f"loss{steps}")

    def test_of_steps_to_a_chapter_has_no_gap(self):
        (steps,) = re.findall(r"^## Add a chapter.*?\n(.*?)^## ", CONTRIBUTING, re.DOTALL | re.MULTILINE)
        numbers = [int(number) for number in re.findall(r"^(\d+)\. ", steps, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1))


class TestTheCommands:
    def test_of_the_readme_is_the_one_that_ci_runs(self):
        (line,) = re.findall(r"^line='(.*)'$", CI, re.MULTILINE)
        assert line in README.splitlines()
        assert line in CONTRIBUTING.splitlines()
        assert ".ci/run" in commands_of_ci()

    def test_of_the_readme_builds_the_book_where_it_is_published(self):
        blocks = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
        (book,) = (block.strip() for block in blocks if block.strip().endswith("-s docs"))
        assert book in commands_of_ci()
        assert book in READTHEDOCS["build"]["commands"]

    def test_of_the_readme_are_these(self):
        blocks = re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
        installed = "python -m pip install ."
        assert [block.strip() for block in blocks] == [
            'python -m pip install "nox[uv]" && nox -s docs',
            'python -m pip install "nox[uv]" && nox',
            installed,
        ]
        assert installed in REFERENCE

    def test_of_ci_install_nox_as_the_readme_does_and_use_one_version_of_each_action(self):
        (installed,) = set(re.findall(r'python -m pip install "nox\S*"', README))
        assert all(command.startswith(installed) for command in commands_of_ci() if "pip install" in command)
        actions = set(re.findall(r"uses: (\S+)@\S+", WORKFLOW_FILES))
        assert len(set(re.findall(r"uses: (\S+@\S+)", WORKFLOW_FILES))) == len(actions) > 3

    def test_of_publishing_use_one_branch_and_one_python(self):
        assert len(set(re.findall(r"branches: (\S+)", WORKFLOW_FILES))) == 1
        publishing, checking = WORKFLOWS["pages"]["jobs"]["deploy"], WORKFLOWS["checks"]["jobs"]["nox"]
        pythons = [
            step["with"]["python-version"]
            for job in (publishing, checking)
            for step in job["steps"]
            if "python-version" in step.get("with", {})
        ]
        assert set(pythons) == {READTHEDOCS["build"]["tools"]["python"]}

    def test_name_sessions_that_exist(self):
        commands = [*TEXTS.values(), *commands_of_ci(), *READTHEDOCS["build"]["commands"]]
        named = {
            session
            for command in commands
            for words in re.findall(r"nox -s ((?:[a-z]+ ?)+)", command)
            for session in words.split()
        }
        named |= set(WORKFLOWS["weekly"]["jobs"]["nox"]["strategy"]["matrix"]["session"])
        known_words = {"serve", "clean", "and", "so", "on"}
        assert named - known_words <= set(SESSIONS)
        assert {"docs", "tests", "oldest", "newest", "linkcheck"} <= named

    def test_of_the_docs_session_take_the_words_that_are_told(self):
        told = re.findall(r"nox -s docs -- (\w+)", "".join(TEXTS.values()))
        assert told
        assert set(told) <= set(re.findall(r"``-- (\w+)``", SESSIONS["docs"]))

    def test_run_what_the_readme_says_in_its_order(self):
        (said,) = re.findall(r"^runs (.*?)\.$", README, re.DOTALL | re.MULTILINE)
        parts = {
            "lint": "the linters",
            "types": "the types",
            "docs": "the book",
            "doctest": "every example of the documentation",
            "tests": "the tests",
        }
        assert re.split(r",\s+(?:and )?", said) == [parts[session] for session in default_sessions()]

    def test_run_the_readmes_examples(self):
        (doctest,) = (node for node in NOXFILE.body if getattr(node, "name", "") == "doctest")
        assert "README.md" in {node.value for node in ast.walk(doctest) if isinstance(node, ast.Constant)}
        assert README.count(">>> ") > 3

    @pytest.mark.parametrize(
        "line",
        ["====== 3 passed in 0.12s ======", "= 1 failed, 30 passed, 2 warnings in 75.31s (0:01:15) ="],
    )
    def test_of_ci_end_with_pytests_line(self, line):
        (pattern,) = re.findall(r"grep --extended-regexp '(.*?)'", CI)
        assert re.fullmatch(pattern, line)
        assert default_sessions()[-1] == "tests"


def test_the_readme_fits_a_page():
    assert len(README.splitlines()) <= 90


def test_the_core_needs_numpy_alone():
    needed = {re.match(r"[\w-]+", requirement)[0] for requirement in PROJECT["dependencies"]}
    assert needed == {"numpy", "lazy-loader"}, "the second only makes imports lazy"
    (said,) = re.findall(r"needs Python [\d.]+ or newer, (.*?);", README)
    assert set(said.lower().split(" and ")) == needed


def installed_for(path, name, packages):
    """The package that another one gets by a name: npm looks beside it and then in each folder above."""
    while path and f"{path}/node_modules/{name}" not in packages:
        path = path.rpartition("/node_modules/")[0]
    return packages[f"{path}/node_modules/{name}".lstrip("/")]


def test_what_npm_locks_is_what_its_packages_ask_for():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    asked = [
        (path, name, wanted)
        for path, package in packages.items()
        for kind in ("dependencies", "devDependencies", "optionalDependencies")
        for name, wanted in package.get(kind, {}).items()
        if re.fullmatch(r"[\d.]+", wanted)
    ]
    assert len(asked) > 20
    for path, name, wanted in asked:
        assert installed_for(path, name, packages)["version"] == wanted, f"{name} for {path}"
    stated = json.loads((ROOT / "package.json").read_text())
    assert packages[""]["dependencies"] == stated["dependencies"]
    assert packages[""]["devDependencies"] == stated["devDependencies"]
