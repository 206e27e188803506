// A form that is answered by a file leaves the page where it is: it is done with, and what comes next is asked for.
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
