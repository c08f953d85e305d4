"""Books of one page, to try the book's own extensions on."""

import os
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(DOCS / "_extensions")!r})
extensions = [
    "myst_nb", "sphinx_exercise", "hwlib.sphinxext",
    "alternatives", "claims", "errata", "execution", "exercises", "failures", "figures", "kernels", "links",
    "notebooks", "prose", "values",
]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "inline"
nb_execution_raise_on_error = True
nb_eval_name_regex = ".+"
nb_render_markdown_format = "myst"
html_theme = "basic"
"""
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# A page

```{code-cell} python
x = 0.25
```

CONTENT
"""
EXERCISE = """```{exercise-start} A name
:label: exercise-a
```
Write it.

```{stub}
def triple(number):
    ...
```
```{exercise-end}
```

```{solution-start} exercise-a
```
```{code-cell} python
def triple(number):
    return 3 * number
```

```{code-cell} python
:tags: [check]
assert triple(x) == 0.75
```
```{solution-end}
```
"""


class Book:
    """A folder with one page, and what Sphinx says of it."""

    def __init__(self, folder):
        self.source, self.site = folder / "docs", folder / "build" / "html"
        self.source.mkdir()
        (self.source / "conf.py").write_text(CONFIGURATION)

    def write(self, content):
        (self.source / "index.md").write_text(PAGE.replace("CONTENT", content))

    def build(self, *options):
        options = ["-W", "--keep-going", "-n", *options]
        command = [sys.executable, "-m", "sphinx", *options, self.source, self.site]
        environment = os.environ | {"NO_COLOR": "1"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def line_of(self, text):
        return (self.source / "index.md").read_text().splitlines().index(text) + 1

    def page(self):
        return (self.site / "index.html").read_text()


def last_lines(result):
    return "\n".join((result.stdout + result.stderr).splitlines()[-10:])
