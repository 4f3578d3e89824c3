/* Fairlead: remembers through whom a visitor came, on the merchant's own site and only if allowed.
   <script async src="https://EDGE/fl.js" data-consent="required"></script>
   data-consent  required: store after fairlead.consent(true); granted: store at once; never
   data-days     how long to remember, default 30;  data-domain  ".shop.example" for all subdomains
   data-key, data-program  a publishable key and the program: reports visits by ?via= alone
   Before it has loaded: (window.fairlead = window.fairlead || []).push(["consent", true]) */
(() => {
  "use strict";
  const script = document.currentScript;
  const options = script ? script.dataset : {};
  const NAME = "fl_click";
  const SECONDS = (Number(options.days) || 30) * 86400;
  const OURS = /^(fl_click|via|sub([1-9]|10))$/;
  const isClick = (text) => /^[\w-]{38}$/.test(text || "");
  const address = new URL(location.href);
  const given = Object.fromEntries([...address.searchParams].filter(([name]) => OURS.test(name)));

  // Storage: a cookie for servers, and a copy where cookies are lost. Either may be forbidden.
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  const writeCookie = (value, seconds) =>
    attempt(() => {
      const domain = options.domain ? `; Domain=${options.domain}` : "";
      const secure = location.protocol === "https:" ? "; Secure" : "";
      document.cookie = `${NAME}=${value}; Max-Age=${seconds}; Path=/; SameSite=Lax${domain}${secure}`;
    });
  const readCookie = () =>
    attempt(() => document.cookie.match(/(?:^|; )fl_click=([\w-]{38})(?:;|$)/)?.[1]);
  const readCopy = () =>
    attempt(() => {
      const { click, until } = JSON.parse(localStorage.getItem(NAME)) || {};
      return until > Date.now() ? click : null;
    });
  const stored = () => [readCookie(), readCopy()].find(isClick) || null;

  // What is stored was stored by consent; nothing else is.
  let allowed = (options.consent === "granted" && !navigator.globalPrivacyControl) || !!stored();
  let click = isClick(given[NAME]) ? given[NAME] : stored();

  const keep = () => {
    if (!click || !allowed || options.consent === "never") return;
    writeCookie(click, SECONDS);
    attempt(() => {
      localStorage.setItem(NAME, JSON.stringify({ click, until: Date.now() + SECONDS * 1000 }));
    });
    if (stored() === click) tidyAddress();
  };
  // Until it is stored, the address is the one memory that needs nobody's consent.
  const tidyAddress = () => {
    const url = new URL(location.href);
    const names = [...url.searchParams.keys()].filter((name) => OURS.test(name));
    if (!names.length) return;
    names.forEach((name) => url.searchParams.delete(name));
    attempt(() => history.replaceState(history.state, "", url));
  };
  const forget = () => {
    writeCookie("", 0);
    attempt(() => localStorage.removeItem(NAME));
  };

  // Forms that ask for it by data-fairlead carry the click in a hidden field.
  const fill = (form) => {
    let field = form.querySelector(`input[name=${NAME}]`);
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = NAME;
      form.append(field);
    }
    field.value = click;
  };
  const fillAll = () => click && document.querySelectorAll("form[data-fairlead]").forEach(fill);
  new MutationObserver(fillAll).observe(document, {
    attributeFilter: ["data-fairlead"],
    childList: true,
    subtree: true,
  });

  const learn = (value) => {
    if (isClick(value)) click = value;
    keep();
    fillAll();
    return click;
  };
  const report = async () => {
    const { via, fl_click: _, ...subs } = given;
    const answer = await fetch(`${new URL(script.src).origin}/t`, {
      method: "POST",
      headers: { "Authorization": `Bearer ${options.key}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        program: options.program,
        code: via,
        url: location.origin + location.pathname,
        referrer: document.referrer,
        subs,
      }),
      credentials: "omit",
      keepalive: true,
    });
    return (await answer.json()).click_id;
  };

  const isReportable = given.via && !given[NAME] && options.key && options.program;
  const ready = isReportable ? report().then(learn, () => learn()) : Promise.resolve(learn());
  const earlier = Array.isArray(window.fairlead) ? window.fairlead : [];
  const fairlead = {
    ready,
    click: () => click,
    consent: (given) => {
      allowed = !!given;
      if (allowed) keep();
      else forget();
    },
    push: (...calls) => calls.forEach(([name, ...values]) => fairlead[name](...values)),
  };
  window.fairlead = fairlead;
  fairlead.push(...earlier);
})();
