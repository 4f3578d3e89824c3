/* The shop's one script: the privacy banner, whose answer is told to the affiliate snippet, and the
   form for the letter, which is on no page before somebody wants it. */
(() => {
  "use strict";
  const NAME = "acme-remember"; // Only the answer itself is kept, so as not to ask again.
  const find = (name) => document.querySelector(`[data-${name}]`);
  const banner = document.querySelector(".consent");
  const objects = Boolean(navigator.globalPrivacyControl); // Who objects to all is not asked.
  const tell = (given) => {
    (window.fairlead = window.fairlead || []).push(["consent", given]);
  };
  const show = () => {
    find("consent-question").hidden = objects;
    find("consent-objection").hidden = !objects;
    find("consent-yes").hidden = objects;
    find("consent-no").textContent = objects ? "Close" : "No";
    banner.hidden = false;
  };
  const answer = (given) => {
    banner.hidden = true;
    if (objects) return;
    try {
      localStorage.setItem(NAME, given ? "yes" : "no");
    } catch {
      // Storage is forbidden: the banner will ask again.
    }
    tell(given);
  };
  const known = () => {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null;
    }
  };
  find("consent-yes").addEventListener("click", () => answer(true));
  find("consent-no").addEventListener("click", () => answer(false));
  find("consent-open").hidden = false;
  find("consent-open").addEventListener("click", () => {
    show();
    find("consent-no").focus();
  });
  const earlier = known();
  if (earlier !== null) tell(earlier === "yes");
  else if (!objects) show();

  find("letter").addEventListener("click", (event) => {
    event.preventDefault();
    const form = find("letter-form").content.cloneNode(true);
    find("letter").closest("p").after(form);
    find("letter").hidden = true;
    document.querySelector("footer input[name=email]").focus();
  });
})();
