// A form with data-preview follows as one types: it posts itself with the header X-Meshdeck-Preview, and the parts of
// the answer that are marked data-preview-part take the place of those on the page: fields with their refusals, what is
// left, the command. What was typed stays. A refusal appears when its field was left, never while one types in it.
// Without this file the server checks when the form is sent.
(() => {
  const DELAY = 300, SMALL = 64 * 1024;
  const TYPED = "input:not([type=checkbox], [type=radio], [type=file]), textarea";
  const states = new WeakMap();
  const stateOf = (form) => {
    if (!states.has(form)) {
      states.set(form, { left: new Set(), edited: new Set(), timer: 0, asked: null, checking: false, sure: false });
    }
    return states.get(form);
  };
  const followed = (element) => element.closest?.("form[data-preview]");
  const fieldOf = (element) => element.closest?.("[data-field]")?.dataset.field;
  const typing = (name) => document.activeElement?.matches(TYPED) && fieldOf(document.activeElement) === name;
  const values = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value.name ?? value]));

  const silence = (form, field, unsent) => {
    const name = field.dataset.field;
    const shown = document.getElementById(field.id)?.querySelector(".md-err");
    if (!unsent.has(name) && (shown || (stateOf(form).left.has(name) && !typing(name)))) return;
    for (const refusal of field.querySelectorAll(".md-err")) {
      for (const one of [field, ...field.querySelectorAll("[aria-describedby]")]) {
        const others = (one.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== refusal.id);
        if (others.length) one.setAttribute("aria-describedby", others.join(" "));
        else one.removeAttribute("aria-describedby");
      }
      refusal.remove();
    }
    for (const control of field.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
    for (const control of field.querySelectorAll(".pf-m-error")) control.classList.remove("pf-m-error");
  };

  // The form is begun, which keeps live.js away, and not this. What was typed and chosen is kept as everywhere.
  const callbacks = { beforeNodeMorphed: () => true, beforeNodeRemoved: () => true };
  const put = (form, page, unsent) => {
    for (const part of document.querySelectorAll("[data-preview-part][id]")) {
      const owner = part.closest("form") ?? document.getElementById(part.dataset.previewPart);
      const fresh = page.getElementById(part.id);
      if (!fresh || (owner && owner !== form) || part.parentElement?.closest("[data-preview-part]")) continue;
      for (const field of [fresh, ...fresh.querySelectorAll("[data-field]")]) {
        if (field.matches("[data-field]")) silence(form, field, unsent);
      }
      Idiomorph.morph(part, fresh, { morphStyle: "outerHTML", callbacks });
    }
  };

  // "told" when the page now says what the server thinks of the form as it is, "old" when the form has changed
  // meanwhile, "silent" when there was no answer.
  const look = async (form) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.asked?.abort();
    const asked = state.asked = new AbortController();
    const body = new FormData(form), before = values(form), unsent = new Set();
    for (const [name, value] of [...body]) if (value instanceof File && value.size > SMALL) unsent.add(name);
    for (const name of unsent) body.delete(name);
    const headers = { "X-Meshdeck-Preview": "1" };
    const address = form.getAttribute("action") || location.href;
    const answer = await meshdeck.ask(address, { method: "POST", body, headers, signal: asked.signal });
    if (asked.signal.aborted || answer?.leaving || values(form) !== before) return "old";
    if (![200, 422].includes(answer?.status)) return "silent"; // the server checks when the form is sent
    put(form, new DOMParser().parseFromString(answer.html, "text/html"), unsent);
    return "told";
  };
  const follow = (form) => {
    if (!stateOf(form).checking) look(form);
  };
  const soon = (form) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(follow, DELAY, form);
  };

  document.addEventListener("input", (event) => {
    const form = followed(event.target);
    if (!form) return;
    const state = stateOf(form), name = fieldOf(event.target);
    state.edited.add(name);
    if (!event.target.matches(TYPED)) state.left.add(name); // a choice is made at once
    soon(form);
  });
  document.addEventListener("focusout", (event) => {
    const form = followed(event.target), name = fieldOf(event.target);
    if (!form || !stateOf(form).edited.delete(name)) return;
    stateOf(form).left.add(name);
    setTimeout(follow, 0, form); // when the focus has arrived where it goes
  });

  document.addEventListener("reset", (event) => {
    const form = followed(event.target);
    if (form) setTimeout(follow, 0, form); // when the fields have gone back
  });

  // "Use 440 GB": the figure goes into the field.
  document.addEventListener("click", (event) => {
    const way = event.target.closest("[data-fill]");
    const form = way?.closest("form");
    if (!form) return;
    const controls = [...form.querySelectorAll(`[name="${CSS.escape(way.dataset.fill)}"]`)];
    const choice = controls.find((one) => one.matches("[type=radio], [type=checkbox]") && one.value === way.dataset.value);
    const control = choice ?? controls[0];
    if (!control) return;
    if (choice) choice.checked = true;
    else control.value = way.dataset.value;
    control.focus();
    control.dispatchEvent(new Event("input", { bubbles: true }));
    if (followed(form)) follow(form);
  });

  // The button of a form in which something is missing is not dead: it checks, and goes on or to the first refusal.
  document.addEventListener("submit", async (event) => {
    const form = followed(event.target);
    const refused = () => form.querySelector("[type=submit][aria-disabled=true]");
    if (form && event.submitter?.name === "preview") { // Enter in a field that changes nothing; a button without scripts
      event.preventDefault();
      return look(form);
    }
    if (!form || stateOf(form).sure || event.submitter?.formNoValidate || !refused()) return;
    event.preventDefault();
    const state = stateOf(form);
    if (state.checking) return;
    state.checking = true;
    for (const field of form.querySelectorAll("[data-field]")) state.left.add(field.dataset.field);
    if (document.activeElement?.matches(TYPED)) document.activeElement.blur();
    const answer = await look(form);
    state.checking = false;
    if (answer === "old") return soon(form);
    if (answer === "told" && refused()) {
      const refusal = form.querySelector(".md-err");
      const control = refusal?.closest("[data-field]")?.querySelector("input:not([type=hidden]), select, textarea");
      return (control ?? refusal ?? refused()).focus();
    }
    state.sure = true;
    form.requestSubmit(event.submitter?.isConnected ? event.submitter : undefined);
    state.sure = false;
  });

  // An operation beside a form that stands still has ended: what it made is there to be chosen.
  document.addEventListener("meshdeck:look", () => {
    if (document.querySelector("#shell[data-live]")) return;
    for (const form of document.querySelectorAll("form[data-preview]")) look(form);
  });

  // The page around a begun form has changed: what is said about the form follows.
  document.addEventListener("meshdeck:shown", () => {
    for (const form of document.querySelectorAll("form[data-preview][data-begun]")) follow(form);
  });
})();
