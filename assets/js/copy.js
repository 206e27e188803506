// Copy chips: the value goes to the clipboard, a polite word and a check mark say so. A secret is named, not said.
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
