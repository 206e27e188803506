// How scripts ask for a page or a part of one. The server is told which page asks, and answers a session that has ended
// with where to log in; then this page goes there and `leaving` is true. Resolves to { status, headers, html, leaving },
// or null: no answer within 10 s, or given up by `signal`.
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
