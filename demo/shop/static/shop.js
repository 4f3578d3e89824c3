/* The shop's one script: the privacy banner. What it decides is told to the affiliate snippet. */
(() => {
  "use strict";
  const NAME = "acme-remember"; // Only the answer itself is kept, so as not to ask again.
  const banner = document.querySelector(".consent");
  const tell = (given) => {
    (window.fairlead = window.fairlead || []).push(["consent", given]);
  };
  const answer = (given) => {
    try {
      localStorage.setItem(NAME, given ? "yes" : "no");
    } catch {
      // Storage is forbidden: the banner will ask again.
    }
    banner.hidden = true;
    tell(given);
  };
  const known = () => {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null;
    }
  };
  document.querySelector("[data-consent-yes]").addEventListener("click", () => answer(true));
  document.querySelector("[data-consent-no]").addEventListener("click", () => answer(false));
  document.querySelector("[data-consent-open]").addEventListener("click", () => {
    banner.hidden = false;
    banner.querySelector("button").focus();
  });
  const earlier = known();
  if (earlier === null) banner.hidden = false;
  else tell(earlier === "yes");
})();
