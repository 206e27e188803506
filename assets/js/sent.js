// A double click sends a form once.
(() => {
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method")?.toLowerCase() !== "post") return;
    if (event.timeStamp - (sent.get(form) ?? -Infinity) < 1000) event.preventDefault();
    else sent.set(form, event.timeStamp);
  });
})();
