// Live numbers that can be paused, and a button that copies a key. Everything else works without JavaScript.
(() => {
  "use strict";
  const control = document.querySelector("[data-live-control]");
  if (control && "EventSource" in window) {
    const toggle = control.querySelector("[data-live-toggle]");
    const status = control.querySelector("[data-live-status]");
    const format = new Intl.NumberFormat("en");
    let source = null;
    const say = (text, paused) => {
      if (status.textContent !== text) status.textContent = text;
      control.classList.toggle("paused", paused);
      toggle.textContent = paused ? "Resume" : "Pause";
    };
    const stop = (text) => {
      if (source) source.close();
      source = null;
      say(text, true);
    };
    const start = () => {
      source = new EventSource("/live");
      source.addEventListener("numbers", (event) => {
        say("Live", false);
        for (const [name, value] of Object.entries(JSON.parse(event.data))) {
          for (const element of document.querySelectorAll(`[data-live="${name}"]`)) {
            const text = format.format(value);
            if (element.textContent !== text) element.textContent = text;
          }
        }
      });
      source.addEventListener("end", () => stop("Disconnected"));
      source.addEventListener("error", () => {
        if (source && source.readyState === EventSource.CLOSED) stop("Disconnected");
        else if (source) say("Reconnecting", false);
      });
      say("Live", false);
    };
    toggle.addEventListener("click", () => {
      const paused = !source;
      if (paused) start();
      else stop("Paused");
      try { sessionStorage.setItem("live", paused ? "on" : "off"); } catch { /* without storage it starts live */ }
    });
    addEventListener("pagehide", () => source && source.close());
    control.hidden = false;
    let wanted = "on";
    try { wanted = sessionStorage.getItem("live") || "on"; } catch { /* as above */ }
    if (wanted === "off") stop("Paused");
    else start();
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy);
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        document.querySelector("[data-copied]").textContent = "Copied.";
      } catch {
        field.select();
      }
    });
  }
})();
