/* Built from assets/js/ by scripts/build_static.py: edit there. */
/* copy */
// Copy chips: the value goes to the clipboard, a polite word and a check mark say so.
(() => {
  const copied = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Without TLS there is no clipboard object: a selected text field does it.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "sr";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("refused by the browser");
  };

  document.addEventListener("click", async (event) => {
    const chip = event.target.closest("[data-copy]");
    if (!chip) return;
    const announce = document.getElementById("announce");
    try {
      await copied(chip.dataset.copy);
    } catch {
      if (announce) announce.textContent = announce.dataset.refused;
      return;
    }
    if (announce) announce.textContent = `${announce.dataset.copied} ${chip.dataset.copy}`;
    const use = chip.querySelector("use");
    const before = use?.getAttribute("href");
    if (!use || before.endsWith("#check")) return;
    use.setAttribute("href", before.replace(/#.*/, "#check"));
    chip.setAttribute("data-copied", "");
    setTimeout(() => {
      use.setAttribute("href", before);
      chip.removeAttribute("data-copied");
    }, 1600);
  });
})();

/* filter */
// Lists filter while typing. Without this file the form is submitted with Enter, to the same address.
(() => {
  const DELAY = 250;
  let timer = 0;

  const submit = (form) => {
    clearTimeout(timer);
    const query = new URLSearchParams(new FormData(form));
    if (!query.get("q")) query.delete("q");
    const url = `${location.pathname}${query.size ? `?${query}` : ""}`;
    if (url === `${location.pathname}${location.search}`) return;
    history.replaceState(null, "", url);
    document.dispatchEvent(new CustomEvent("meshdeck:load"));
  };

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(submit, DELAY, form);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (!form) return;
    event.preventDefault();
    submit(form);
  });
})();

/* live */
// Keeps the page current. #shell carries the version of what it shows; the page's own address is asked with that
// version, 204 means unchanged (only the stamp moves on), else the new page is morphed into place: focus, selection,
// scroll, open menus and what was typed stay. Fast while something changes or someone is at work, slow when idle,
// silent when hidden.
(() => {
  const shell = () => document.getElementById("shell");
  if (!shell()) return;

  const BUSY = 1500, ACTIVE = 1500, IDLE = 10_000, IDLE_AFTER = 60_000, LONGEST = 30_000;
  let timer = 0, loading = false, again = false, failures = 0, lastTouch = Date.now();

  const live = () => shell().hasAttribute("data-live");
  const note = (state) => {
    const place = document.querySelector("#stamp [data-live-note]");
    if (!place) return;
    place.hidden = !state;
    place.textContent = state ? place.dataset[state] : "";
    place.parentElement.classList.toggle("is-off", state === "lost");
  };
  const paused = () => {
    if (shell().querySelector("dialog[open]")) return true;
    const selection = getSelection();
    return !!selection && !selection.isCollapsed && shell().contains(selection.anchorNode);
  };
  const wait = () => {
    if (failures) return Math.min(LONGEST, 2000 * 2 ** (failures - 1));
    if (shell().hasAttribute("data-busy")) return BUSY;
    return Date.now() - lastTouch < IDLE_AFTER ? ACTIVE : IDLE;
  };
  const plan = (delay = wait()) => {
    clearTimeout(timer);
    if (live() && !document.hidden) timer = setTimeout(ask, delay);
  };

  const ask = async (fresh = false) => {
    if (loading) {
      again ||= fresh;
      return;
    }
    if (!fresh && paused()) {
      note("paused");
      plan();
      return;
    }
    clearTimeout(timer);
    loading = true;
    const headers = fresh ? {} : { "X-Meshdeck-Version": shell().dataset.version };
    try {
      await htmx.ajax("GET", location.pathname + location.search, {
        source: shell(), target: shell(), swap: "morph:outerHTML", select: "#shell", headers,
      });
    } catch {
      // Told by htmx:sendError and htmx:timeout below.
    } finally {
      loading = false;
      if (again) {
        again = false;
        ask(true);
      } else plan();
    }
  };

  const failed = () => {
    failures += 1;
    note("lost");
  };
  const mine = (event) => event.detail.elt === shell();

  document.addEventListener("htmx:sendError", (event) => mine(event) && failed());
  document.addEventListener("htmx:timeout", (event) => mine(event) && failed());
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== shell()) return;
    const { xhr } = event.detail;
    if (xhr.status >= 500) return failed();
    if (xhr.status >= 400) return location.reload(); // gone or no longer allowed: the server says it in full
    failures = 0;
    note("");
    if (xhr.status === 204) {
      shell().toggleAttribute("data-busy", xhr.getResponseHeader("X-Meshdeck-Changing") === "1");
      const time = document.querySelector("#stamp time");
      const at = xhr.getResponseHeader("X-Meshdeck-As-Of");
      if (time && at) time.textContent = at;
    } else if (paused()) {
      event.detail.shouldSwap = false; // the version stays the old one, so the next question brings it
      note("paused");
    }
  });

  document.addEventListener("meshdeck:load", () => ask(true));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else plan(0);
  });
  addEventListener("online", () => plan(0));
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(kind, () => {
      const idle = Date.now() - lastTouch >= IDLE_AFTER;
      lastTouch = Date.now();
      if (idle && !loading) plan(0);
    }, { passive: true, capture: true });
  }

  // What a person did to the page is theirs: open menus, ticked boxes and typed text survive the morph.
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => {
    if (name === "open" && element.matches("details, dialog")) return false;
    if (name === "class" && element.matches("details.md-pop[open]")) return false;
    if (name === "value" && "defaultValue" in element) {
      return element !== document.activeElement && element.value === element.defaultValue;
    }
    if (name === "checked") return element.checked === element.defaultChecked;
    return true;
  };

  plan();
})();

/* menu */
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

/* palette */
// Search or jump to: a dialog with a combobox. Ctrl K opens it, arrows move, Enter opens, Escape closes (the dialog's own).
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    htmx.trigger(input, "open");
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) open();
    else if (event.target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  list.addEventListener("htmx:afterSwap", () => choose(options()[0]));
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen()) choose(option);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "Enter") {
      event.preventDefault();
      chosen()?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
    }
  });
  // A chosen link may point to the page that is open: then only the dialog goes.
  list.addEventListener("click", (event) => {
    if (event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey) dialog.close();
  });
})();

/* timezone */
// Tells the server the reader's time zone, so that times are written in it (portal/ui/timezone.py).
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.includes(`meshdeck-zone=${zone}`)) return;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `meshdeck-zone=${zone};path=/;max-age=31536000;samesite=lax${secure}`;
})();
