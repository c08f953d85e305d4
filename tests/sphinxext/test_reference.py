"""Every example of the reference builds."""

import re
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "sphinxext.md"


def test_the_examples_of_the_reference_build_in_the_order_given(project):
    text = REFERENCE.read_text()
    examples = re.findall(r"^````markdown\n(.*?)^````$", text, re.DOTALL | re.MULTILINE)
    roles = [
        role.replace("\\|", "|") for role in re.findall(r"^\| `` (\{\w+\}`.*`) `` \|", text, re.MULTILINE)
    ]
    assert (len(examples), len(roles)) == (4, 4)
    ledger = "{ledger-total}`relations`\n\n```{ledger}\n```\n"
    project.write("index.md", "# A\n\n" + "\n".join((*examples, *roles, "", ledger)))
    project.build(checked_python_root="hwlib")
    shown = re.search(r"Verdicts: (.*?)\.</p>", project.output())
    assert shown[1] == "3 exact, 1 numeric, 1 definition, 1 supposition, 1 refuted, 1 refused, 2 unchecked"


def test_every_total_and_every_setting_is_named():
    text = REFERENCE.read_text()
    for name in ("relations", "checked", "pages", "exact", "proved", "sampled", "refused"):
        assert f"`{name}`" in text
    for name in ("checked_math_require", "checked_math_exclude", "checked_bench", "checked_python_root"):
        assert f"`{name}`\n:" in text
