// Sets the theme before the first paint; without a choice the system's own holds.
// Loaded without defer: it must be done before the page shows.
(() => {
  const KEY = "fairlead-theme";
  const root = document.documentElement;

  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // Storage may be forbidden; the system's theme is a good answer.
    }
  }

  function apply(choice) {
    if (choice === "light" || choice === "dark") root.dataset.theme = `fairlead-${choice}`;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice ?? "system")));
    }
    document.dispatchEvent(new Event("fairlead:theme"));
  }

  function choose(choice) {
    try {
      if (choice === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {
      // The choice then holds for this page only.
    }
    apply(choice === "system" ? null : choice);
  }

  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  window.addEventListener("storage", (event) => event.key === KEY && apply(event.newValue));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (button) choose(button.dataset.themeChoice);
  });
})();
