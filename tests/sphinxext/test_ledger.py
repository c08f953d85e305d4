"""The ledger of a project: all its relations, and always the newest."""

import os
import re
import time
from pathlib import Path

import hwlib.checked
import hwlib.sphinxext._checking
from hwlib.checked._blocks import examine

DECLARED = "```{symbols}\nx: vector(n)\n```\n\n"
PAGES = {
    "index.md": "# Front\n\nTotal {ledger-total}`relations`.\n\n```{toctree}\nb\na\nledger\n```\n",
    "a.md": f"# Page a\n\n{DECLARED}```{{checked-math}}\n\\|x\\|^2 &= x^\\top x \\\\\n&\\ge 0\n```\n",
    "b.md": f"# Page b\n\n{DECLARED}```{{refuted-math}}\nx = 2 x\n```\n\n{{unchecked}}`no | x = y = z`\n",
    "ledger.md": "# The ledger\n\n```{ledger}\n```\n",
}


def write(project, **changed):
    for name, text in PAGES.items():
        project.write(name, changed.get(name.removesuffix(".md"), text))


def rows(page):
    """The cells of the ledger's tables, as text."""
    return [
        [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)
        if "<td>" in row
    ]


def test_has_a_row_for_each_relation_in_the_order_of_reading(project):
    write(project)
    project.build(jobs=2)
    page = project.output("ledger.html")
    found = rows(page)
    assert [row[:3] for row in found] == [
        ["1", r"\(x = 2 x\)", "refuted"],
        ["2", r"\(x = y = z\)", "unchecked (2)"],
        ["1.1", r"\(\|x\|^2 = x^\top x\)", "exact"],
        ["1.2", r"\(\ge 0\)", "proved"],
    ]
    assert found[0][3].startswith("n = 1, x = [")
    assert found[1][3:] == ["no", ""]
    assert "odds of a false pass" in found[2][3]
    assert all(re.fullmatch(r"(\d+|&lt;1)\xa0ms", row[4]) for row in found if row[2] != "unchecked (2)")
    assert "Relations: 5. Pages: 2. Verdicts: 1 exact, 1 proved, 1 refuted, 2 unchecked." in page
    assert re.findall(r'<p class="rubric"><a [^>]*href="(.*?)"', page) == ["b.html", "a.html"]


def test_folds_up_the_relations_of_a_page_and_says_how_many_there_are(project):
    write(project)
    project.build()
    folds = re.findall(
        r"<details .*?><summary>(.*?)</summary>(.*?)</details>", project.output("ledger.html"), re.DOTALL
    )
    assert [summary for summary, _ in folds] == ["1 refuted, 2 unchecked", "1 exact, 1 proved"]
    assert [len(rows(table)) for _, table in folds] == [2, 2]


def test_does_not_stand_in_the_way_of_references_to_anything(project):
    write(project, a="(here)=\n# Page a\n\nSee {any}`here`.\n")
    project.build()
    assert 'href="#here"' in project.output("a.html")


def test_leads_to_each_relation(project):
    write(project)
    project.build()
    for name, anchor in re.findall(r'href="(\w+\.html)#([\w-]+)"', project.output("ledger.html")):
        assert f'id="{anchor}"' in project.output(name)


def test_loads_what_shows_its_mathematics(project):
    write(project)
    project.build()
    assert "mathjax" in project.output("ledger.html").lower()


def test_and_its_totals_follow_every_change_and_no_other_page_is_read_again(project):
    write(project)
    project.build()
    assert 'Total <span class="ledger-total">5</span>' in project.output()
    project.write("b.md", "# Page b\n")
    assert project.build() == ["b"]
    assert 'Total <span class="ledger-total">2</span>' in project.output()
    assert [row[0] for row in rows(project.output("ledger.html"))] == ["1.1", "1.2"]
    assert project.build() == []


def test_has_pages_that_no_table_of_contents_names_last(project):
    write(project, index="---\norphan: true\n---\n# Front\n\n```{toctree}\nledger\na\n```\n", b=":orphan:\n")
    project.write("b.md", f"---\norphan: true\n---\n{PAGES['b.md']}")
    project.build()
    found = re.findall(r'<p class="rubric"><a [^>]*href="(.*?)"', project.output("ledger.html"))
    assert found == ["a.html", "b.html"]


def test_a_page_is_checked_again_when_the_checker_is_newer(project):
    write(project)
    project.build()
    path = Path(hwlib.checked.__file__)
    before = path.stat().st_mtime
    try:
        os.utime(path, (time.time() + 100,) * 2)
        assert set(project.build()) == {"a", "b"}
    finally:
        os.utime(path, (before, before))


def test_says_how_large_the_bound_of_a_numeric_verdict_is(project):
    declared = "```{symbols}\nx: scalar\nassume x > 0\n```\n\n"
    write(project, a=f"# Page a\n\n{declared}{{cm}}`\\exp(\\log(x)) = x`\n")
    project.build()
    (row,) = [row for row in rows(project.output("ledger.html")) if row[2] == "numeric"]
    assert re.search(r"; bound \\\(\d\.\d \\cdot 10\^\{-\d+\}\\\)$", row[3])


def test_leaves_the_times_out_if_told(project):
    write(project)
    project.build(checked_ledger_times=False)
    assert {len(row) for row in rows(project.output("ledger.html"))} == {4}


def test_what_is_as_it_was_when_a_page_was_last_read_is_not_checked_again(project, monkeypatch):
    checked = []
    monkeypatch.setattr(
        hwlib.sphinxext._checking,
        "examine",
        lambda latex, meaning: checked.append(latex) or examine(latex, meaning),
    )
    write(project, a=f"# Page a\n\n{DECLARED}{{cm}}`x = x` {{cm}}`2 x = x + x`\n")
    project.build()
    assert sorted(checked) == ["2 x = x + x", "x = x"]
    project.write("a.md", f"# Page a\n\n{DECLARED}{{cm}}`x = x` {{cm}}`3 x = x + x + x`\n")
    project.build()
    assert checked[2:] == ["3 x = x + x + x"]
    project.write("a.md", f"# Page a\n\n{DECLARED.replace('vector(n)', 'scalar')}{{cm}}`x = x`\n")
    project.build()
    assert checked[3:] == ["x = x"]
