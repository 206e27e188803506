// Lists filter while typing. Without this file the form is submitted with Enter, to the same address.
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
