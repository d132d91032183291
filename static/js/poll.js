// For when the stream cannot be had: every 3 s for a minute after something was done or heard, else once a minute, never while hidden.
const BUSY_MS = 3_000;
const QUIET_MS = 60_000;
const BUSY_FOR_MS = 60_000;
const SIGNS_OF_LIFE = ["pointerdown", "keydown"];

// Asks until the function it returns is called. `hear(kind, id)` is told each event, `reached(ok)` how each request went.
export function poll(address, lastId, hear, reached) {
  let active = Date.now();
  let stopped = false;
  let timer;
  const touch = () => {
    active = Date.now();
  };
  const next = () => {
    if (!stopped) timer = setTimeout(ask, Date.now() - active < BUSY_FOR_MS ? BUSY_MS : QUIET_MS);
  };

  async function ask() {
    if (!document.hidden) {
      const ok = await fetched();
      if (!stopped) reached(ok);
    }
    next();
  }

  async function fetched() {
    try {
      const reply = await fetch(`${address}?after=${encodeURIComponent(lastId())}`);
      if (!reply.ok) return false;
      const { events, last, resync } = await reply.json();
      if (stopped) return true; // the stream is back, and tells all of this itself
      for (const { kind, id } of events) hear(kind, id);
      hear(resync ? "resync" : undefined, last);
      if (events.length) touch();
      return true;
    } catch {
      return false; // the network is away: the page says so, and the next turn tries again
    }
  }

  for (const name of SIGNS_OF_LIFE) addEventListener(name, touch, { passive: true });
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
    for (const name of SIGNS_OF_LIFE) removeEventListener(name, touch);
  };
}
