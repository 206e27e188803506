/* Built from assets/js/ by scripts/build_static.py: edit there. */
/* ask */
const meshdeck = {
async ask(address, { signal, headers, ...options } = {}) {
const patience = AbortSignal.timeout(10_000);
const told = { "HX-Request": "true", "HX-Current-URL": location.href, ...headers };
try {
const answer = await fetch(address, {
...options, headers: told, signal: signal ? AbortSignal.any([signal, patience]) : patience,
});
const html = await answer.text();
const elsewhere = answer.headers.get("HX-Redirect");
if (elsewhere) location.assign(elsewhere);
return { status: answer.status, headers: answer.headers, html, leaving: !!elsewhere };
} catch (error) {
if (!["AbortError", "TimeoutError", "TypeError"].includes(error.name)) throw error;
return null;
}
},
};

/* copy */
(() => {
const copied = async (text) => {
if (navigator.clipboard) return navigator.clipboard.writeText(text);
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
if (announce) announce.textContent = `${announce.dataset.copied} ${chip.dataset.copiedAs ?? chip.dataset.copy}`;
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

/* download */
(() => {
const AFTER = 500;
document.addEventListener("submit", (event) => {
const form = event.target;
if (event.defaultPrevented || !form.matches("form[data-download]")) return;
setTimeout(() => {
form.reset();
document.dispatchEvent(new Event("meshdeck:look"));
}, AFTER);
});
})();

/* drawer */
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

/* filter */
(() => {
const DELAY = 250;
let timer = 0;
const submit = (form) => {
clearTimeout(timer);
const query = new URLSearchParams(new FormData(form));
if (!query.get("q")) query.delete("q");
const operation = new URLSearchParams(location.search).get("op"); // the drawer's, which is no filter
if (operation) query.set("op", operation);
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

/* handover */
(() => {
let asked = false;
let files = null;
let until = 0;
let said = "";
const form = () => document.getElementById("handover");
const save = (file) => {
const url = URL.createObjectURL(new Blob([file.text], { type: file.type }));
const link = document.createElement("a");
link.href = url;
link.download = file.name;
link.click();
setTimeout(() => URL.revokeObjectURL(url), 1000);
};
const show = () => {
const here = form();
if (!here) return;
const left = Math.max(0, Math.round((until - Date.now()) / 1000));
if (files && !left) files = null;
for (const button of here.querySelectorAll("[data-kind]")) {
button.toggleAttribute("data-kept", files !== null); // live.js leaves it as it is
button.disabled = files === null;
}
for (const part of here.querySelectorAll("[data-while-kept]")) part.hidden = files === null;
for (const part of here.querySelectorAll("[data-when-gone]")) part.hidden = files !== null;
if (said) document.getElementById("pass-said").textContent = said;
const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
document.getElementById("pass-left").textContent = files ? here.dataset.leftText.replace("0:00", time) : "";
};
const take = async () => {
const here = form();
if (!here || asked || !here.hasAttribute("data-ready")) return;
asked = true;
const body = new FormData(here);
body.set("kind", "all");
const seconds = Number(here.dataset.seconds);
const answer = await fetch(here.action, { method: "POST", body }).catch(() => null);
if (answer?.ok) {
files = await answer.json();
until = Date.now() + seconds * 1000;
said = here.dataset.doneText;
save(files[here.dataset.handover]);
} else {
said = here.dataset.lostText;
}
show();
};
document.addEventListener("submit", (event) => {
if (event.target !== form() || !asked) return;
event.preventDefault();
const kind = event.submitter?.value;
if (files?.[kind]) save(files[kind]);
});
document.addEventListener("meshdeck:shown", () => {
take();
if (asked) show();
});
setInterval(() => asked && show(), 1000);
addEventListener("pagehide", () => {
files = null;
});
take();
})();

/* live */
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
if ((name === "disabled" || name === "data-kept") && element.matches("[data-kept]")) return false;
if (name === "checked") return element.checked === element.defaultChecked;
return true;
},
});
plan();
})();

/* menu */
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
const tell = () => {
for (const link of document.querySelectorAll("[data-menu]:not([aria-expanded])")) link.setAttribute("aria-expanded", "false");
};
const closeOthers = (event) => {
if (!event.target.closest?.(".md-pop")) asked?.abort();
for (const menu of opened()) if (!menu.contains(event.target)) close(menu);
};
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

/* palette */
(() => {
const DELAY = 120;
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
let timer = 0, asked = null;
const look = async () => {
clearTimeout(timer);
asked?.abort();
const { signal } = asked = new AbortController();
const { action } = input.form;
const answer = await meshdeck.ask(`${action}?${new URLSearchParams({ q: input.value })}`, { signal });
if (signal.aborted || answer?.status !== 200) return;
list.innerHTML = answer.html;
choose(options()[0]);
};
const open = () => {
if (dialog.open) return;
dialog.showModal();
input.select();
look();
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
input.addEventListener("input", () => {
clearTimeout(timer);
timer = setTimeout(look, DELAY);
});
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
list.addEventListener("click", (event) => {
if (event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey) dialog.close();
});
})();

/* passcode */
(() => {
const SECONDS = 5 * 60;
const AROUND = 2 * Math.PI * 37;
let timer;
const fetched = async (url) => {
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
window.addEventListener("pagehide", () => {
const panel = document.querySelector("[data-passcode]");
if (panel) forget(panel);
});
})();

/* preview */
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
document.addEventListener("meshdeck:look", () => {
if (document.querySelector("#shell[data-live]")) return;
for (const form of document.querySelectorAll("form[data-preview]")) look(form);
});
document.addEventListener("meshdeck:shown", () => {
for (const form of document.querySelectorAll("form[data-preview][data-begun]")) follow(form);
});
})();

/* select */
(() => {
const boxes = () => [...document.querySelectorAll("[data-pick]")];
const tell = () => {
const bar = document.getElementById("bulk");
if (!bar) return;
const all = boxes(), picked = all.filter((box) => box.checked);
const kinds = new Map();
for (const box of picked) kinds.set(box.dataset.pick, (kinds.get(box.dataset.pick) ?? 0) + 1);
const count = bar.querySelector("[data-pick-count]");
count.textContent = count.dataset.pickCount.replace("%n", picked.length.toLocaleString("en"));
bar.querySelector("[data-pick-what]").textContent = [...kinds].map(([kind, n]) => `${n} ${kind}`).join(", ");
const head = document.querySelector("[data-pick-all]");
if (!head) return;
head.checked = all.length > 0 && picked.length === all.length;
head.indeterminate = picked.length > 0 && !head.checked;
};
let last = null;
document.addEventListener("click", (event) => {
const box = event.target.closest("[data-pick]");
if (box) {
const all = boxes(), [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
if (event.shiftKey && from >= 0) for (const one of all.slice(from, to + 1)) one.checked = box.checked;
last = box;
} else if (event.target.closest("[data-pick-all]")) {
for (const one of boxes()) one.checked = event.target.checked;
} else if (event.target.closest("[data-pick-clear]")) {
for (const one of boxes()) one.checked = false;
(document.querySelector("[data-pick-all]") ?? document.getElementById("main"))?.focus();
} else return;
tell();
});
document.addEventListener("meshdeck:shown", tell);
tell();
})();

/* sent */
(() => {
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
const form = event.target;
if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
if (event.timeStamp - (sent.get(form) ?? -Infinity) < 1000) event.preventDefault();
else sent.set(form, event.timeStamp);
});
})();

/* timezone */
(() => {
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (!zone || document.cookie.includes(`meshdeck-zone=${zone}`)) return;
const secure = location.protocol === "https:" ? ";secure" : "";
document.cookie = `meshdeck-zone=${zone};path=/;max-age=31536000;samesite=lax${secure}`;
})();
