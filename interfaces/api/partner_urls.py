"""The addresses of what affiliates ask by their own keys."""

from interfaces.api.routing import at
from interfaces.api.v1.partner import claims as partner_claims
from interfaces.api.v1.partner import cobranding as partner_cobranding
from interfaces.api.v1.partner import collaborations as partner_collaborations
from interfaces.api.v1.partner import coupons as partner_coupons
from interfaces.api.v1.partner import deals as partner_deals
from interfaces.api.v1.partner import links as partner_links
from interfaces.api.v1.partner import materials as partner_materials
from interfaces.api.v1.partner import me as partner_me
from interfaces.api.v1.partner import money as partner_money
from interfaces.api.v1.partner import papers as partner_papers
from interfaces.api.v1.partner import partnerships as partner_partnerships
from interfaces.api.v1.partner import products as partner_products
from interfaces.api.v1.partner import programs as partner_programs
from interfaces.api.v1.partner import results as partner_results
from interfaces.api.v1.partner import threads as partner_threads
from interfaces.api.v1.partner import why as partner_why
from interfaces.api.v1.partner import withdrawals as partner_withdrawals

PARTNER = [
    at("partner/me", partner_me.PartnerMe, "partner-me"),
    at("partner/programs", partner_programs.PartnerPrograms, "partner-programs"),
    at(
        "partner/collaborations",
        partner_collaborations.PartnerCollaborations,
        "partner-collaborations",
    ),
    at("partner/cobrand-pieces", partner_cobranding.PartnerPieces, "partner-cobrand-pieces"),
    at("partner/products", partner_products.PartnerProducts, "partner-products"),
    at("partner/materials", partner_materials.PartnerMaterials, "partner-materials"),
    at("partner/links", partner_links.PartnerLinks, "partner-links"),
    at("partner/links/bulk", partner_links.PartnerLinksBulk, "partner-links-bulk"),
    at("partner/links/<uuid:id>", partner_links.OnePartnerLink, "partner-link"),
    at("partner/links/<uuid:id>/archive", partner_links.ArchivePartnerLink, "partner-link-archive"),
    at("partner/coupons", partner_coupons.PartnerCoupons, "partner-coupons"),
    at("partner/coupon-requests", partner_coupons.PartnerCouponRequests, "partner-coupon-requests"),
    at("partner/coupons/<uuid:id>", partner_coupons.OnePartnerCoupon, "partner-coupon"),
    at("partner/clicks", partner_results.PartnerClicks, "partner-clicks"),
    at("partner/conversions", partner_results.PartnerConversions, "partner-conversions"),
    at("partner/conversions/<uuid:id>", partner_results.OnePartnerConversion, "partner-conversion"),
    at("partner/conversions/<uuid:id>/why", partner_why.PartnerWhy, "partner-conversion-why"),
    at("partner/commissions", partner_results.PartnerCommissions, "partner-commissions"),
    at("partner/commissions/<uuid:id>", partner_results.OnePartnerCommission, "partner-commission"),
    at("partner/threads", partner_threads.PartnerThreads, "partner-threads"),
    at("partner/threads/<uuid:id>", partner_threads.OnePartnerThread, "partner-thread"),
    at(
        "partner/threads/<uuid:id>/messages",
        partner_threads.PartnerThreadMessages,
        "partner-thread-messages",
    ),
    at(
        "partner/partnerships",
        partner_partnerships.PartnerPartnerships,
        "partner-partnerships",
    ),
    at(
        "partner/partnerships/<uuid:id>/items",
        partner_partnerships.PartnerPartnershipItems,
        "partner-partnership-items",
    ),
    at(
        "partner/partnerships/<uuid:id>/items/<uuid:item_id>/move",
        partner_partnerships.PartnerMoveItem,
        "partner-partnership-item-move",
    ),
    at(
        "partner/partnerships/<uuid:id>/reviews",
        partner_partnerships.PartnerPartnershipReviews,
        "partner-partnership-reviews",
    ),
    at("partner/deals", partner_deals.PartnerDeals, "partner-deals"),
    at("partner/deals/<uuid:id>", partner_deals.OnePartnerDeal, "partner-deal"),
    at(
        "partner/deals/<uuid:id>/withdraw",
        partner_deals.WithdrawPartnerDeal,
        "partner-deal-withdraw",
    ),
    at("partner/deals/<uuid:id>/extend", partner_deals.ExtendPartnerDeal, "partner-deal-extend"),
    at("partner/claims", partner_claims.PartnerClaims, "partner-claims"),
    at("partner/claims/<uuid:id>", partner_claims.OnePartnerClaim, "partner-claim"),
    at(
        "partner/claims/<uuid:id>/withdraw",
        partner_claims.WithdrawPartnerClaim,
        "partner-claim-withdraw",
    ),
    at("partner/balances", partner_money.PartnerBalances, "partner-balances"),
    at("partner/payouts", partner_money.PartnerPayouts, "partner-payouts"),
    at("partner/payouts/<uuid:id>", partner_money.OnePartnerPayout, "partner-payout"),
    at("partner/documents", partner_papers.PartnerDocuments, "partner-documents"),
    at("partner/documents/<uuid:id>", partner_papers.OnePartnerDocument, "partner-document"),
    at(
        "partner/documents/<uuid:id>/file",
        partner_papers.DownloadPartnerDocument,
        "partner-document-file",
    ),
    at("partner/tax-forms", partner_papers.PartnerTaxForms, "partner-tax-forms"),
    at("partner/payout-method", partner_money.PartnerPayoutMethod, "partner-payout-method"),
    at("partner/withdrawals", partner_withdrawals.PartnerWithdrawals, "partner-withdrawals"),
    at(
        "partner/withdrawals/<uuid:id>",
        partner_withdrawals.OnePartnerWithdrawal,
        "partner-withdrawal",
    ),
    at(
        "partner/withdrawals/<uuid:id>/cancel",
        partner_withdrawals.CancelPartnerWithdrawal,
        "partner-withdrawal-cancel",
    ),
]
