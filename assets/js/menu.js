// Menus are <details class="md-pop">: they open without this file. Here: one at a time, closed by Escape, by a click
// elsewhere and by leaving them with Tab; arrow keys walk through the entries.
(() => {
  const opened = () => document.querySelectorAll("details.md-pop[open]");
  const entries = (menu) => [...menu.querySelectorAll(".md-pop__panel :is(a, button)")];

  // A panel that would leave the window hangs from the other end of its summary.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.md-pop[open]") || menu.classList.contains("md-pop--end")) return;
    const panel = menu.querySelector(".md-pop__panel").getBoundingClientRect();
    if (panel.right > document.documentElement.clientWidth) menu.classList.add("md-pop--end");
  }, true);
  document.addEventListener("click", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of opened()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.md-pop");
    if (event.key === "Escape") {
      for (const open of opened()) {
        open.open = false;
        if (open === menu) open.querySelector("summary").focus();
      }
      return;
    }
    if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    menu.open = true;
    const all = entries(menu);
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    all.at(next % all.length).focus();
    event.preventDefault();
  });
})();
