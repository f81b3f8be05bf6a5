"use strict";
(() => {
  const items = [...document.querySelectorAll(".item")];
  const texts = items.map((item) => item.textContent.toLowerCase().replace(/\s+/g, " "));
  const parts = [...document.querySelectorAll(".part")];
  const search = document.getElementById("search");
  const found = document.getElementById("found");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, index) => {
      item.hidden = !words.every((word) => texts[index].includes(word));
      shown += item.hidden ? 0 : 1;
    });
    for (const part of parts) {
      part.hidden = words.length > 0 && !part.querySelector(".item:not([hidden])");
    }
    found.value = words.length ? `${shown} of ${items.length}` : "";
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, items.length > 2000 ? 200 : 0);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      filter();
    }
  });

  const foldAll = (open) => document.querySelectorAll("details").forEach((one) => { one.open = open; });
  document.getElementById("unfold").addEventListener("click", () => foldAll(true));
  document.getElementById("fold").addEventListener("click", () => foldAll(false));

  const root = document.documentElement;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  // What is folded on the screen is not on paper.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((one) => { one.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));
})();
