"""The shop's pages: plain functions from facts to HTML. Everything from outside is escaped."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import urlencode

from demo.shop.basket import QUANTITY_MAX, TAX_PERCENT, Line, Totals
from demo.shop.catalogue import PRODUCTS, Product
from demo.shop.orders import Order
from demo.shop.settings import Settings

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
CATEGORIES = tuple(dict.fromkeys(product.category for product in PRODUCTS))


@dataclass(frozen=True, slots=True)
class View:
    """What every page needs: settings, the basket, a click id, and which host was asked.

    A visitor who has not agreed to anything keeps the click id in the address alone, and one whose
    browser takes no cookies the basket, too: links within the shop pass them on.
    """

    settings: Settings
    basket_count: int = 0
    basket: str = ""
    is_basket_kept: bool = True
    click_id: str = ""
    host: str = ""
    cashier_host: str = ""  # The other name of this shop, with cookies of its own.

    def address(
        self, path: str, query: Mapping[str, str] | None = None, *, with_basket: bool = False
    ) -> str:
        """Return an address within the shop, with all that it has to carry."""
        path, _hash, fragment = path.partition("#")
        carried = dict(query or {})
        if self.basket and (with_basket or not self.is_basket_kept):
            carried["basket"] = self.basket
        if self.click_id:
            carried["fl_click"] = self.click_id
        text = f"?{urlencode(carried, safe=':')}" if carried else ""
        return f"{path}{text}{'#' if fragment else ''}{fragment}"

    def link(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Return an address within the shop, ready for an attribute."""
        return escape(self.address(path, query))

    @property
    def cashier_link(self) -> str:
        """Return where the cashier is, on the other host, ready for an attribute."""
        return escape(f"http://{self.cashier_host}{self.address('/checkout', with_basket=True)}")

    def money(self, amount_minor: int) -> str:
        """Return an amount as text."""
        symbol = SYMBOLS.get(self.settings.currency, f"{self.settings.currency} ")
        sign = "−" if amount_minor < 0 else ""
        return f"{sign}{symbol}{abs(amount_minor) // 100:,}.{abs(amount_minor) % 100:02}"


@dataclass(frozen=True, slots=True)
class CheckoutForm:
    """What was typed, and what is wrong with it."""

    name: str = ""
    email: str = ""
    coupon: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def home(view: View) -> str:
    """Return the front page with everything there is."""
    shelves = "".join(_shelf(view, category) for category in CATEGORIES)
    return _page(
        view,
        "Ropes, lamps and oilskins",
        f"""
        <section class="hero">
          <div>
            <p class="kicker">Chandlers since 1911</p>
            <h1>Things that hold,<br>give light, and keep the rain out.</h1>
            <p class="lead">Ropes, lamps and oilskins for boats that are used. Free shipping from
              {view.money(10_000)}.</p>
            <a class="button" href="{view.link("/#ropes")}">See what we have</a>
          </div>
          <img src="/static/harbour.svg" alt="" width="520" height="380">
        </section>
        {shelves}""",
    )


def _shelf(view: View, category: str) -> str:
    cards = "".join(_card(view, one) for one in PRODUCTS if one.category == category)
    return f"""
        <section class="shelf" id="{category.lower()}">
          <h2>{category}</h2>
          <div class="grid">{cards}</div>
        </section>"""


def _card(view: View, product: Product) -> str:
    return f"""
          <a class="card" href="{view.link(f"/products/{product.slug}")}">
            <span class="picture {product.category.lower()}">
              <img src="/static/products/{product.slug}.svg" alt="" width="200" height="200">
            </span>
            <span class="card-name">{escape(product.name)}</span>
            <span class="card-tagline">{escape(product.tagline)}</span>
            <span class="price">{view.money(product.price_minor)}</span>
          </a>"""


def product_page(view: View, product: Product) -> str:
    """Return the page of one article."""
    details = "".join(f"<li>{escape(detail)}</li>" for detail in product.details)
    return _page(
        view,
        product.name,
        f"""
        <article class="product">
          <span class="picture large {product.category.lower()}">
            <img src="/static/products/{product.slug}.svg" alt="" width="420" height="420">
          </span>
          <div>
            <p class="kicker"><a href="{view.link(f"/#{product.category.lower()}")}"
              >{escape(product.category)}</a></p>
            <h1>{escape(product.name)}</h1>
            <p class="lead">{escape(product.tagline)}</p>
            <p>{escape(product.text)}</p>
            <ul class="details">{details}</ul>
            <p class="price large">{view.money(product.price_minor)}
              <small>incl. {TAX_PERCENT} % tax</small></p>
            <form class="buy" method="post" action="{view.link("/cart")}">
              <input type="hidden" name="slug" value="{product.slug}">
              <label>Quantity {_quantity(1)}</label>
              <button class="button">Add to basket</button>
            </form>
          </div>
        </article>""",
    )


def _quantity(quantity: int) -> str:
    return (
        f'<input type="number" name="quantity" value="{quantity}" min="1" max="{QUANTITY_MAX}"'
        ' inputmode="numeric" required>'
    )


def cart_page(view: View, lines: Sequence[Line], totals: Totals) -> str:
    """Return the basket."""
    if not lines:
        return _page(
            view,
            "Your basket",
            f"""
        <section class="narrow empty">
          <h1>Your basket is empty</h1>
          <p>Nothing to hoist yet.</p>
          <a class="button" href="{view.link("/")}">To the shop</a>
        </section>""",
        )
    rows = "".join(
        f"""
            <li class="line">
              <img class="picture {line.product.category.lower()}" alt="" width="72" height="72"
                src="/static/products/{line.product.slug}.svg">
              <span><a href="{view.link(f"/products/{line.product.slug}")}"
                >{escape(line.product.name)}</a>
                <small>{line.quantity} × {view.money(line.product.price_minor)}</small></span>
              <span class="amount">{view.money(line.amount_minor)}</span>
              <form method="post" action="{view.link("/cart")}">
                <input type="hidden" name="slug" value="{line.product.slug}">
                <input type="hidden" name="quantity" value="0">
                <button class="quiet" aria-label="Remove {escape(line.product.name)}"
                  >Remove</button>
              </form>
            </li>"""
        for line in lines
    )
    return _page(
        view,
        "Your basket",
        f"""
        <section class="narrow">
          <h1>Your basket</h1>
          <ul class="lines">{rows}</ul>
          {_sums(view, totals)}
          <p class="actions"><a class="quiet" href="{view.link("/")}">Keep looking</a>
            <a class="button" href="{view.link("/checkout")}">Check out</a></p>
          {_cashier(view)}
        </section>""",
    )


def _cashier(view: View) -> str:
    if not view.cashier_host:
        return ""
    return f"""<p class="hint">Or <a href="{view.cashier_link}">pay at the cashier’s</a>: another
            site, {escape(view.cashier_host)}.</p>"""


def _sums(view: View, totals: Totals) -> str:
    rows = [("Goods", view.money(totals.goods_minor))]
    if totals.discount_minor:
        rows.append(("Discount", view.money(-totals.discount_minor)))
    shipping = view.money(totals.shipping_minor) if totals.shipping_minor else "free"
    rows.append(("Shipping", shipping))
    items = "".join(f"<dt>{name}</dt><dd>{amount}</dd>" for name, amount in rows)
    return f"""
          <dl class="sums">{items}
            <dt class="total">Total <small>incl. {view.money(totals.tax_minor)} tax</small></dt>
            <dd class="total">{view.money(totals.total_minor)}</dd></dl>"""


def checkout_page(view: View, form: CheckoutForm, totals: Totals, *, discount: int) -> str:
    """Return the checkout. The snippet adds the click id to its form; without scripts we do."""
    applied = f'<p class="good">{discount} % off.</p>' if discount else ""
    return _page(
        view,
        "Check out",
        f"""
        <section class="narrow">
          <h1>Check out</h1>
          <p class="hint">A demonstration: nothing is charged and nothing is sent.</p>
          <form class="checkout" method="post" action="{view.link("/checkout")}" data-fairlead
            novalidate>
            {_click_field(view)}
            {_field("name", "Name", form.name, form, 'autocomplete="name" maxlength="120"')}
            {_field("email", "E-mail", form.email, form, 'type="email" autocomplete="email"')}
            <div class="coupon">
              {_field("coupon", "Coupon (if you have one)", form.coupon, form, 'maxlength="40"')}
              <button class="button secondary" name="action" value="apply">Apply</button>
            </div>
            {applied}
            {_sums(view, totals)}
            <button class="button wide" name="action" value="order">Place the order</button>
          </form>
        </section>""",
    )


def _click_field(view: View) -> str:
    if not view.click_id:
        return ""
    return f'<input type="hidden" name="fl_click" value="{escape(view.click_id)}">'


def _field(name: str, label: str, value: str, form: CheckoutForm, attributes: str) -> str:
    error = form.errors.get(name, "")
    wrong = f' aria-invalid="true" aria-describedby="{name}-error"' if error else ""
    said = f'<span class="error" id="{name}-error">{escape(error)}</span>' if error else ""
    return f"""<label class="field">{label}
              <input name="{name}" value="{escape(value)}" {attributes}{wrong}>{said}</label>"""


def thanks_page(view: View, order: Order) -> str:
    """Return the page after an order, with what was told to the affiliate program."""
    if order.reported:
        state = '<p class="good">Reported.</p>'
    else:
        state = (
            f'<p class="waiting">Not reported yet, attempts so far: {order.attempts}. '
            "The shop goes on trying; nothing is lost.</p>"
        )
    report = escape(json.dumps(order.report, indent=2, ensure_ascii=False))
    answer = escape(_readable(order.answer)) or "…"
    return _page(
        view,
        "Thank you",
        f"""
        <section class="narrow">
          <p class="kicker">Order {escape(order.number)}</p>
          <h1>Thank you, {escape(order.name)}.</h1>
          <p class="lead">We received your order over
            <strong>{view.money(order.total_minor)}</strong> and would now look for the rope.</p>
          <details class="counter" open>
            <summary>Behind the counter: what the shop told its affiliate program</summary>
            {state}
            <p><code>POST /api/v1/conversions</code></p>
            <pre>{report}</pre>
            <p>Answer</p>
            <pre>{answer}</pre>
          </details>
          <p class="actions"><a class="button" href="{view.link("/")}">Back to the shop</a></p>
        </section>""",
    )


def friends_page(view: View) -> str:
    """Return who recommends the shop, by links as an earlier affiliate system made them."""
    friends = "".join(
        f"""
            <li><a href="{view.link("/", {"ref": code})}">{escape(name)}</a>
              <small>/?ref={escape(code)}</small></li>"""
        for code, name in view.settings.friends.items()
    )
    return _page(
        view,
        "Friends of the house",
        f"""
        <section class="narrow">
          <h1>Friends of the house</h1>
          <p class="lead">They recommend us, some of them since before we had this website. Links
            that they set in those days still end in <code>?ref=</code> and still count.</p>
          <ul class="friends">{friends or "<li>Nobody yet.</li>"}</ul>
        </section>""",
    )


def letter_page(view: View, email: str = "", error: str = "") -> str:
    """Return the page on which one asks for the letter, for browsers without scripts."""
    return _page(
        view,
        "Our letter",
        f"""
        <section class="narrow">
          <h1>Four letters a year</h1>
          {_letter_form(view, email, error)}
        </section>""",
    )


def _letter_form(view: View, email: str = "", error: str = "") -> str:
    form = CheckoutForm(email=email, errors={"email": error} if error else {})
    return f"""<form class="checkout" method="post" action="{view.link("/letter")}" data-fairlead
            novalidate>
            {_click_field(view)}
            {_field("email", "E-mail", email, form, 'type="email" autocomplete="email"')}
            <button class="button">Send me the letter</button>
          </form>"""


def letter_thanks_page(view: View) -> str:
    """Return the page after asking for the letter."""
    return _page(
        view,
        "Thank you",
        f"""
        <section class="narrow empty">
          <h1>The letter will come</h1>
          <p>If somebody recommended us to you, they were told to our affiliate program once: what
            you buy later counts for them, from any device, without a cookie.</p>
          <a class="button" href="{view.link("/")}">To the shop</a>
        </section>""",
    )


def _readable(answer: str) -> str:
    try:
        return json.dumps(json.loads(answer), indent=2, ensure_ascii=False)
    except ValueError:
        return answer


def problem_page(view: View, title: str, text: str) -> str:
    """Return a page that says what went wrong."""
    return _page(
        view,
        title,
        f"""
        <section class="narrow empty">
          <h1>{escape(title)}</h1>
          <p>{escape(text)}</p>
          <a class="button" href="{view.link("/")}">To the shop</a>
        </section>""",
    )


def _page(view: View, title: str, content: str) -> str:
    settings = view.settings
    shelves = "".join(
        f'<a href="{view.link(f"/#{category.lower()}")}">{category}</a>' for category in CATEGORIES
    )
    count = f' <span class="count">{view.basket_count}</span>' if view.basket_count else ""
    return f"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{escape(title)} · Acme Chandlery</title>
    <link rel="icon" href="/static/icon.svg">
    <link rel="stylesheet" href="/static/shop.css">
    <script async src="{escape(settings.edge_url)}/fl.js?program={escape(settings.program_id)}"
      data-key="{escape(settings.publishable_key)}" data-params="ref"
      data-domains="{escape(f"{view.host},{view.cashier_host}".strip(","))}"></script>
    <script defer src="/static/shop.js"></script>
  </head>
  <body>
    <header>
      <img class="flags" src="/static/flags.svg" alt="" width="1200" height="12">
      <div class="bar">
        <a class="brand" href="{view.link("/")}">
          <img src="/static/icon.svg" alt="" width="36" height="36">
          <span>Acme <em>Chandlery</em></span></a>
        <nav aria-label="Shelves">{shelves}</nav>
        <a class="basket" href="{view.link("/cart")}">Basket{count}</a>
      </div>
    </header>
    <main>{content}
    </main>
    <footer>
      <p>Acme Chandlery is the demonstration shop of Fairlead. It sells nothing and sends
        nothing.</p>
      <p class="actions"><a class="quiet" href="{view.link("/friends")}">Friends of the house</a>
        <a class="quiet" href="{view.link("/letter")}" data-letter>Our letter</a>
        <button class="quiet" type="button" data-consent-open hidden>Privacy choice</button></p>
      <template data-letter-form>{_letter_form(view)}</template>
    </footer>
    <section class="consent" aria-label="Privacy choice" hidden>
      <p data-consent-question>May we remember who recommended us to you? It takes two small cookies
        and a copy of them in this browser, for 30 days at most, so that they can be thanked. The
        shop works the same either way. Your answer is kept, so that we need not ask again; you can
        change it at the foot of each page.</p>
      <p data-consent-objection hidden>Your browser asks us not to track you, so nothing is
        remembered about who recommended us, and we do not ask.</p>
      <p class="actions"><button class="button secondary" type="button" data-consent-no>No</button>
        <button class="button secondary" type="button" data-consent-yes>Yes, remember</button></p>
    </section>
  </body>
</html>
"""
