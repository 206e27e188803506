// Theme: the saved choice, else the system's. Loaded in <head> without defer so that no page flashes.
(() => {
  const root = document.documentElement, key = "meshdeck-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const saved = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const apply = () => root.classList.toggle("pf-v6-theme-dark", (saved() ?? (system.matches ? "dark" : "light")) === "dark");
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = root.classList.contains("pf-v6-theme-dark") ? "light" : "dark";
    try { localStorage.setItem(key, next); } catch { /* private mode: the choice lasts for this page */ }
    root.classList.toggle("pf-v6-theme-dark", next === "dark");
  });
})();
