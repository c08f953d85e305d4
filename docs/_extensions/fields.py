"""The fields of named tuples: the docstring of their class tells them, so they are not listed again."""


def leave_out(app, what, name, member, skip, options):
    """Leave a member out if Python made it for a field; of others nothing is said."""
    return True if type(member).__name__ == "_tuplegetter" else None


def setup(app):
    app.connect("autodoc-skip-member", leave_out)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
