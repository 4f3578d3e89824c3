// What every page can do: menus, dialogs, copying, toasts, times, tables by keyboard, busy buttons.
// Everything is delegated from the document, so parts that htmx swaps in work without being told.
(() => {
  const say = (name) => document.getElementById("texts")?.dataset[name] ?? "";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const icon = (name) => {
    const href = document.querySelector(".ui-icon use")?.getAttribute("href")?.split("#")[0] ?? "";
    return `<svg class="ui-icon ui-icon-sm" aria-hidden="true"><use href="${href}#${name}"></use></svg>`;
  };

  // Toasts -------------------------------------------------------------------------------------

  const TONES = { success: "good", error: "bad", warning: "wait" };
  const TOAST_MS = 6000;

  function announce(text) {
    const region = document.getElementById("announce");
    region.textContent = "";
    requestAnimationFrame(() => (region.textContent = text));
  }

  function toast(text, level = "info") {
    const box = document.createElement("div");
    box.className = `ui-toast ui-tone-${TONES[level] ?? "info"}`;
    box.dataset.toast = level;
    box.innerHTML = `<p></p><button type="button" class="ui-toast-close" data-toast-close>${icon("x")}</button>`;
    box.querySelector("p").textContent = text;
    box.querySelector("button").setAttribute("aria-label", say("dismiss"));
    document.getElementById("toasts").append(box);
    expire(box);
  }

  function expire(box) {
    box.dataset.seen = "";
    if (box.dataset.toast === "error") return; // An error stays until it is read.
    let timer = setTimeout(() => box.remove(), TOAST_MS);
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => (timer = setTimeout(() => box.remove(), TOAST_MS / 2)));
  }

  // Copying ------------------------------------------------------------------------------------

  async function copy(button) {
    const source = document.querySelector(button.dataset.copy);
    const text = source.value ?? source.textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      if (!copyBySelection(source)) return toast(say("copyFailed"), "error");
    }
    announce(say("copied"));
    if (button.dataset.was) return;
    button.dataset.was = button.innerHTML;
    button.innerHTML = `${icon("check")}<span>${say("copied")}</span>`;
    button.classList.add("ui-copied");
    setTimeout(() => {
      button.innerHTML = button.dataset.was;
      delete button.dataset.was;
      button.classList.remove("ui-copied");
    }, 2000);
  }

  // Where the page is not served securely there is no clipboard API.
  function copyBySelection(source) {
    if (source.select) source.select();
    else getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }

  // Dialogs and menus --------------------------------------------------------------------------

  function openDialog(id) {
    closeMenus();
    document.getElementById(id)?.showModal();
  }

  function closeMenus(except) {
    for (const menu of all("details[data-menu][open]")) if (menu !== except) menu.open = false;
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    const button = target.closest("button, a, summary");
    closeMenus(target.closest("details[data-menu]"));
    if (target.matches("dialog")) target.close(); // The backdrop is the dialog itself.
    if (!button) return openRow(target);
    if (button.dataset.dialogOpen) openDialog(button.dataset.dialogOpen);
    if ("dialogClose" in button.dataset) button.closest("dialog").close();
    if ("toastClose" in button.dataset) button.closest("[data-toast]").remove();
    if (button.dataset.copy) copy(button);
    if ("bulkEvery" in button.dataset) selectEvery(button);
  });

  // Times --------------------------------------------------------------------------------------

  const language = document.documentElement.lang || undefined;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const UNITS = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const RELATIVE_DAYS = 30; // What is further away is a date.

  function words(at) {
    const seconds = (at - Date.now()) / 1000;
    if (Math.abs(seconds) > RELATIVE_DAYS * 86_400) return day.format(at);
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 60];
    return relative.format(unit === "second" ? 0 : Math.trunc(seconds / length), unit);
  }

  function tellTimes(root = document) {
    for (const time of all("time[data-relative]", root)) {
      const at = new Date(time.dateTime);
      time.textContent = words(at);
      time.title = exact.format(at);
    }
  }

  // Tables by keyboard: j k move, x selects, Enter opens; / searches; ? helps -------------------

  const rows = () => all("table[data-rows] tbody tr:not(.ui-table-empty)");
  const here = () => document.querySelector("tr.ui-at");

  function move(step) {
    const list = rows();
    const at = list.indexOf(here());
    const next = list[at === -1 ? (step > 0 ? 0 : list.length - 1) : at + step];
    if (!next) return;
    here()?.classList.remove("ui-at");
    next.classList.add("ui-at");
    next.scrollIntoView({ block: "nearest" });
    announce(next.cells[0].textContent.trim() || next.cells[1]?.textContent.trim());
  }

  function openRow(target) {
    const row = target.closest("tr[data-href]");
    if (!row || target.closest("input, label, select, form, [contenteditable]")) return;
    if (getSelection().toString() === "") location.assign(row.dataset.href);
  }

  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    x: () => here()?.querySelector("input[name=selected]")?.click(),
    Enter: () => here()?.dataset.href && location.assign(here().dataset.href),
    "/": () => document.querySelector("[data-search]")?.focus(),
    "?": () => openDialog("shortcuts"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-pick-search]")) event.preventDefault();
    if (event.key === "Escape") {
      const menu = document.activeElement?.closest("details[data-menu][open]");
      closeMenus();
      menu?.querySelector("summary").focus();
    }
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (typing || modified || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && event.target !== document.body && event.target.closest("a, button, summary")) return;
    const action = KEYS[event.key];
    if (!action || (event.key === "Enter" && !here())) return;
    event.preventDefault();
    action();
  });

  // Bulk selection, filters --------------------------------------------------------------------

  function countSelected(form, every = false) {
    const boxes = all(`input[name=selected][form="${form.id}"]`);
    const count = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-bulk-all]").value = every ? "1" : "";
    const total = form.querySelector("[data-bulk-every]")?.dataset.total;
    form.querySelector("[data-bulk-count]").textContent = every ? total : count;
    form.hidden = count === 0;
    const head = document.querySelector(`input[data-select-page="${form.id}"]`);
    if (!head) return;
    head.checked = count > 0 && count === boxes.length;
    head.indeterminate = count > 0 && count < boxes.length;
  }

  function selectEvery(button) {
    countSelected(button.closest("form"), true);
  }

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset.selectPage) {
      for (const other of all(`input[name=selected][form="${box.dataset.selectPage}"]`)) other.checked = box.checked;
      countSelected(document.getElementById(box.dataset.selectPage));
    } else if (box.name === "selected" && box.form?.matches("[data-bulk]")) countSelected(box.form);
    // Not for the search field: its change comes as one clicks elsewhere, and the swap would eat the click.
    if (box.type !== "search" && box.form?.matches(".ui-filters")) box.form.dispatchEvent(new Event("filter"));
  });

  // Long lists to tick: a search that hides what does not match -----------------------------------

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-pick-search]")) return;
    const wanted = event.target.value.trim().toLocaleLowerCase();
    for (const label of all("label", event.target.closest("[data-pick]"))) {
      label.hidden = !label.textContent.toLocaleLowerCase().includes(wanted);
    }
  });

  // Forms: a second click must not send twice, and the button says that it works -----------------

  const BUSY_MS = 15_000; // An answer that is a file leaves the page as it is.

  function ready(root) {
    for (const button of all("[data-busy]", root)) {
      button.disabled = false;
      button.removeAttribute("data-busy");
      button.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.method === "dialog") return;
    // After the browser has taken the form's data, or the button's own value would be missing.
    setTimeout(() => {
      if (event.defaultPrevented) return; // htmx sends it; its own marks apply.
      for (const button of all("button:not([type=button], :disabled)", form)) {
        button.disabled = true;
        button.dataset.busy = "";
      }
      submitter?.setAttribute("aria-busy", "true");
      setTimeout(() => ready(form), BUSY_MS);
    });
  });

  // A page that comes back from the browser's cache is ready to use again.
  window.addEventListener("pageshow", (event) => event.persisted && ready(document));

  // htmx ---------------------------------------------------------------------------------------

  document.addEventListener("htmx:responseError", (event) => {
    toast(say(event.detail.xhr.status === 403 ? "denied" : "failed"), "error");
  });
  document.addEventListener("htmx:sendError", () => toast(say("offline"), "error"));
  // A view may answer with the header HX-Trigger: {"toast": {"level": "success", "text": "…"}}.
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));

  function start(root) {
    tellTimes(root.parentElement ?? document);
    for (const box of all("[data-toast]:not([data-seen])")) expire(box);
    root.querySelector("[data-focus]")?.focus();
    for (const search of all("[data-pick-search]", root)) search.hidden = false;
    root.querySelector("dialog[data-dialog-reopen]:not([open])")?.showModal();
    for (const form of all("form[data-bulk]")) countSelected(form);
    reach();
  }

  // What scrolls sideways is reached by Tab, and scrolled by the arrows.
  function reach() {
    for (const box of all(".ui-table-scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  }
  window.addEventListener("resize", reach);

  // On a narrow screen the tabs scroll; the one in use is in sight.
  for (const tab of all(".ui-tabs [aria-current], .ui-tabs-pages [aria-current]")) {
    tab.scrollIntoView({ block: "nearest", inline: "center" });
  }

  start(document.body);
  setInterval(() => tellTimes(), 30_000);
})();
