/*
 * What cannot wait for modules, or has to work without them: the theme that was chosen, and a page
 * that was opened from a disk, where browsers load no modules. A classic script for that reason.
 */
(function () {
  "use strict";
  try {
    var theme = localStorage.getItem("emoconv-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // storage is switched off
  }
  if (location.protocol !== "file:") return;
  document.addEventListener("DOMContentLoaded", function () {
    var folder = decodeURIComponent(location.pathname).replace(/\/[^/]*$/, "") || "/";
    document.getElementById("from-disk-command").textContent =
      "python -m http.server -d '" + folder.replaceAll("'", "'\\''") + "'";
    document.getElementById("from-disk").hidden = false;
    document.getElementById("loading").hidden = true;
  });
})();
