// Search or jump to: a dialog with a combobox. Ctrl K opens it, arrows move, Enter opens, Escape closes (the dialog's own).
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
  // A chosen link may point to the page that is open: then only the dialog goes.
  list.addEventListener("click", (event) => {
    if (event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey) dialog.close();
  });
})();
