// The operation drawer: beside the page, not above it. A link with data-drawer opens it, and so does ?op=<id> in the
// address, which a form that started an operation leads to and a reload keeps. It asks again while the operation runs.
(() => {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  const SOON = 200, AGAIN = 600, LONGEST = 30_000;
  let url = "", opener = null, timer = 0, failures = 0, opened = 0;

  const running = () => !!drawer.querySelector("[data-running]");
  const keep = (id) => {
    const here = new URL(location.href);
    if (id) here.searchParams.set("op", id);
    else here.searchParams.delete("op");
    history.replaceState(history.state, "", here);
  };
  const plan = () => {
    clearTimeout(timer);
    const soon = Math.max(SOON, Math.min(AGAIN, (Date.now() - opened) / 4)); // as live.js does
    const delay = failures ? Math.min(LONGEST, 1000 * 2 ** failures) : soon;
    if (url && !document.hidden && (running() || failures)) timer = setTimeout(load, delay);
  };
  const close = () => {
    clearTimeout(timer);
    const inside = drawer.contains(document.activeElement);
    url = "";
    drawer.hidden = true;
    keep("");
    if (!inside) return;
    const back = opener?.isConnected ? opener : document.getElementById(opener?.id || "main");
    back?.focus();
  };
  const show = (html) => {
    const ran = running(), first = drawer.hidden;
    Idiomorph.morph(drawer, html, { morphStyle: "innerHTML" });
    drawer.hidden = false;
    if (first && opener) drawer.querySelector("#drawer-title")?.focus();
    // What it changed is there to be seen. One that has ended by now may have run when the page was drawn.
    if ((ran || first) && !running()) document.dispatchEvent(new Event("meshdeck:look"));
  };
  const load = async () => {
    clearTimeout(timer);
    const asked = url;
    const answer = await meshdeck.ask(`${asked}?drawer=1`);
    if (asked !== url) return; // closed, or another one is wanted by now
    if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429) return close();
    failures = answer && answer.status < 400 ? 0 : failures + 1;
    if (answer?.status === 200) show(answer.html);
    plan();
  };
  const open = (address, from) => {
    url = address.split("?")[0];
    opener = from;
    opened = Date.now();
    failures = 0;
    drawer.hidden = true;
    drawer.replaceChildren();
    load();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-drawer-close]")) return close();
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.hasAttribute("data-drawer")) {
      event.preventDefault();
      open(link.pathname, link);
      keep(link.pathname.split("/").filter(Boolean).pop());
    } else if (url && link.getAttribute("href").startsWith("?")) {
      // Sorted or on the next page, it is still the same list beside the same operation.
      const there = new URL(link.href);
      there.searchParams.set("op", new URLSearchParams(location.search).get("op"));
      link.href = there;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !url || event.defaultPrevented) return;
    if (document.querySelector(".md-pop:is([open], [data-open]), dialog[open], :popover-open")) return;
    if (event.target.matches("input, select, textarea") && !drawer.contains(event.target)) return;
    close();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (url && (running() || failures)) load();
  });

  const asked = new URLSearchParams(location.search).get("op");
  if (asked && /^[\w-]+$/.test(asked)) open(`${drawer.dataset.operations}${asked}/`, null);
})();
