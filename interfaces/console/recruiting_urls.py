"""The addresses of recruiting: prospects, files of them, letters, and what came of it."""

from django.urls import URLPattern, URLResolver, include, path

from interfaces.console import letters, prospect_imports, prospects, recruiting

one_prospect = [
    path("", prospects.prospect, name="prospect"),
    path("edit/", prospects.prospect_edit, name="prospect-edit"),
    path("move/", prospects.prospect_move, name="prospect-move"),
    path("contact/", prospects.prospect_contact, name="prospect-contact"),
    path("forget/", prospects.prospect_forget, name="prospect-remove"),
]
all_recruiting: list[URLPattern | URLResolver] = [
    path("", prospects.prospects, name="prospects"),
    path("board/", prospects.prospects_board, name="prospects-board"),
    path("export/", prospects.prospects_export, name="prospects-export"),
    path("new/", prospects.prospect_create, name="prospect-create"),
    path("import/", prospect_imports.prospects_import, name="prospects-import"),
    path(
        "import/<uuid:prospect_import_id>/",
        prospect_imports.prospects_import_check,
        name="prospects-import-check",
    ),
    path("letters/", letters.letter_templates, name="letter-templates"),
    path("letters/new/", letters.letter_template_create, name="letter-template-create"),
    path("letters/write/", letters.letter_create, name="letter-create"),
    path("letters/<uuid:template_id>/", letters.letter_template_edit, name="letter-template-edit"),
    path(
        "letters/<uuid:template_id>/archive/",
        letters.letter_template_archive,
        name="letter-template-archive",
    ),
    path("report/", recruiting.recruiting_report, name="recruiting-report"),
    path("offers/<uuid:program_id>/", recruiting.recruiting_offer, name="recruiting-offer"),
    path("<uuid:prospect_id>/", include(one_prospect)),
]
