// Keeps the page current. #shell carries the version of what it shows; the page's own address is asked with that
// version, 204 means unchanged (only the stamp moves on), else the new page is morphed into place: focus, selection,
// scroll, open menus and what was typed stay. Fast while something changes or someone is at work, slow when idle,
// silent when hidden.
(() => {
  const shell = () => document.getElementById("shell");
  if (!shell()) return;

  const SOON = 200, BUSY = 600, ACTIVE = 1500, IDLE = 10_000, IDLE_AFTER = 60_000, LONGEST = 30_000;
  let timer = 0, loading = false, again = false, failures = 0, lastTouch = Date.now(), busySince = 0;

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
    // Most changes are done within a second or two: what has just begun is looked at more often.
    busySince = shell().hasAttribute("data-busy") ? busySince || Date.now() : 0;
    if (busySince) return Math.max(SOON, Math.min(BUSY, (Date.now() - busySince) / 4));
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
    took(await meshdeck.ask(location.pathname + location.search, { headers }));
    loading = false;
    if (again) {
      again = false;
      ask(true);
    } else plan();
  };

  const took = (answer) => {
    if (!answer || answer.status >= 500 || answer.status === 429) {
      failures += 1;
      return note("lost");
    }
    if (answer.status >= 400) return location.reload(); // gone or no longer allowed: the server says it in full
    failures = 0;
    note("");
    if (answer.status === 204) {
      shell().toggleAttribute("data-busy", answer.headers.get("X-Meshdeck-Changing") === "1");
      const time = document.querySelector("#stamp time");
      const at = answer.headers.get("X-Meshdeck-As-Of");
      if (time && at) time.textContent = at;
    } else if (paused()) {
      note("paused"); // the version stays the old one, so the next question brings it
    } else {
      const page = new DOMParser().parseFromString(answer.html, "text/html");
      const fresh = page.getElementById("shell");
      if (!fresh) return location.reload(); // led to a page of another kind
      document.title = page.title;
      Idiomorph.morph(shell(), fresh, { morphStyle: "outerHTML" });
      document.dispatchEvent(new Event("meshdeck:shown"));
    }
  };

  document.addEventListener("meshdeck:load", () => ask(true));
  document.addEventListener("meshdeck:look", () => plan(0));
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

  // A form that someone has begun is theirs until it is sent: nothing in it changes, nor does what is said about it.
  const BEGUN = "form[data-begun]";
  document.addEventListener("input", (event) => {
    event.target.closest("form[method=post]")?.toggleAttribute("data-begun", true);
  });
  document.addEventListener("reset", (event) => event.target.removeAttribute("data-begun"));
  const begun = (node) => {
    if (node.matches(BEGUN)) return true;
    const field = document.activeElement;
    return node.matches("form[method=post]") && field?.matches("input, select, textarea") && node.contains(field);
  };
  const said = (node) => node.matches("[data-preview-part]") && document.querySelector(`${BEGUN}[data-preview]`);

  // What a person did to the page is theirs: open menus, ticked boxes and typed text survive the morph.
  Object.assign(Idiomorph.defaults.callbacks, {
    beforeNodeMorphed: (node) => node.nodeType !== Node.ELEMENT_NODE || !(begun(node) || said(node)),
    beforeNodeRemoved: (node) => {
      if (node.nodeType !== Node.ELEMENT_NODE) return true;
      return !(node.id === "row-menu" || begun(node) || node.querySelector(BEGUN)); // menu.js closes what it opened
    },
    beforeAttributeUpdated: (name, element) => {
      if (name === "open" && element.matches("details, dialog")) return false;
      if (name === "class" && element.matches("details.md-pop[open]")) return false;
      if (name === "data-open" || (name === "aria-expanded" && element.matches("[data-menu]"))) return false;
      if (name === "value" && "defaultValue" in element) {
        return element !== document.activeElement && element.value === element.defaultValue;
      }
      // What a script of the page has opened stays open until the script closes it.
      if ((name === "disabled" || name === "data-kept") && element.matches("[data-kept]")) return false;
      if (name === "checked") return element.checked === element.defaultChecked;
      return true;
    },
  });

  plan();
})();
