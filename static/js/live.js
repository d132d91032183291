// Server events become DOM events: `live:alert` and `live:story` on the body. One stream per browser, shared by its tabs.
import { poll } from "./poll.js";

const { stream, poll: pollAddress, viewer, position = "" } = document.body.dataset;
const state = document.querySelector("[data-live-state]");
const news = document.querySelector("[data-live-news]");
const words = { live: "Live", reconnecting: "Reconnecting", offline: "Offline" };
const heard = { alert: "A new alert arrived.", story: "A new story arrived." };
const RETRY_MS = 30_000;

function show(name) {
  state.dataset.liveState = name;
  state.hidden = false;
  state.querySelector("[data-live-text]").textContent = words[name];
}

function receive({ now, kind }) {
  if (now) show(now);
  if (!kind) return;
  for (const each of kind === "resync" ? ["alert", "story"] : [kind]) document.body.dispatchEvent(new CustomEvent(`live:${each}`));
  news.textContent = heard[kind] ?? "";
}

// The tab that holds the lock listens to the server, and passes on what it hears.
function lead(channel) {
  let last = position;
  let source, stopPolling;

  const share = (message) => {
    receive(message);
    channel.postMessage(message);
  };
  const hear = (kind, id) => {
    if (kind in heard && Number(id) <= Number(last)) return; // the poll told it before the stream came back
    last = id || last;
    share({ kind });
  };
  const unreached = () => share({ now: navigator.onLine ? "reconnecting" : "offline" });

  function open() {
    source = new EventSource(last ? `${stream}?last=${last}` : stream);
    source.onopen = () => {
      stopPolling = stopPolling?.(); // which gives nothing back
      share({ now: "live" });
    };
    source.onerror = () => {
      unreached();
      stopPolling ??= poll(pollAddress, () => last, hear, (reached) => (reached ? share({ now: "reconnecting" }) : unreached()));
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS);
    };
    source.addEventListener("hello", ({ lastEventId }) => {
      // A page that does not know its place may have missed what came between it and the stream.
      hear(last ? undefined : "resync", lastEventId);
    });
    for (const kind of ["alert", "story", "resync"]) source.addEventListener(kind, ({ lastEventId }) => hear(kind, lastEventId));
  }

  channel.addEventListener("message", ({ data }) => data.hello && channel.postMessage({ now: state.dataset.liveState }));
  open();
}

if (stream && state) {
  const name = `bellwether:${viewer}`;
  const channel = new BroadcastChannel(name);
  channel.addEventListener("message", ({ data }) => receive(data));
  channel.postMessage({ hello: true });
  // The lock is held until the tab closes; then the next tab in line gets it.
  navigator.locks.request(name, () => new Promise(() => lead(channel)));
}
