"""What an extension notes down of each page: Sphinx keeps it from build to build, with the environment."""


class Noted:
    """Notes by page, under a name that no other extension has.

    A page's are forgotten when it is read again or gone; those of pages that another process has read are
    taken over.
    """

    def __init__(self, name):
        self.name = name

    def of(self, env):
        """The notes of all pages."""
        if not hasattr(env, self.name):
            setattr(env, self.name, {})
        return getattr(env, self.name)

    def follow(self, app):
        """Keep the notes in step with the pages."""
        app.connect("env-purge-doc", self._forget)
        app.connect("env-merge-info", self._merge)

    def _forget(self, app, env, docname):
        self.of(env).pop(docname, None)

    def _merge(self, app, env, docnames, other):
        self.of(env).update({name: notes for name, notes in self.of(other).items() if name in docnames})
