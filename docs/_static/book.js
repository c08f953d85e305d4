// What the pages need beside the scripts of the theme

// Sphinx's search fetches the pages that it found, to show a piece of each; a file may not fetch its neighbours
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// The pieces of pages that the search shows have each formula once, as it is read
addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const { htmlToText } = Search;
  Search.htmlToText = (html, anchor) => htmlToText(html.replace(/<annotation\b.*?<\/annotation>/gs, ""), anchor);
});

// The theme's button to print has its script in an attribute, which the policy of the page does not let run
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-action=print]")) window.print();
});

// The theme opens its search by Ctrl+K alone
document.addEventListener("keydown", (event) => {
  const isTyped = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyped) return;
  event.preventDefault();
  document.querySelector(".search-button__button").click();
});

// What is copied has formulas as the LaTeX that they were written in
document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (selection.isCollapsed) return;
  const copied = document.createElement("div");
  copied.append(selection.getRangeAt(0).cloneContents());
  const formulas = copied.querySelectorAll(".math:has(annotation)");
  if (!formulas.length) return;
  for (const formula of formulas) {
    const mark = formula.localName === "div" ? "$$" : "$";
    formula.replaceChildren(mark + formula.querySelector("annotation").textContent + mark);
    formula.removeAttribute("class"); // or it would not be laid out there
  }
  document.body.append(copied); // only what is in the page has its lines where they are seen
  event.clipboardData.setData("text/plain", copied.innerText);
  copied.remove();
  event.preventDefault();
});

// What is wider than its place scrolls, also by keyboard; the theme looks at what is not folded up alone
function scrollsByKey(place) {
  if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
  else place.removeAttribute("tabindex");
}
const places = new ResizeObserver((entries) => {
  for (const { target } of entries) scrollsByKey(target);
});
const WIDE = "math.tml-display, .checked-ledger td, pre, .cell_output > .output, .pst-scrollable-table-container";
addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(WIDE)) places.observe(place);
});

// Formulas far from the screen are not laid out (book.css); the keyboard is to find those of them that scroll
document.addEventListener("keydown", (event) => {
  const { classList } = document.documentElement;
  if (event.key !== "Tab" || classList.contains("laid-out")) return;
  classList.add("laid-out");
  for (const place of document.querySelectorAll(WIDE)) scrollsByKey(place);
});

// The book without a network: a worker keeps all pages, and what this one has loaded (docs/_offline.js)
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  addEventListener("load", async () => {
    const root = new URL(document.documentElement.dataset.content_root, location.href);
    await navigator.serviceWorker.register(new URL("offline.js", root));
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage(performance.getEntriesByType("resource").map(({ name }) => name));
  });
}
