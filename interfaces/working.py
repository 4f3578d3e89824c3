"""How collaborations are told on pages, to either side."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from collaborations.models import (
    Collaboration,
    CollaborationKind,
    CollaborationStatus,
    PageFinding,
)
from collaborations.services import (
    Pitch,
    accept_collaboration,
    decline_collaboration,
    look_again,
    publish_collaboration,
    withdraw_collaboration,
    write_draft,
)
from commissions.models import Side
from common.refusals import BadValue
from merchants.models import Actor

TONES = {
    CollaborationStatus.PITCHED: "wait",
    CollaborationStatus.ACCEPTED: "info",
    CollaborationStatus.DRAFTED: "wait",
    CollaborationStatus.PUBLISHED: "good",
    CollaborationStatus.DECLINED: "bad",
}
STEPS: tuple[tuple[CollaborationStatus, Promise], ...] = (
    (CollaborationStatus.PITCHED, pgettext_lazy("collaboration step", "Pitch")),
    (CollaborationStatus.ACCEPTED, pgettext_lazy("collaboration step", "Agreed")),
    (CollaborationStatus.DRAFTED, pgettext_lazy("collaboration step", "Draft")),
    (CollaborationStatus.PUBLISHED, pgettext_lazy("collaboration step", "Published")),
)
UNDER_WAY = (CollaborationStatus.ACCEPTED, CollaborationStatus.DRAFTED)


class PitchForm(forms.Form):
    """What somebody wants to make together."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CollaborationKind.choices)
    title = forms.CharField(label=_("Title"), max_length=120)
    pitch = forms.CharField(
        label=_("Pitch"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("For whom it is, what it says, and who does what until when."),
    )

    @property
    def draft(self) -> Pitch:
        """Return what a valid form says."""
        said = self.cleaned_data
        return Pitch(kind=said["kind"], title=said["title"], pitch=said["pitch"])


class DraftForm(forms.Form):
    """The draft itself, or where it can be read."""

    draft = forms.CharField(
        label=_("Draft"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("The text, or the address where it can be read."),
    )


class PublishForm(forms.Form):
    """Where it was published."""

    url = forms.URLField(
        label=_("Published at"),
        max_length=2_000,
        assume_scheme="https",
        help_text=_("We look whether the link of this collaboration is on the page."),
    )


class DeclineForm(forms.Form):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The other side reads it."),
    )


def standing(row: Collaboration) -> dict[str, Any]:
    """Return a collaboration's status as templates/components/status.html takes it."""
    status = CollaborationStatus(row.status)
    return {"row": row, "word": status.label, "tone": TONES.get(status, ""), "reason": row.reason}


def told(row: Collaboration, side: Side) -> dict[str, Any]:
    """Return what the page of a collaboration shows to a side, and what that side may do."""
    status = CollaborationStatus(row.status)
    is_pitch, is_under_way = status == CollaborationStatus.PITCHED, status in UNDER_WAY
    is_theirs = row.pitched_by == side
    return {
        **standing(row),
        "steps": _steps(status),
        "finding": PageFinding(row.finding).label if row.finding else "",
        "finding_tone": "good" if row.finding == PageFinding.LINKED else "wait",
        "is_looked_at": row.looked_at is not None,
        "is_published": status == CollaborationStatus.PUBLISHED,
        "may_answer": is_pitch and not is_theirs,
        "may_work": is_under_way,
        "may_withdraw": is_under_way or (is_pitch and is_theirs),
        "draft_form": DraftForm(initial={"draft": row.draft}, auto_id="draft_%s"),
        "publish_form": PublishForm(auto_id="publish_%s"),
        "decline_form": DeclineForm(auto_id="decline_%s"),
    }


def act(
    row: Collaboration, side: Side, said: Mapping[str, str], *, by: Actor, at: datetime
) -> dict[str, forms.Form]:
    """Do what somebody of a side asks for by `do`; return the form that says what is wrong, if any.

    :raises KeyError: if there is no such thing to do.
    :raises IllegalMove: if it cannot be done any more.
    :raises NotYourTurn: if it is the other side's to do.
    """
    what = said.get("do", "")
    if what not in FORMS:
        DOINGS[what](row, side, by, at)
        return {}
    name, make, doing = FORMS[what]
    form = make(said)
    if form.is_valid():
        try:
            doing(row, side, form.cleaned_data, by, at)
        except BadValue as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
    return {name: form} if form.errors else {}


DOINGS: dict[str, Callable[[Collaboration, Side, Actor, datetime], object]] = {
    "accept": lambda row, side, by, at: accept_collaboration(row=row, side=side, by=by, at=at),
    "withdraw": lambda row, side, by, at: withdraw_collaboration(row=row, side=side, by=by, at=at),
    "look": lambda row, side, by, at: look_again(row=row),
}
Said = Mapping[str, str]
FORMS: dict[
    str,
    tuple[str, type[forms.Form], Callable[[Collaboration, Side, Said, Actor, datetime], object]],
] = {
    "decline": (
        "decline_form",
        DeclineForm,
        lambda row, side, said, by, at: decline_collaboration(
            row=row, side=side, reason=said["reason"], by=by, at=at
        ),
    ),
    "draft": (
        "draft_form",
        DraftForm,
        lambda row, side, said, by, at: write_draft(
            row=row, side=side, text=said["draft"], by=by, at=at
        ),
    ),
    "publish": (
        "publish_form",
        PublishForm,
        lambda row, side, said, by, at: publish_collaboration(
            row=row, url=said["url"], by=by, at=at
        ),
    ),
}


def _steps(status: CollaborationStatus) -> list[dict[str, Any]]:
    known = [step for step, _label in STEPS]
    reached = known.index(status) if status in known else -1
    return [
        {"label": label, "done": number <= reached, "current": number == reached}
        for number, (_step, label) in enumerate(STEPS)
    ]
