// Picking rows of a list: the bar above it counts them and says what they are, the head's box takes them all. Which
// rows are picked is in their check boxes, and survives what live.js brings.
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
