"""Imports: CSV files of conversions, refunds, coupons and used codes."""

from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Strict, Switch, Word
from interfaces.api.find import found, one
from interfaces.api.pagination import ListQuery
from interfaces.api.problems import MissingScope
from merchants.rights import Scope
from programs.selectors import find_program
from tracking.imports import FILE_BYTES_MAX, start_import
from tracking.models import Import, ImportProfile, ImportStatus
from tracking.selectors import imports_of

BODY_MAX = FILE_BYTES_MAX + 20_000  # The file, and what a form puts around it.


class NewImportSerializer(Strict):
    """A file, and what its lines are. A dry run stores nothing but its report."""

    program = Id()
    profile = Word(ImportProfile)
    dry_run = Switch(required=False, default=False)
    file = serializers.FileField(max_length=200, allow_empty_file=True)


class ImportRefusalSerializer(serializers.Serializer[Any]):
    """A line that was not taken."""

    line = serializers.IntegerField(help_text="In the file; the headings are line 1.")
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """A file and how far it is."""

    id = Id()
    program = Id(source="program_id")
    profile = Word(ImportProfile)
    file_name = serializers.CharField(allow_blank=True)
    dry_run = serializers.BooleanField(source="is_dry_run")
    status = Word(ImportStatus)
    detail = Maybe(help_text="Why the file could not be read.")
    lines_total = serializers.IntegerField()
    lines_done = serializers.IntegerField()
    created = serializers.IntegerField(source="created_count")
    repeated = serializers.IntegerField(source="repeated_count", help_text="Known already.")
    refused = serializers.IntegerField(source="refused_count")
    created_at = Moment()
    finished_at = Moment(allow_null=True)


class WholeImportSerializer(ImportSerializer):
    """A file, how far it is, and the first 1,000 lines that were not taken."""

    refusals = ImportRefusalSerializer(many=True)


class ImportQuery(ListQuery):
    """Filters of the imports."""

    program = Id(required=False, source="program_id")
    profile = Word(ImportProfile, required=False)
    status = Word(ImportStatus, required=False)


class Imports(MerchantView):
    """The merchant's imports."""

    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read a file that may be larger than other bodies, from those alone who may send one."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            body = request._request.read(BODY_MAX + 1)
            if len(body) > BODY_MAX:
                raise RequestDataTooBig
            request._request._body = body

    @endpoint("List imports", gives=ImportSerializer, query=ImportQuery)
    def get(self, call: Call) -> QuerySet[Import]:
        return imports_of(call.merchant_id)

    @endpoint(
        "Import a file",
        gives=WholeImportSerializer,
        takes=NewImportSerializer,
        status=201,
        scope=Scope.CONVERSIONS,
        description=(
            "multipart/form-data: a CSV file in UTF-8 of at most 5 MB and 50,000 lines. It is taken"
            " in within seconds; read the import again for its progress and what was refused."
            " Repeating a file is safe. Coupons need the scope `affiliates:write`, too."
        ),
    )
    def post(self, call: Call) -> Import:
        body = call.body
        makes_coupons = body["profile"] == ImportProfile.COUPONS
        if makes_coupons and (call.key.is_test or Scope.AFFILIATES not in call.key.scopes):
            raise MissingScope(_("This needs a key with the scope %s.") % Scope.AFFILIATES.value)
        program = find_program(merchant_id=call.merchant_id, program_id=body["program"])
        return start_import(
            program=found(program, named_by="program"),
            profile=body["profile"],
            file_name=body["file"].name,
            content=body["file"].read(),
            is_dry_run=body["dry_run"],
            key=call.key,
            at=call.at,
        )


class OneImport(MerchantView):
    """One import."""

    @endpoint("Read an import", gives=WholeImportSerializer)
    def get(self, call: Call, id: UUID) -> Import:
        return one(imports_of(call.merchant_id), id)
