"""A program's products: found, and replaced by a feed."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from common.money import format_money
from common.pictures import allow_pictures
from interfaces.console.access import acts, edits, reads
from interfaces.console.forms.materials import FeedAddressForm, FeedForm
from interfaces.console.forms.refusals import refusal_shown
from interfaces.console.pages import ConsoleRequest
from interfaces.console.program_blocks import show_part
from interfaces.console.programs import get_program, show_tab
from interfaces.console.wording import locale_now
from materials.fetching import feed_of, fetch_soon, set_feed
from materials.models import Product
from materials.products import named, products_of, replace_products
from merchants.rights import Right

PAGE = 50


@reads
def program_products(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """List the products, those whose name was asked for alone."""
    program = get_program(request, program_id)
    words = request.GET.get("q", "")[:100].replace("\0", "")
    every = products_of(program)
    page = Paginator(named(every, words), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"product": row, "price": _price(row, program.currency)} for row in page],
        "words": words,
        "has_any": every.exists(),
        "feed": feed_of(program),
    }
    response = show_tab(request, program, "program-products", context)
    return allow_pictures(response, [row.image_url for row in page])


def _price(product: Product, currency: str) -> str:
    if product.price_minor is None:
        return ""
    return format_money(product.price_minor, currency=currency, locale=locale_now())


@edits(Right.EDIT_PROGRAMS)
def products_feed(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Say from which address the products are fetched every day."""
    program = get_program(request, program_id)
    feed = feed_of(program)
    initial = {"url": feed.url if feed else ""}
    form = FeedAddressForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            url = form.cleaned_data["url"]
            set_feed(program=program, url=url, by=request.actor, at=request.at)
            done = _("It is fetched within a minute.") if url else _("Nothing is fetched any more.")
            messages.success(request, done)
            return redirect("console:program-products", program.id)
    return show_part(
        request,
        program,
        form=form,
        title=_("Feed by address"),
        back="program-products",
        back_label=_("Products"),
        template="console/programs/products_upload.html",
    )


@acts(Right.EDIT_PROGRAMS)
def products_fetch(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Fetch the feed now."""
    fetch_soon(program=get_program(request, program_id), at=request.at)
    messages.success(request, _("It is fetched within a minute."))
    return redirect("console:program-products", program_id)


@edits(Right.EDIT_PROGRAMS)
def products_upload(request: ConsoleRequest, program_id: UUID) -> HttpResponse:
    """Replace the products by those of a file."""
    program = get_program(request, program_id)
    form = FeedForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusal_shown(form):
            done = replace_products(
                program=program,
                content=form.cleaned_data["file"].read(),
                by=request.actor,
                at=request.at,
            )
            told = _("%(total)d products: %(added)d new, %(removed)d gone.") % done._asdict()
            messages.success(request, told)
            return redirect("console:program-products", program.id)
    return show_part(
        request,
        program,
        form=form,
        title=_("Upload products"),
        save=_("Replace products"),
        back="program-products",
        back_label=_("Products"),
        template="console/programs/products_upload.html",
    )
