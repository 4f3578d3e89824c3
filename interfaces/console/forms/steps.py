"""The form of a step of a goal."""

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.models import GoalStep


class StepForm(forms.ModelForm):
    """What has to be done, and how often, before a goal is reached."""

    class Meta:
        model = GoalStep
        fields = ["name", "code", "times"]
        help_texts = {
            "name": _("As you call it: “App installed”, “Order delivered”."),
            "code": _("What your systems send where they would send a goal's code."),
            "times": _("By the same customer, before the step is done. Usually once."),
        }
