"""Tables that extensions make of nodes and texts."""

from docutils import nodes


def table(head, rows, widths, name):
    """A table with a head, of a class; each row is a list of what stands in its cells."""
    first, *rest = (nodes.row("", *(entry(content) for content in row)) for row in (head, *rows))
    columns = [nodes.colspec(colwidth=width) for width in widths]
    group = nodes.tgroup("", *columns, nodes.thead("", first), nodes.tbody("", *rest), cols=len(columns))
    return nodes.table("", group, classes=[name])


def entry(content):
    """A cell with a paragraph: of nodes, of a node, or of anything that has a text."""
    parts = content if isinstance(content, list) else [content]
    inline = [part if isinstance(part, nodes.Node) else nodes.Text(str(part)) for part in parts]
    return nodes.entry("", nodes.paragraph("", "", *inline))
