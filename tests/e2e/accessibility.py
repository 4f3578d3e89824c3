"""What is wrong with a page for somebody who does not see it, or sees it on a phone."""

from playwright.sync_api import Page

from stack.options import ROOT

# The asset tools bring it (assets/package.json).
AXE = ROOT / "assets/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
  return found.violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}"""
# What anybody must be able to tell of a page who does not see it, and what must not happen to
# those who do. Returns what is wrong, in words.
LOOK = """() => {
  const wrong = [];
  const shown = (one) => one.checkVisibility({visibilityProperty: true});
  const say = (what, one) => wrong.push(`${what}: ${one.outerHTML.slice(0, 120)}`);
  const text = (id) => document.getElementById(id)?.textContent.trim();
  const labelled = (one) => (one.getAttribute("aria-labelledby") ?? "").split(/\\s+/).some(text);
  const named = (one) => one.getAttribute("aria-label")?.trim() || labelled(one)
    || one.textContent.trim() || one.title || one.querySelector("img[alt]:not([alt=''])");
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (shown(one) && !one.labels?.length && !one.getAttribute("aria-label") && !labelled(one))
      say("no label", one);
  for (const one of document.querySelectorAll("a[href], button, summary, [role=button]"))
    if (shown(one) && !named(one)) say("no name", one);
  for (const one of document.querySelectorAll("img:not([alt])")) say("no alt", one);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index)))
    wrong.push(`two of one id: ${id}`);
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"])
    for (const one of document.querySelectorAll(`[${name}]`))
      for (const id of one.getAttribute(name).split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) say(`${name} leads nowhere`, one);
  const headings = [...document.querySelectorAll("h1, h2, h3, h4")].filter(shown);
  if (headings.filter((one) => one.tagName === "H1").length !== 1) wrong.push("not one h1");
  let before = 1;
  for (const one of headings) {
    const level = Number(one.tagName[1]);
    if (level > before + 1) say("a heading's level is left out", one);
    before = level;
  }
  for (const table of document.querySelectorAll("table"))
    if (shown(table) && !table.querySelector("th")) say("no header cells", table);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`${root.scrollWidth} px wide`);
  if (!document.title.trim() || !root.lang) wrong.push("no title or language");
  return wrong;
}"""


def wrong_with(page: Page) -> list[str]:
    """Return what is wrong with the page that is open, in words."""
    found: list[str] = page.evaluate(LOOK)
    # Evaluated from outside: the pages' own policy runs no script that it does not know.
    page.evaluate(AXE.read_text())
    found += page.evaluate(RUN_AXE, RULES)
    return found
