"""The settings have the defaults that the reference gives them."""

import re
from pathlib import Path
from unittest.mock import MagicMock

from hwlib.sphinxext import setup

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "sphinxext.md").read_text()


def test_each_setting_has_the_default_that_the_reference_gives_it():
    app = MagicMock()
    setup(app)
    settings = {call.args[0]: call.kwargs["default"] for call in app.add_config_value.call_args_list}
    said = re.findall(r"^`(checked_\w+)`\n: (.*?)(?=\n\n)", REFERENCE, re.DOTALL | re.MULTILINE)
    assert {name for name, _ in said} == set(settings)
    for name, text in said:
        (default,) = re.findall(r"Default: (?:`(\w+)`|none)", text)
        assert default == (str(settings[name]) if settings[name] else ""), name
