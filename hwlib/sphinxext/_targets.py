"""Anchors of relations, to which the ledger leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.nodes import make_id

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment


def new_target(
    env: BuildEnvironment, document: nodes.document, prefix: str = "relation", term: str | None = None
) -> nodes.target:
    """Make an anchor that the page does not have yet."""
    target = nodes.target("", "", ids=[make_id(env, document, prefix, term)])
    document.note_explicit_target(target)
    return target
