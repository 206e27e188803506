// Get Passcode in place: the foundation's login server gives the code to this page, by the browser's own session there.
// The code is nowhere but in the page, and goes with its five minutes. Without a session there its own page opens.
(() => {
  const SECONDS = 5 * 60;
  const AROUND = 2 * Math.PI * 37;
  let timer;

  const fetched = async (url) => {
    // UAA lets scripts ask only with X-Requested-With. A redirect leads to a login: no session.
    const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
    const answer = await fetch(url, { credentials: "include", redirect: "manual", cache: "no-store", headers });
    if (!answer.ok) return "";
    const code = await answer.json();
    return typeof code === "string" && /^[\w-]{8,64}$/.test(code) ? code : "";
  };

  const put = (panel, code) => {
    const shown = panel.querySelector("#passcode-code");
    shown.replaceChildren(
      ...(code.match(/.{1,8}/g) ?? []).map((part) => Object.assign(document.createElement("span"), { textContent: part })),
    );
    const copy = panel.querySelector("#copy-passcode");
    copy.dataset.copy = code;
    for (const part of [shown, copy, panel.querySelector("#passcode-or")]) part.hidden = !code;
    panel.querySelector("#get-passcode").classList.toggle("is-again", Boolean(code));
    panel.querySelector("#passcode-ring").toggleAttribute("hidden", !code);
    // The lines end with the word that stands for it.
    const filled = (text) => (code ? text.slice(0, -panel.dataset.passcode.length) + code : text);
    for (const line of document.querySelectorAll("[data-passcode-line]")) {
      line.dataset.plain ??= line.textContent;
      line.textContent = filled(line.dataset.plain);
    }
    for (const button of document.querySelectorAll("[data-passcode-copy]")) {
      button.dataset.plain ??= button.dataset.copy;
      button.dataset.copy = filled(button.dataset.plain);
    }
  };

  const forget = (panel) => {
    clearInterval(timer);
    put(panel, "");
  };

  const count = (panel, said) => {
    const end = Date.now() + SECONDS * 1000;
    const ring = panel.querySelector("#passcode-ring");
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      ring.querySelector("text").textContent = text;
      ring.setAttribute("aria-label", `${text} ${panel.dataset.left}`);
      const part = (AROUND * left) / SECONDS;
      ring.querySelector(".v").setAttribute("stroke-dasharray", `${part} ${AROUND - part}`);
      if (left) return;
      forget(panel);
      said.textContent = panel.dataset.ended;
    };
    clearInterval(timer);
    timer = setInterval(tick, 1000);
    tick();
  };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-passcode] #get-passcode");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const panel = link.closest("[data-passcode]");
    const said = panel.querySelector("#passcode-said");
    panel.dataset.first ??= said.textContent;
    forget(panel);
    let code = "";
    try {
      code = await fetched(link.href);
    } catch {
      // Not reached, or not allowed to ask: its own page shows which.
    }
    if (code) {
      said.textContent = panel.dataset.first;
      put(panel, code);
      count(panel, said);
      return;
    }
    said.textContent = panel.dataset.opened;
    window.open(link.href, "_blank", "noopener,noreferrer");
  });

  // Who comes back by the browser's own memory finds no old code.
  window.addEventListener("pagehide", () => {
    const panel = document.querySelector("[data-passcode]");
    if (panel) forget(panel);
  });
})();
