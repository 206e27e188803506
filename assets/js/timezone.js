// Tells the server the reader's time zone, so that times are written in it (portal/ui/timezone.py).
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.includes(`meshdeck-zone=${zone}`)) return;
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `meshdeck-zone=${zone};path=/;max-age=31536000;samesite=lax${secure}`;
})();
