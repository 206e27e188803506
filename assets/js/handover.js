// A secret is handed over once: the page asks for all its files as soon as it may, saves the wanted one, and keeps the
// others in its own memory, nowhere else, for as long as the envelope would have lain on the server.
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
