"""The addresses of a program's materials."""

from django.urls import path

from interfaces.console import cobranding, collaborations, materials, products

of_a_program = [
    path("materials/", materials.program_materials, name="program-materials"),
    path("materials/new/", materials.material_create, name="material-create"),
    path("materials/<uuid:material_id>/", materials.material_edit, name="material-edit"),
    path(
        "materials/<uuid:material_id>/archive/",
        materials.material_archive,
        name="material-archive",
    ),
    path("together/", collaborations.program_collaborations, name="program-collaborations"),
    path("together/new/", collaborations.collaboration_create, name="collaboration-create"),
    path("together/<uuid:row_id>/", collaborations.collaboration, name="collaboration"),
    path("together/<uuid:row_id>/act/", collaborations.collaboration_act, name="collaboration-act"),
    path("cobranding/", cobranding.program_cobranding, name="program-cobranding"),
    path("cobranding/new/", cobranding.cobrand_create, name="cobrand-create"),
    path("cobranding/<uuid:cobrand_id>/", cobranding.cobrand_edit, name="cobrand-edit"),
    path(
        "cobranding/<uuid:cobrand_id>/archive/", cobranding.cobrand_archive, name="cobrand-archive"
    ),
    path("cobranding/<uuid:cobrand_id>/sample/", cobranding.cobrand_sample, name="cobrand-sample"),
    path("cobranding/made/<uuid:piece_id>/", cobranding.cobrand_piece, name="cobrand-piece"),
    path(
        "cobranding/made/<uuid:piece_id>/approve/",
        cobranding.cobrand_approve,
        name="cobrand-approve",
    ),
    path(
        "cobranding/made/<uuid:piece_id>/refuse/", cobranding.cobrand_refuse, name="cobrand-refuse"
    ),
    path("products/", products.program_products, name="program-products"),
    path("products/feed/", products.products_feed, name="products-feed"),
    path("products/fetch/", products.products_fetch, name="products-fetch"),
    path("products/upload/", products.products_upload, name="products-upload"),
]
