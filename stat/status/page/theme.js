// deno-lint-ignore-file no-undef -- runs in a browser
/** Before the first paint: a page that changes its colours flickers. */
(() => {
  const NAMES = ["auto", "light", "dark"];
  const KEY = "oresty-theme";

  function read() {
    try {
      const kept = localStorage.getItem(KEY);
      return NAMES.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // storage is off
    }
  }

  function show(theme) {
    document.documentElement.dataset.theme = theme;
    const button = document.querySelector("#theme");
    if (button) button.textContent = `Theme: ${theme}`;
    dispatchEvent(new Event("theme"));
  }

  let theme = read();
  show(theme);
  addEventListener("DOMContentLoaded", () => {
    show(theme);
    document.querySelector("#theme").addEventListener("click", () => {
      theme = NAMES[(NAMES.indexOf(theme) + 1) % NAMES.length];
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // It holds until the page is left.
      }
      show(theme);
    });
    matchMedia("(prefers-color-scheme: dark)")
      .addEventListener("change", () => show(theme));
  });
})();
