"""Pages and flyers with the affiliate's own name: filled in, looked at, put to use."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.models import Enrollment
from cobranding.models import CobrandPiece, CobrandTemplate, PieceStatus, TemplateKind
from cobranding.selectors import pieces_by, templates_for
from cobranding.services import PieceDraft, publish_piece, save_piece
from common.refusals import BadValue
from common.states import IllegalMove
from common.uploads import Upload
from interfaces.cobranded import flyer_of, own_link, page_address, page_context
from interfaces.portal.charts import number
from interfaces.portal.door import Visit, affiliate_page
from interfaces.portal.materials import material_tabs
from interfaces.portal.text import Said, money
from materials.addresses import file_address
from merchants.models import acting_user
from merchants.tenancy import merchant_context
from reports.affiliate_traffic import report_links
from tracking.services import NotEnrolled

PICTURE_TYPES: Final = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"
TONES = {PieceStatus.WAITING: "wait", PieceStatus.LIVE: "good", PieceStatus.REFUSED: "bad"}


class PieceForm(forms.Form):
    """What an affiliate puts into a template."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Who recommends it, as your audience knows you."),
    )
    text = forms.CharField(
        label=gettext_lazy("Your words"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Why you recommend it, in a few sentences. Plain text."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo or portrait"),
        required=False,
        help_text=gettext_lazy("PNG, JPEG or WebP."),
        widget=forms.FileInput(attrs={"accept": PICTURE_TYPES}),
    )
    drops_logo = forms.BooleanField(label=gettext_lazy("Without a logo"), required=False)

    def __init__(self, *args: Any, piece: CobrandPiece | None, name: str, **options: Any) -> None:
        initial = {"name": piece.name if piece else name, "text": piece.text if piece else ""}
        super().__init__(*args, **{"initial": initial, **options})
        if piece is None or piece.logo is None:
            del self.fields["drops_logo"]

    @property
    def draft(self) -> PieceDraft:
        """Return what a valid form says."""
        said, file = self.cleaned_data, self.cleaned_data.get("logo")
        return PieceDraft(
            name=said["name"],
            text=said["text"],
            upload=Upload(file.name, file.read()) if file else None,
            drops_logo=bool(said.get("drops_logo")),
        )


def piece_status(piece: CobrandPiece | None) -> Said:
    """Return where a piece stands, for templates/components/status.html."""
    if piece is None:
        return Said(_("Not made yet"), "")
    status = PieceStatus(piece.status)
    return Said(status.label, TONES.get(status, ""), piece.reason)


@require_safe
@affiliate_page
def templates(visit: Visit) -> HttpResponse:
    """List what the merchants offer, each with what the affiliate made of it."""
    active = [row for row in visit.enrollments if row.is_active]
    made = {row.template_id: row for row in pieces_by(visit.affiliate.id)}
    rows = [
        {
            "template": row,
            "status": piece_status(made.get(row.id)),
            "picture": file_address(row.picture) if row.picture else "",
        }
        for row in templates_for(active)
    ]
    context = {
        "rows": rows,
        "several": len(active) > 1,
        **material_tabs(active, on=visit.at.date()),
    }
    return visit.show("portal/cobranding.html", context, nav="materials")


def _get_template(visit: Visit, template_id: UUID) -> tuple[CobrandTemplate, Enrollment]:
    found = templates_for(visit.enrollments).filter(id=template_id).first()
    own = (row for row in visit.enrollments if found and row.program_id == found.program_id)
    enrollment = next(own, None)
    if found is None or enrollment is None:
        raise Http404
    return found, enrollment


def _own_piece(visit: Visit, template: CobrandTemplate) -> CobrandPiece | None:
    return pieces_by(visit.affiliate.id).filter(template_id=template.id).first()


@require_http_methods(["GET", "HEAD", "POST"])
@affiliate_page
def piece(visit: Visit, template_id: UUID) -> HttpResponse:
    """Fill a template in; show where it stands and what it brought."""
    template, enrollment = _get_template(visit, template_id)
    own = _own_piece(visit, template)
    form = PieceForm(
        visit.request.POST or None,
        visit.request.FILES or None,
        piece=own,
        name=visit.affiliate.name,
    )
    if form.is_valid() and _saved(visit, template, enrollment, form):
        messages.success(visit.request, _("Saved as a draft. Look at it, then put it to use."))
        return redirect("portal:cobrand-piece", template.id)
    context = {
        "template": template,
        "piece": own,
        "form": form,
        "status": piece_status(own),
        "logo": file_address(own.logo) if own and own.logo else "",
        **(_in_use(own) if own else {}),
    }
    status = 422 if form.is_bound else 200
    return visit.show("portal/cobrand_piece.html", context, nav="materials", status=status)


def _saved(
    visit: Visit, template: CobrandTemplate, enrollment: Enrollment, form: PieceForm
) -> bool:
    try:
        with merchant_context(template.merchant_id):
            save_piece(
                template=template,
                enrollment=enrollment,
                draft=form.draft,
                by=acting_user(visit.user),
                at=visit.at,
            )
    except BadValue as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
    except NotEnrolled:
        form.add_error(None, _("You are not approved in this program at the moment."))
    return not form.errors


def _in_use(own: CobrandPiece) -> dict[str, Any]:
    """Return the address of what is in use, and what came of its link."""
    (report,) = report_links(own.affiliate_id, [own.link])
    is_live = own.status == PieceStatus.LIVE
    is_page = own.template.kind == TemplateKind.PAGE
    return {
        "is_draft": own.status == PieceStatus.DRAFT,
        "is_live": is_live,
        "address": page_address(own) if is_live and is_page else "",
        "link": own_link(own),
        "figures": [
            {"label": _("Clicks"), "value": number(report.traffic.human)},
            {"label": _("Conversions"), "value": number(report.conversions)},
            {
                "label": _("You earned"),
                "value": money(report.earned_minor, own.program.currency),
            },
        ],
    }


def _get_piece(visit: Visit, template_id: UUID) -> CobrandPiece:
    template, _enrollment = _get_template(visit, template_id)
    own = _own_piece(visit, template)
    if own is None:
        raise Http404
    return own


@require_POST
@affiliate_page
def publish(visit: Visit, template_id: UUID) -> HttpResponse:
    """Put a draft to use, or send it to the merchant."""
    own = _get_piece(visit, template_id)
    try:
        with merchant_context(own.merchant_id):
            done = publish_piece(piece=own, by=acting_user(visit.user), at=visit.at)
    except (BadValue, IllegalMove):
        messages.info(visit.request, _("There is no draft to put to use."))
    else:
        if done.status == PieceStatus.LIVE:
            messages.success(visit.request, _("It is in use."))
        else:
            messages.success(visit.request, _("The merchant looks at it now."))
    return redirect("portal:cobrand-piece", template_id)


@require_safe
@affiliate_page
def preview(visit: Visit, template_id: UUID) -> HttpResponse:
    """Show the page or the flyer as others will see it; a flyer in use is kept from here."""
    own = _get_piece(visit, template_id)
    if own.template.kind == TemplateKind.FLYER:
        response = HttpResponse(flyer_of(own), content_type="application/pdf")
        if "download" in visit.request.GET:
            response.headers["Content-Disposition"] = 'attachment; filename="flyer.pdf"'
        return response
    return render(visit.request, "public/partner.html", page_context(own) | {"is_preview": True})
