// What the pages need beside the scripts of the theme

// Sphinx's search fetches the pages that it found, to show a piece of each; a file may not fetch its neighbours
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

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

// The book without a network: a worker keeps all pages, and what this one has loaded (docs/_offline.js)
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  addEventListener("load", async () => {
    const root = new URL(document.documentElement.dataset.content_root, location.href);
    await navigator.serviceWorker.register(new URL("offline.js", root));
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage(performance.getEntriesByType("resource").map(({ name }) => name));
  });
}
