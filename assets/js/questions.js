// Forms that merchants build: a question that is asked because of another one is hidden until then.
// The server decides the same; without this script all of them are shown, and heard if they count.
(() => {
  function answersOf(form, code) {
    const found = [];
    for (const control of form.querySelectorAll(`[name="${CSS.escape(code)}"]`)) {
      if (control.closest(".ui-field")?.hidden) continue;
      const ticks = control.type === "checkbox" || control.type === "radio";
      if (ticks && !control.hasAttribute("value")) found.push(control.checked ? "yes" : "no");
      else if (!ticks || control.checked) found.push(control.value);
    }
    return found;
  }

  // In the order of the page, so that what hangs on a hidden question is hidden as well.
  function show(form) {
    for (const control of form.querySelectorAll("[data-shown-if]")) {
      const wanted = control.dataset.shownValues.split("\n");
      const given = answersOf(form, control.dataset.shownIf);
      control.closest(".ui-field").hidden = !given.some((answer) => wanted.includes(answer));
    }
  }

  // The page of a program counts who began its form, once for each visit of the page.
  for (const form of document.querySelectorAll("form[data-started]")) {
    const tell = () => navigator.sendBeacon(form.dataset.started);
    form.addEventListener("input", tell, { once: true });
  }

  for (const form of document.querySelectorAll("form")) {
    if (!form.querySelector("[data-shown-if]")) continue;
    form.addEventListener("change", () => show(form));
    show(form);
  }
})();
