// Menus are <details class="md-pop">: they open without this file. Here: one at a time, closed by Escape, by a click
// elsewhere and by leaving them with Tab; arrow keys walk through the entries. The "…" of a row is a link to a page with
// its menu (data-menu); here the menu is fetched and opens beside it.
(() => {
  const opened = () => document.querySelectorAll(".md-pop:is(details[open], [data-open])");
  const entries = (menu) => [...menu.querySelectorAll(".md-pop__panel :is(a, button)")];
  const opener = (menu) => menu.querySelector("summary, [data-menu]");

  let panel = null, asked = null;
  const fetched = async (link) => {
    asked?.abort();
    const { signal } = asked = new AbortController();
    const answer = await meshdeck.ask(link.href, { signal });
    if (signal.aborted || answer?.leaving || !link.isConnected) return null;
    if (answer?.status === 200) return answer.html;
    if (answer) location.assign(link.href); // the server says in full what is wrong
    else document.getElementById("announce").textContent = document.getElementById("announce").dataset.away;
    return null;
  };
  const open = async (menu, after) => {
    if (menu.matches("details")) menu.open = true;
    else {
      const html = await fetched(opener(menu));
      if (html === null) return;
      for (const other of opened()) close(other);
      panel = document.createElement("div");
      panel.id = "row-menu";
      panel.className = "md-pop__panel";
      panel.innerHTML = html;
      menu.append(panel);
      menu.toggleAttribute("data-open", true);
      opener(menu).setAttribute("aria-expanded", "true");
    }
    after?.();
  };
  const close = (menu) => {
    if (menu.matches("details")) menu.open = false;
    else {
      panel.remove();
      menu.removeAttribute("data-open");
      opener(menu).setAttribute("aria-expanded", "false");
    }
  };
  // Only here a link is something that opens.
  const tell = () => {
    for (const link of document.querySelectorAll("[data-menu]:not([aria-expanded])")) link.setAttribute("aria-expanded", "false");
  };
  const closeOthers = (event) => {
    if (!event.target.closest?.(".md-pop")) asked?.abort();
    for (const menu of opened()) if (!menu.contains(event.target)) close(menu);
  };

  // A panel that would leave the window hangs from the other end of its summary.
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.("details.md-pop[open]") || menu.classList.contains("md-pop--end")) return;
    const panel = menu.querySelector(".md-pop__panel").getBoundingClientRect();
    if (panel.right > document.documentElement.clientWidth) menu.classList.add("md-pop--end");
  }, true);
  document.addEventListener("click", (event) => {
    closeOthers(event);
    const link = event.target.closest("[data-menu]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const menu = link.closest(".md-pop");
    if (menu.hasAttribute("data-open")) close(menu);
    else open(menu);
  });
  document.addEventListener("focusin", closeOthers);
  // The page is current again: what can be done with the row may be something else, or the row is gone.
  document.addEventListener("meshdeck:shown", async () => {
    tell();
    const menu = panel?.closest("[data-open]");
    if (!menu) return;
    const html = await fetched(opener(menu));
    if (html !== null && panel.isConnected) Idiomorph.morph(panel, html, { morphStyle: "innerHTML" });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.(".md-pop");
    if (event.key === "Escape") {
      asked?.abort();
      for (const one of opened()) {
        close(one);
        if (one === menu) opener(one).focus();
      }
      return;
    }
    if (!menu) return;
    if (event.key === " " && event.target.matches("[data-menu]")) { // as on a summary
      event.preventDefault();
      event.target.click();
    }
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const go = () => {
      const all = entries(menu);
      if (!all.length) return;
      const at = all.indexOf(document.activeElement);
      const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
      all.at(next % all.length).focus();
    };
    if (menu.matches("details[open], [data-open]")) go();
    else open(menu, go);
  });
  tell();
})();
