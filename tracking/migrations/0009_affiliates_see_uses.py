"""Affiliates see how often their own coupons were used: what is left of a limit."""

from django.db import migrations

from merchants.tenancy import AffiliateReads

MINE = "(SELECT id FROM tracking_coupon WHERE affiliate_id = app_affiliate_id())"


class Migration(migrations.Migration):
    dependencies = [("tracking", "0008_link_by_lower_code")]

    operations = [AffiliateReads("tracking_couponuse", f"coupon_id IN {MINE}")]
