"""What is done to a page when its template has been filled: first mended, then given its policy."""

from policy import protect
from sphinx.jinja2glue import BuiltinTemplateLoader
from theme import mend


class Templates(BuiltinTemplateLoader):
    """Sphinx's templates; only they see a page as it will be written."""

    def render(self, template: str, context: dict) -> str:
        """Fill a template; the theme also fills parts of pages, which are left as they are."""
        page = super().render(template, context)
        if "<!DOCTYPE html>" not in page:
            return page
        metadata = context.get("meta") or {}
        return protect(mend(page), webassembly="webassembly" in metadata)
