"""The products of a program, replaced by its feed (docs/materials.md)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from interfaces.api.endpoints import Call, MerchantView, endpoint
from interfaces.api.fields import Id, Maybe, Moment, Strict, Text, WebAddress
from interfaces.api.find import one
from interfaces.api.pagination import PageQuery
from interfaces.api.v1.programs import programs
from materials.feed import FILE_BYTES_MAX
from materials.fetching import feed_of, set_feed
from materials.models import Product, ProductFeed
from materials.products import Replaced, products_of, replace_products
from merchants.rights import Scope

BODY_MAX = FILE_BYTES_MAX + 20_000  # The file, and what a form puts around it.


class ProductSerializer(serializers.Serializer[Any]):
    """Something that the merchant sells."""

    id = Id()
    program = Id(source="program_id")
    external_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    price_minor = serializers.IntegerField(allow_null=True, help_text="In the program's currency.")
    image_url = Maybe()
    category = Maybe()


class ReplacedSerializer(serializers.Serializer[Any]):
    """What a feed did."""

    total = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()


class ProductQuery(PageQuery):
    """Filters of products."""

    external_id = Text(required=False, max_length=80)
    category = Text(required=False, max_length=120)


class NewFeedSerializer(Strict):
    """All products of a program."""

    file = serializers.FileField(max_length=300, allow_empty_file=True)


class ProductFeedSerializer(serializers.Serializer[Any]):
    """Where the products are fetched from every day."""

    url = Maybe(help_text="null: from nowhere; they are uploaded.")
    fetched_at = Moment(allow_null=True, help_text="The last time that all went well.")
    tried_at = Moment(allow_null=True)
    problem = serializers.CharField(allow_blank=True, help_text="Of the last try, in words.")


class NewProductFeedSerializer(Strict):
    """An https address that gives the CSV file."""

    url = WebAddress(allow_null=True)


class ProductFeeds(MerchantView):
    """Where a program's products come from."""

    @endpoint("Read the product feed", gives=ProductFeedSerializer)
    def get(self, call: Call, id: UUID) -> ProductFeed:
        return feed_of(one(programs(call), id)) or ProductFeed()

    @endpoint(
        "Set the product feed",
        gives=ProductFeedSerializer,
        takes=NewProductFeedSerializer,
        scope=Scope.PROGRAMS,
        description="A worker fetches it within a minute, and then every day.",
        example={"url": "https://shop.example/feed.csv"},
    )
    def put(self, call: Call, id: UUID) -> ProductFeed:
        program, url = one(programs(call), id), call.body["url"] or ""
        return set_feed(program=program, url=url, by=call.by, at=call.at) or ProductFeed()


class Products(MerchantView):
    """The products of a program."""

    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read a file that may be larger than other bodies, from those alone who may send one."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            body = request._request.read(BODY_MAX + 1)
            if len(body) > BODY_MAX:
                raise RequestDataTooBig
            request._request._body = body

    @endpoint("List products of a program", gives=ProductSerializer, query=ProductQuery)
    def get(self, call: Call, id: UUID) -> QuerySet[Product]:
        return products_of(one(programs(call), id))

    @endpoint(
        "Replace the products of a program",
        gives=ReplacedSerializer,
        takes=NewFeedSerializer,
        scope=Scope.PROGRAMS,
        description=(
            "multipart/form-data: a CSV file in UTF-8 with the columns id, title and url, and if"
            " there are price, image_url and category; at most 10 MB and 20,000 products. What is"
            " not in it is gone; if a line is wrong, nothing changes."
        ),
    )
    def post(self, call: Call, id: UUID) -> Replaced:
        program = one(programs(call), id)
        content = call.body["file"].read()
        return replace_products(program=program, content=content, by=call.by, at=call.at)
