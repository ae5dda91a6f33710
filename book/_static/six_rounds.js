// Search results with a line of text below each title. Sphinx looks in the page for the stem of
// the word ("inventori"), which is not there, and cuts the line out of the page's blank space.
(() => {
  if (typeof Search === "undefined") return;
  const query = new URLSearchParams(location.search).get("q") || "";
  const words = query.split(/\s+/).filter(Boolean).reverse(); // the first one counts most
  const { htmlToText, makeSearchSummary } = Search;

  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const around = ".onlyprint, .bd-sidebar-secondary, .page-note, .launch, .diagram-box, h1, nav, footer, button";
    page.querySelectorAll(around).forEach((part) => part.remove());
    return htmlToText(page.documentElement.outerHTML, anchor).replace(/\s+/g, " ").trim();
  };
  // Sphinx takes the last of those it finds; the empty one is found in any page, at its beginning.
  Search.makeSearchSummary = (html, stems, anchor) =>
    makeSearchSummary(html, ["", ...stems, ...words], anchor);
})();
