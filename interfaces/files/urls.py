"""The addresses of files. On the files' own host these are all there are."""

from django.urls import path

from interfaces.files.views import banner, file

app_name = "files"
handler404 = "interfaces.files.views.missing"
handler500 = "common.views.server_error"
urlpatterns = [
    path("files/<uuid:file_id><str:extension>", file, name="file"),
    path("b/<str:code>/<uuid:material_id>", banner, name="banner"),
]
