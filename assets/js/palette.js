// The command palette: Ctrl or ⌘ and K opens it, arrows choose, Enter goes there. What is found comes
// from the server by htmx; without this script the search boxes of the lists remain.
(() => {
  const dialog = document.getElementById("palette");
  const input = document.getElementById("palette-text");
  const list = document.getElementById("palette-options");
  if (!dialog) return;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function step(by) {
    const all = options();
    const at = all.indexOf(chosen());
    if (all.length) choose(all[(at + by + all.length) % all.length]);
  }

  function open() {
    if (dialog.open) return dialog.close();
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.select();
    input.dispatchEvent(new Event("palette-open"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  for (const button of document.querySelectorAll("[data-palette-open]")) button.addEventListener("click", open);

  const KEYS = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => choose(options()[0]),
    End: () => choose(options().at(-1)),
    Enter: () => chosen()?.click(),
  };

  input.addEventListener("keydown", (event) => {
    const typing = (event.key === "Home" || event.key === "End") && input.value !== "";
    if (typing || !KEYS[event.key]) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  list.addEventListener("htmx:afterSwap", () => {
    choose(options()[0]);
    const said = list.querySelector("[data-palette-said]")?.dataset.paletteSaid ?? "";
    document.getElementById("palette-count").textContent = said;
  });
})();
