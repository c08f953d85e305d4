"""What is done to a page when its template has been filled: it is mended, and gets its style and policy."""

from pathlib import Path

from fonts import hasten
from policy import protect
from sphinx.jinja2glue import BuiltinTemplateLoader
from styles import put_into_one
from theme import mend


class Templates(BuiltinTemplateLoader):
    """Sphinx's templates; only they see a page as it will be written."""

    def init(self, builder, theme=None, dirs=None):
        """Note where the site is."""
        super().init(builder, theme, dirs)
        self.site = Path(builder.outdir)

    def render(self, template: str, context: dict) -> str:
        """Fill a template; the theme also fills parts of pages, which are left as they are."""
        page = super().render(template, context)
        if "<!DOCTYPE html>" not in page:
            return page
        metadata = context.get("meta") or {}
        page = hasten(put_into_one(mend(page), self.site))
        return protect(page, webassembly="webassembly" in metadata)
