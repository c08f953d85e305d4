"""What can be wrong with a page in one view, each fault a line that says where."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from browsing import WIDTHS

AXE = Path(__file__).parents[2] / "build/site/npm/node_modules/axe-core/axe.min.js"
# Rules of all levels up to WCAG 2.2 AA, best practice, and what axe-core only tries as yet. One of the last
# wants all that scrolls, and so is in the tab order, to be a landmark: a dozen of them a page.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]
RUN_AXE = """async tags => {
  const [yes, no] = [{enabled: true}, {enabled: false}];
  const RULES = {"target-size": yes, "focus-order-semantics": no, "color-contrast": no};
  const all = await axe.run(document, {runOnly: tags, rules: RULES, resultTypes: ["violations"]});
  // Glyphs of formulas have the colour of the words around; to measure each takes longer than all the rest
  const HIDDEN = "<style id='unmeasured'>math { visibility: hidden }</style>";
  document.head.insertAdjacentHTML("beforeend", HIDDEN);
  const colours = await axe.run(document, {runOnly: ["color-contrast"], resultTypes: ["violations"]});
  document.getElementById("unmeasured").remove();
  const violations = [...all.violations, ...colours.violations];
  return violations.flatMap(rule => rule.nodes.map(node => [rule.id, node.target.join(" "), node.html]));
}"""
TEXT = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const where = texts.currentNode.parentElement;
    if (!where.closest("code, pre, script, style, annotation")) found.push(texts.currentNode.data);
  }
  return found;
}"""
UNFOLD = """() => {
  document.querySelectorAll("details").forEach(details => details.open = true);
  document.querySelectorAll("button.toggle-button.toggle-button-hidden").forEach(button => button.click());
}"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
NOT_SET = """() => [...document.querySelectorAll(".math")]
  .filter(formula => !formula.querySelector("math") || formula.querySelector("merror, .temml-error"))
  .map(formula => formula.outerHTML)"""
SETTLING = 600  # milliseconds; the theme looks for what scrolls, to give it a tab stop, when a resize is over
LAY_OUT_ALL = "() => document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'Tab', bubbles: true}))"
LATEX = re.compile(r"\\[(\[]|\$\$|\\(?:[a-zA-Z]{2,}|[,;!\\])")


@dataclass
class View:
    """A page of the browser, with what it asked for and what went wrong, from its opening on."""

    page: object
    origin: str
    requests: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", self.note_request)
        self.page.on("requestfailed", lambda request: self.note("failed request", request.url))
        self.page.on("response", self.note_response)
        self.page.on("console", self.note_console)
        self.page.on("pageerror", lambda error: self.note("exception", error))

    def note(self, kind, what):
        self.faults.append(f"{kind}: {' '.join(str(what).split())[:300]}")

    def note_request(self, request):
        self.requests += 1
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.note("foreign request", request.url)

    def note_response(self, response):
        if response.status >= 400:
            self.note(f"status {response.status}", response.url)

    def note_console(self, message):
        if message.type == "error":
            self.note("console", message.text)

    def open(self, address):
        """Open an address, and see that its mathematics is there."""
        self.page.goto(address, wait_until="load")
        self.page.evaluate(LAY_OUT_ALL)
        for formula in self.page.evaluate(NOT_SET):
            self.note("mathematics", formula)

    def resize(self, width):
        """Give the window one of the widths."""
        self.page.set_viewport_size({"width": WIDTHS[width], "height": 800})
        self.page.wait_for_timeout(SETTLING)

    def inspect(self, place=""):
        """Look for the faults that are there once the page is; afterwards every fold is open."""
        self.look_for_overflow(f"{place}, folded")
        self.page.evaluate(UNFOLD)
        self.look_for_overflow(f"{place}, unfolded")
        for text in self.page.evaluate(TEXT):
            if LATEX.search(text):
                self.note("raw LaTeX", text)
        self.page.evaluate(AXE.read_text())
        for rule, where, element in self.page.evaluate(RUN_AXE, AXE_TAGS):
            self.note(f"axe {rule}", f"{place}: {where}  {element}")

    def look_for_overflow(self, state):
        wider = self.page.evaluate(WIDER)
        if wider > 0:
            self.note("overflow", f"{state}: {wider} px wider than the window")
