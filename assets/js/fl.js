/* Fairlead: remembers through whom a visitor came, on the merchant's own site and only if allowed.
   <script async src="https://EDGE/fl.js?program=ID" data-key="fl_pk_…"></script>
   Its attributes and calls are in docs/snippet.md. Lines of comment are taken out when it is served,
   and the empty braces at its end become what the program says: {params, consent, days}. */
((program) => {
  "use strict";
  if (window.fairlead && window.fairlead.touches) return; // Loaded twice.
  const script = document.currentScript || document.querySelector('script[src*="/fl.js"]');
  const source = new URL(script ? script.src : location.href, location.href);
  const options = {
    program: source.searchParams.get("program"),
    ...program,
    ...(script && script.dataset),
  };
  const NAME = "fl_click";
  const LIST = "fl_touches";
  const TOUCHES_MAX = 5;
  const LIFE_MS = (Number(options.days) || 30) * 864e5;
  const OURS = /^(fl_click|via|sub([1-9]|10))$/;
  const CODE = /^[\w.~-]{1,40}$/;
  // A program without cookies and a visitor who objects are not overruled by any attribute or call.
  const mode =
    program.consent === "never" || navigator.globalPrivacyControl ? "never" : options.consent;

  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  const wordsOf = (text) => (text || "").toLowerCase().split(/[\s,]+/).filter(Boolean);
  const domains = wordsOf(options.domains);

  // A click id says when it was made: its first 48 bits are the time.
  const isClick = (text) => /^[\w-]{38}$/.test(text || "");
  const timeOf = (click) => {
    const text = atob(click.slice(0, 8).replace(/-/g, "+").replace(/_/g, "/"));
    return [...text].reduce((sum, sign) => sum * 256 + sign.charCodeAt(0), 0);
  };
  const secondsLeft = (click) =>
    Math.min(LIFE_MS, timeOf(click) + LIFE_MS - Date.now()) / 1000;
  const isFresh = (click) => isClick(click) && secondsLeft(click) > 0;

  let touches = []; // Click ids, the newest first.
  let person = {}; // Who the page says the visitor is; never stored.
  let mayStore = mode === "granted";
  let arrived = null; // The click that this page's address led to.
  let codeName = "via"; // The parameter that it was reported by.
  let gone; // What fields are filled with for want of a click: nothing, or "" once withdrawn.

  // Storage: a cookie for servers, and a copy where cookies are lost. Either may be forbidden.
  const writeCookie = (name, value, seconds) =>
    attempt(() => {
      const domain = options.domain ? `; Domain=${options.domain}` : "";
      const secure = location.protocol === "https:" ? "; Secure" : "";
      const life = `Max-Age=${Math.round(seconds)}; Path=/; SameSite=Lax`;
      document.cookie = `${name}=${value}; ${life}${domain}${secure}`;
    });
  const readCookie = (name) =>
    attempt(() => {
      const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
      return found.slice(name.length + 1);
    });
  const readCopy = () => attempt(() => localStorage.getItem(NAME));
  const stored = () => {
    const texts = [readCookie(NAME), readCookie(LIST), readCopy()];
    return [...new Set(texts.join(".").split("."))].filter(isFresh).slice(0, TOUCHES_MAX);
  };
  const keep = () => {
    const [newest] = touches;
    if (!mayStore || !isFresh(newest)) return;
    const text = touches.filter(isFresh).join(".");
    writeCookie(NAME, newest, secondsLeft(newest));
    writeCookie(LIST, text, secondsLeft(newest));
    attempt(() => localStorage.setItem(NAME, text));
  };
  const forget = () => {
    writeCookie(NAME, "", 0);
    writeCookie(LIST, "", 0);
    attempt(() => localStorage.removeItem(NAME));
  };
  // What is stored leaves the address; what is not has no other memory than the address.
  const settleAddress = () => {
    if (!arrived) return;
    const url = new URL(location.href);
    const query = url.searchParams;
    if (stored().includes(arrived)) {
      [...query.keys()].filter((name) => OURS.test(name) || name === codeName)
        .forEach((name) => query.delete(name));
      if (url.hash.includes(`${codeName}=`)) url.hash = "";
    } else if (query.get(NAME) !== arrived) query.set(NAME, arrived);
    else return;
    attempt(() => history.replaceState(history.state, "", url));
  };

  // Forms and links carry the click if they ask for it or lead to one of the domains.
  const leadsAbroad = (address) => {
    const { host, hostname } = new URL(address || "", document.baseURI);
    if (host === location.host && stored().includes(touches[0])) return false;
    return domains.some((one) => one === host || `.${hostname}`.endsWith(`.${one}`));
  };
  const wants = (element, address) =>
    attempt(() => element.hasAttribute("data-fairlead") || leadsAbroad(address));
  const wantsForm = (form) => wants(form, form.getAttribute("action"));
  const facts = () =>
    [
      [NAME, touches[0] || gone],
      ["fl_customer", person.customer || gone],
    ].filter(([, value]) => value !== undefined);
  const fill = (form) =>
    facts().forEach(([name, value]) => {
      let field = form.querySelector(`input[name=${name}]`);
      if (!field && value) {
        field = document.createElement("input");
        field.type = "hidden";
        field.name = name;
        form.append(field);
      }
      if (field) field.value = value;
    });
  const fillAll = () => [...document.forms].filter(wantsForm).forEach(fill);
  const decorate = (address) => {
    const url = new URL(address, document.baseURI);
    if (touches[0] && /^http/.test(url.protocol)) url.searchParams.set(NAME, touches[0]);
    return url.href;
  };
  const decorateUsed = (event) =>
    attempt(() => {
      const link = event.composedPath().find((node) => node.localName === "a");
      if (touches[0] && wants(link, link.href)) link.href = decorate(link.href);
    });
  new MutationObserver(fillAll).observe(document, {
    attributeFilter: ["data-fairlead", "action"],
    childList: true,
    subtree: true,
  });
  addEventListener("pointerdown", decorateUsed, true);
  addEventListener("click", decorateUsed, true);
  addEventListener("formdata", ({ target, formData }) => {
    if (wantsForm(target)) facts().forEach(([name, value]) => formData.set(name, value));
  });

  const apply = () => {
    keep();
    settleAddress();
    fillAll();
  };
  const learn = (click) => {
    arrived = click;
    // One that is known came by a reload, one that is too old by a bookmark: neither is newer.
    if (!touches.includes(click)) touches[isFresh(click) ? "unshift" : "push"](click);
    touches.length = Math.min(touches.length, TOUCHES_MAX);
    apply();
  };

  // A visit by a referral code alone is reported, and so becomes a click like any other.
  const query = new URLSearchParams(`${location.search}&${location.hash.slice(1)}`);
  const report = async (code) => {
    const subs = [...query].filter(([name]) => /^sub/.test(name) && OURS.test(name));
    const answer = await fetch(`${source.origin}/t`, {
      method: "POST",
      headers: { "Authorization": `Bearer ${options.key}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        program: options.program,
        code,
        url: location.origin + location.pathname,
        referrer: document.referrer,
        subs: Object.fromEntries(subs),
      }),
      credentials: "omit",
      keepalive: true,
      signal: AbortSignal.timeout(9e3),
    });
    return (await answer.json()).click_id;
  };
  const reportCodes = async () => {
    if (!options.key || !options.program) return;
    if (document.prerendering)
      await new Promise((done) => document.addEventListener("prerenderingchange", done));
    for (const wanted of ["via", ...wordsOf(options.params)])
      for (const [name, code] of query)
        if (name.toLowerCase() === wanted && CODE.test(code)) {
          const click = await report(code).catch(() => null);
          if (isClick(click)) {
            codeName = name;
            return learn(click);
          }
        }
  };
  const begin = async () => {
    if (mode === "never") forget();
    else touches = stored();
    mayStore ||= touches.length > 0; // What is stored was stored by consent.
    const given = query.get(NAME);
    if (isClick(given)) return learn(given);
    apply();
    return reportCodes();
  };

  // Who else may have asked the visitor: a platform of IAB's TCF, or Google's consent mode.
  const follow = {
    tcf: (call) =>
      call("addEventListener", 2, (said, isGood) => {
        if (isGood && /^(tcloaded|useractioncomplete)$/.test(said.eventStatus))
          fairlead.consent(said.gdprApplies === false || said.purpose.consents[1]);
      }),
    google: (layer) => {
      const read = () => {
        const said = layer.filter((entry) => entry[0] === "consent" && entry[2].ad_storage);
        const updates = said.filter((entry) => entry[1] === "update").slice(-1);
        // Defaults may be for other regions than the visitor's: all of them must agree.
        const last = updates.length ? updates : said;
        if (last.length)
          fairlead.consent(last.every((entry) => entry[2].ad_storage === "granted"));
      };
      const { push } = layer;
      layer.push = (...entries) => {
        const length = push.apply(layer, entries);
        attempt(read);
        return length;
      };
      read();
    },
  };
  const findPlatform = (tries) => {
    const platform = { tcf: window.__tcfapi, google: window.dataLayer }[mode];
    if (platform) attempt(() => follow[mode](platform));
    else if (mode in follow && tries) setTimeout(findPlatform, 500, tries - 1);
  };

  const send = (goal, said) => {
    const all = { program: options.program, goal, click_id: touches[0], ...person, ...said };
    const known = Object.entries(all).filter(([, value]) => value != null);
    const url = `${source.origin}/px.gif?${new URLSearchParams(known)}`;
    const byImage = () => {
      new Image().src = url;
    };
    return fetch(url, { mode: "no-cors", credentials: "omit", keepalive: true }).catch(byImage);
  };
  const calls = {
    click: () => touches[0] || null,
    touches: () =>
      touches.map((id) => ({ click_id: id, at: new Date(timeOf(id)).toISOString() })),
    consent: (given) => {
      if (given && mode !== "never") mayStore = true;
      else if (mayStore) {
        forget();
        [touches, person, mayStore, arrived, gone] = [[], {}, false, null, ""];
      }
      apply();
    },
    identify: (customer, said) => {
      person = { ...said, customer: String(customer) };
      fillAll();
    },
    track: (goal, said) => ready.then(() => send(goal, said)),
    decorate,
    push: (...queued) => queued.forEach(([name, ...values]) => fairlead[name](...values)),
  };
  const fairlead = {};
  for (const name in calls) fairlead[name] = (...values) => attempt(() => calls[name](...values));
  const earlier = window.fairlead;
  const ready = Promise.resolve().then(begin).catch(() => null).then(calls.click);
  fairlead.ready = ready;
  window.fairlead = fairlead;
  // Before anything begins: a refusal that waits here must find nothing done yet.
  if (Array.isArray(earlier)) earlier.forEach((call) => fairlead.push(call));
  findPlatform(60);
})({});
