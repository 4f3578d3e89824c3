"""The addresses of a program's materials."""

from django.urls import path

from interfaces.console import materials, products

of_a_program = [
    path("materials/", materials.program_materials, name="program-materials"),
    path("materials/new/", materials.material_create, name="material-create"),
    path("materials/<uuid:material_id>/", materials.material_edit, name="material-edit"),
    path(
        "materials/<uuid:material_id>/archive/",
        materials.material_archive,
        name="material-archive",
    ),
    path("products/", products.program_products, name="program-products"),
    path("products/upload/", products.products_upload, name="products-upload"),
]
