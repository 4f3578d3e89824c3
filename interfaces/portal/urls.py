"""The addresses of the portal."""

from django.urls import include, path

from interfaces.portal import claims as missing
from interfaces.portal import cobranding, collaborations, deals, messages
from interfaces.portal.clicks import clicks
from interfaces.portal.codes import wish
from interfaces.portal.conversions import conversion, conversions
from interfaces.portal.directory import directory
from interfaces.portal.documents import document, documents
from interfaces.portal.earnings import earnings
from interfaces.portal.friction import friction_report
from interfaces.portal.glossary import glossary
from interfaces.portal.home import hide_steps, home
from interfaces.portal.lessons import lesson_done, lessons
from interfaces.portal.link_bulk import create_many
from interfaces.portal.links import archive, create, link, links
from interfaces.portal.materials import (
    material,
    material_download,
    material_used,
    materials,
)
from interfaces.portal.notifications import notifications
from interfaces.portal.partnership_urls import all_partnerships
from interfaces.portal.payouts import payout, payouts
from interfaces.portal.people import (
    account_invitation,
    account_switch,
    invitation_withdraw,
    people,
    person_invite,
    person_remove,
    person_role,
)
from interfaces.portal.products import products
from interfaces.portal.profile import change_method, method, profile
from interfaces.portal.programs import accept, decline, program, programs
from interfaces.portal.proposals import (
    proposal,
    proposal_accept,
    proposal_counter,
    proposal_create,
    proposal_decline,
    proposal_withdraw,
)
from interfaces.portal.qr import png, svg
from interfaces.portal.questionnaire import questionnaire
from interfaces.portal.reach import (
    channel_add,
    channel_check,
    channel_remove,
    phone_edit,
    reach,
    reference_add,
    reference_ask,
    reference_remove,
)
from interfaces.portal.tax import self_billing, self_billing_end, sign, start_form, tax
from interfaces.portal.terms import seen
from interfaces.portal.terms import terms as your_terms
from interfaces.portal.withdrawals import withdrawal_cancel, withdrawal_create

app_name = "portal"
urlpatterns = [
    path("", home, name="home"),
    path("checklist/hide/", hide_steps, name="checklist-hide"),
    path("programs/", programs, name="programs"),
    path("programs/<uuid:enrollment_id>/", program, name="program"),
    path("programs/<uuid:enrollment_id>/terms/", accept, name="terms-accept"),
    path("programs/<uuid:enrollment_id>/rates/", your_terms, name="terms"),
    path("programs/<uuid:enrollment_id>/propose/", proposal_create, name="proposal-create"),
    path("proposals/<uuid:proposal_id>/", proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/accept/", proposal_accept, name="proposal-accept"),
    path("proposals/<uuid:proposal_id>/counter/", proposal_counter, name="proposal-counter"),
    path("proposals/<uuid:proposal_id>/decline/", proposal_decline, name="proposal-decline"),
    path("proposals/<uuid:proposal_id>/withdraw/", proposal_withdraw, name="proposal-withdraw"),
    path("programs/<uuid:enrollment_id>/rates/seen/", seen, name="rates-seen"),
    path("programs/<uuid:enrollment_id>/questions/", questionnaire, name="questionnaire"),
    path("programs/<uuid:enrollment_id>/friction/", friction_report, name="friction-report"),
    path("directory/", directory, name="directory"),
    path("glossary/", glossary, name="glossary"),
    path("programs/<uuid:enrollment_id>/decline/", decline, name="invitation-decline"),
    path("links/", links, name="links"),
    path("links/new/", create, name="link-create"),
    path("links/many/", create_many, name="links-create"),
    path("links/<uuid:link_id>/", link, name="link"),
    path("links/<uuid:link_id>/archive/", archive, name="link-archive"),
    path("links/<uuid:link_id>/qr.svg", svg, name="link-qr"),
    path("links/<uuid:link_id>/qr.png", png, name="link-qr-png"),
    path("codes/wish/", wish, name="code-wish"),
    path("materials/", materials, name="materials"),
    path("materials/<uuid:material_id>/", material, name="material"),
    path("materials/<uuid:material_id>/used/", material_used, name="material-used"),
    path("materials/<uuid:material_id>/download/", material_download, name="material-download"),
    path("materials/<uuid:material_id>/done/", lesson_done, name="lesson-done"),
    path("learn/", lessons, name="lessons"),
    path("products/", products, name="products"),
    path("together/", collaborations.collaborations, name="collaborations"),
    path("together/new/", collaborations.pitch, name="collaboration-pitch"),
    path("together/<uuid:row_id>/", collaborations.collaboration, name="collaboration"),
    path("together/<uuid:row_id>/act/", collaborations.collaboration_act, name="collaboration-act"),
    path("cobranding/", cobranding.templates, name="cobranding"),
    path("cobranding/<uuid:template_id>/", cobranding.piece, name="cobrand-piece"),
    path("cobranding/<uuid:template_id>/publish/", cobranding.publish, name="cobrand-publish"),
    path("cobranding/<uuid:template_id>/preview/", cobranding.preview, name="cobrand-preview"),
    path("clicks/", clicks, name="clicks"),
    path("conversions/", conversions, name="conversions"),
    path("conversions/<uuid:conversion_id>/", conversion, name="conversion"),
    path("messages/", messages.inbox, name="messages"),
    path("messages/new/", messages.create, name="thread-create"),
    path("messages/<uuid:thread_id>/", messages.thread, name="thread"),
    path("messages/<uuid:thread_id>/answer/", messages.answer, name="thread-answer"),
    path(
        "messages/<uuid:thread_id>/files/<uuid:attachment_id>/", messages.file, name="thread-file"
    ),
    path("partnerships/", include(all_partnerships)),
    path("deals/", deals.deals, name="deals"),
    path("deals/new/", deals.create, name="deal-create"),
    path("deals/<uuid:deal_id>/", deals.deal, name="deal"),
    path("deals/<uuid:deal_id>/withdraw/", deals.withdraw, name="deal-withdraw"),
    path("deals/<uuid:deal_id>/extend/", deals.extend, name="deal-extend"),
    path("claims/", missing.claims, name="claims"),
    path("claims/new/", missing.create, name="claim-create"),
    path("claims/<uuid:claim_id>/", missing.claim, name="claim"),
    path("claims/<uuid:claim_id>/withdraw/", missing.withdraw, name="claim-withdraw"),
    path("earnings/", earnings, name="earnings"),
    path("payouts/", payouts, name="payouts"),
    path("payouts/<uuid:payout_id>/", payout, name="payout"),
    path("withdrawals/<uuid:merchant_id>/ask/", withdrawal_create, name="withdrawal-create"),
    path("withdrawals/<uuid:withdrawal_id>/cancel/", withdrawal_cancel, name="withdrawal-cancel"),
    path("payout-method/", method, name="payout-method"),
    path("payout-method/change/", change_method, name="payout-method-change"),
    path("tax/", tax, name="tax"),
    path("tax/form/", start_form, name="tax-form"),
    path("tax/form/sign/", sign, name="tax-sign"),
    path("tax/self-billing/<uuid:merchant_id>/", self_billing, name="self-billing"),
    path("tax/self-billing/<uuid:merchant_id>/end/", self_billing_end, name="self-billing-end"),
    path("documents/", documents, name="documents"),
    path("documents/<uuid:document_id>/", document, name="document"),
    path("profile/", profile, name="profile"),
    path("notifications/", notifications, name="notifications"),
    path("people/", people, name="people"),
    path("people/invite/", person_invite, name="person-invite"),
    path("people/<uuid:person_id>/role/", person_role, name="person-role"),
    path("people/<uuid:person_id>/remove/", person_remove, name="person-remove"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        invitation_withdraw,
        name="person-invitation-withdraw",
    ),
    path("invitation/", account_invitation, name="account-invitation"),
    path("account/", account_switch, name="account-switch"),
    path("reach/", reach, name="reach"),
    path("reach/phone/", phone_edit, name="phone-edit"),
    path("reach/channels/", channel_add, name="channel-add"),
    path("reach/channels/<uuid:channel_id>/check/", channel_check, name="channel-check"),
    path("reach/channels/<uuid:channel_id>/remove/", channel_remove, name="channel-remove"),
    path("reach/references/", reference_add, name="reference-add"),
    path("reach/references/<uuid:reference_id>/ask/", reference_ask, name="reference-ask"),
    path("reach/references/<uuid:reference_id>/remove/", reference_remove, name="reference-remove"),
]
