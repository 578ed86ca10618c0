// A figure's place in the original is marked without loading the page again. Without this script the same links do it by loading.
(function () {
  "use strict";
  var pane = document.getElementById("original");
  var frame = pane && pane.querySelector("iframe");
  if (!frame) return;
  var base = frame.getAttribute("data-view");
  var named = pane.querySelector("[data-named]");
  var cite = pane.querySelector("[data-cite]");
  var close = pane.querySelector("button");
  var chosen = document.querySelector("a.cell[aria-current]");
  var moved = false; // whether the address names another figure than the page was made for
  var narrow = window.matchMedia("(max-width: 68rem)");

  function show(link, place) {
    var address = base + "?at=" + encodeURIComponent(place) + "#ogi-mark";
    var fresh = frame.cloneNode(false); // a new frame: setting `src` would add a step to the browser's history
    fresh.removeAttribute("loading");
    fresh.src = address;
    frame.replaceWith(fresh);
    frame = fresh;
    if (chosen) chosen.removeAttribute("aria-current");
    if (link.classList.contains("cell")) {
      chosen = link;
      chosen.setAttribute("aria-current", "true");
    }
    if (named) named.textContent = link.getAttribute("data-name") || link.textContent;
    if (cite) cite.href = link.href.split("#")[0] + "#cite";
    if (narrow.matches) pane.classList.add("sheet");
    moved = true;
    history.replaceState(null, "", link.getAttribute("href"));
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-at]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link, link.getAttribute("data-at"));
  });
  if (cite) cite.addEventListener("click", function (event) {
    if (!moved || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault(); // the same address but for the fragment: a browser would scroll to the citation of what was chosen before
    fetch(location.pathname + location.search).then(function (answer) { return answer.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("cite");
      document.getElementById("cite").replaceWith(fresh);
      moved = false;
      pane.classList.remove("sheet");
      location.hash = "cite";
    }).catch(function () { location.reload(); });
  });
  if (close) close.addEventListener("click", function () { pane.classList.remove("sheet"); if (chosen) chosen.focus(); });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape") pane.classList.remove("sheet"); });
})();
