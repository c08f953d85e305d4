// What the pages need beside the scripts of the theme

// Sphinx's search fetches the pages that it found, to show a piece of each; a file may not fetch its neighbours
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// The theme's button to print has its script in an attribute, which the policy of the page does not let run
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-action=print]")) window.print();
});
