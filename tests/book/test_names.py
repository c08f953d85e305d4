"""A function that a sentence names is a link to the reference, or the build fails."""

import re

import pytest
from books import last_lines

ROLES = {
    "minimize": "{func}`~hwlib.optimizers.minimize`",
    "correlate2d()": "{func}`~hwlib.convolution.correlate2d`",
    "optimizers.Adam": "{class}`~hwlib.optimizers.Adam`",
    "hwlib.convolution.KERNELS": "{data}`~hwlib.convolution.KERNELS`",
    "hwlib.checked": "{mod}`hwlib.checked`",
}


@pytest.fixture
def book_of_names(book):
    """A book without cells."""
    with (book.source / "conf.py").open("a") as configuration:
        configuration.write('extensions = ["myst_parser", "failures", "names"]\n')
    return book


def write(book, content):
    (book.source / "index.md").write_text(f"# A page\n\n{content}\n")


def test_names_that_are_no_links_are_refused_with_their_lines_and_the_link_to_write(book_of_names):
    sentences = [f"a line with `{name}` in it," for name in ROLES]
    write(
        book_of_names,
        "\n".join(sentences) + "\n\n- `Adam`\n\n| a |\n|---|\n| `Conv2d` |\n\nPlain l2_step too.",
    )
    result = book_of_names.build()
    assert result.returncode != 0
    refused = re.findall(r"index\.md:(\d+): `(\S+)` is (\S+)", last_lines(result))
    assert refused[:5] == [
        (str(book_of_names.line_of(sentence)), *name_and_role)
        for sentence, name_and_role in zip(sentences, ROLES.items(), strict=True)
    ]
    assert [name for _, name, _ in refused[5:]] == ["Adam", "Conv2d", "l2_step"]


def test_links_headings_code_and_the_reference_itself_are_left_alone(book_of_names):
    write(
        book_of_names,
        "[`Adam`](https://example.org) and {func}`minimize`, `minimizes`, `Adam(0.1)`, $l2_step$, Adam\n\n"
        "## The loop `minimize`\n\n```python\nminimize\n```\n\n"
        "```{eval-rst}\n.. py:function:: minimize()\n\n   ``minimize`` runs.\n```",
    )
    result = book_of_names.build()
    assert result.returncode == 0, last_lines(result)
