"use strict";
(() => {
  const box = document.getElementById("search");
  const events = Array.from(document.querySelectorAll("details.event"));
  const none = document.getElementById("none");
  const count = document.getElementById("count");
  const texts = events.map((event) => (event.dataset.search || "").toLowerCase());
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    events.forEach((event, at) => {
      event.hidden = !words.every((word) => texts[at].includes(word));
      shown += event.hidden ? 0 : 1;
    });
    none.hidden = shown > 0;
    count.textContent = shown === events.length ? `${shown} events` : `${shown} of ${events.length} events`;
  };
  const open = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const event = id && document.getElementById(id);
    if (event && event.classList.contains("event")) {
      event.hidden = false;
      event.open = true;
      event.scrollIntoView();
    }
  };
  box.addEventListener("input", filter);
  window.addEventListener("hashchange", open);
  document.querySelector(".bar").hidden = false;
  filter();
  open();
})();
