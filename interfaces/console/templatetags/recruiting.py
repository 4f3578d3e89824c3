"""Stages of prospects in the console's templates."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from recruiting.models import Stage, stage_of

register = template.Library()
TONES = {
    Stage.CONTACTED: "info",
    Stage.ANSWERED: "info",
    Stage.INVITED: "wait",
    Stage.APPLIED: "wait",
    Stage.JOINED: "good",
    Stage.DECLINED: "bad",
}


@register.simple_tag
def stage(prospect: Any) -> SafeString:
    """Show how far a prospect has come."""
    now = stage_of(prospect)
    facts = {"word": now.label, "tone": TONES.get(now, "")}
    return render_to_string("components/status.html", facts)
