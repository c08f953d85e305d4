"""A content security policy on every page: what it may load and run, nothing foreign, and no script unknown.

A book needs no server that could send headers, so the policy is a ``<meta>`` tag, the first thing that counts
in the page. An inline script runs if its hash is in the policy, and the build computes the hashes of those
that it wrote itself. Styles may be inline: drawings and formulas have them in attributes.

A page with a playground that runs Python may also compile WebAssembly.
"""

import re
from base64 import b64encode
from hashlib import sha256

from sphinx.errors import SphinxError

INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
HANDLER = re.compile(r"<[a-z][^<>]*\s(on[a-z]+=\"[^\"]*\")")
CHARSET = re.compile(r'<meta charset="utf-8" ?/>')


def protect(page: str, *, webassembly: bool = False) -> str:
    """Write the policy of a page into it."""
    if handler := HANDLER.search(page):
        raise SphinxError(
            f"A script in an attribute would not run under the policy of the page: {handler[1]}"
        )
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *script_hashes(page)],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
    if webassembly:
        directives["script-src"].append("'wasm-unsafe-eval'")
    policy = "; ".join(" ".join([name, *sources]) for name, sources in directives.items())
    return CHARSET.sub(
        rf'\g<0><meta http-equiv="Content-Security-Policy" content="{policy}" />', page, count=1
    )


def script_hashes(page: str) -> list[str]:
    """The hashes of the scripts that are in the page itself, each once, in their order."""
    digests = [sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(page)]
    return list(dict.fromkeys(f"'sha256-{b64encode(digest).decode()}'" for digest in digests))
