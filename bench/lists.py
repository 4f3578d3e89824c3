"""Fifty thousand affiliates in one program: how long is each list until its first page is there?

Usage: python -m bench.lists [--affiliates 50000]
Stores affiliates, a link and a coupon each, then asks the console's own pages as a browser would.
Ends with 1 if a promise of bench/README.md is broken.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import redirect, stage

FIRST_PAGE_MS_MAX = 300.0
COMPARED_MS_MAX = 1_000.0  # Everybody is compared with everybody.
REPEATS = 5
TAG_ALL = (  # What the page sends that asks, with counts, before a job begins.
    "/console/affiliates/bulk/?status=APPROVED",
    {"action": "TAG", "all": "1", "tag_name": "Autumn", "seen": ""},
)

# Names of two words and a number, three countries and types in turns; every tenth is suspended,
# every sixteenth has the tag. Health goes from 0 to 100.
STORE = """
INSERT INTO affiliates_affiliate (
    id, created_at, name, email, website, country, type, phone, about, audience_countries,
    audience_topics
)
SELECT ('01920d5e-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now(),
       (ARRAY['Ada','Berta','Clara','Dora','Emil','Frida','Gustav'])[1 + n %% 7] || ' '
       || (ARRAY['Baker','Cooper','Fletcher','Mason','Turner'])[1 + n %% 5] || ' ' || n,
       'partner' || n || '@example.com', 'https://site' || n || '.example/',
       (ARRAY['DE','FR','PL'])[1 + n %% 3],
       (ARRAY['CREATOR','PUBLISHER','AGENCY'])[1 + n %% 3], '', '', '{}', '{}'
FROM generate_series(1, %(affiliates)s) AS n;
INSERT INTO affiliates_enrollment (
    id, created_at, merchant_id, program_id, affiliate_id, code, status, status_changed_at,
    status_reason, health, search_text
)
SELECT id, %(at)s::timestamptz + row_number() OVER () * interval '1 minute', %(merchant)s,
       %(program)s, id, 'c' || right(id::text, 6),
       CASE WHEN name LIKE '%%9' THEN 'SUSPENDED' ELSE 'APPROVED' END, %(at)s, '',
       row_number() OVER () %% 101, ''
FROM affiliates_affiliate;
INSERT INTO affiliates_tag (id, created_at, merchant_id, name)
VALUES (%(tag)s, now(), %(merchant)s, 'Spring');
INSERT INTO affiliates_tagging (id, created_at, merchant_id, tag_id, enrollment_id)
SELECT gen_random_uuid(), now(), %(merchant)s, %(tag)s, id
FROM affiliates_enrollment WHERE code LIKE '%%7';
INSERT INTO tracking_link (
    id, created_at, merchant_id, program_id, enrollment_id, affiliate_id, code, name,
    destination_url, fallback_url, smart_rule
)
SELECT gen_random_uuid(), now(), merchant_id, program_id, id, affiliate_id, 'l' || code, '', '',
       '', ''
FROM affiliates_enrollment;
INSERT INTO tracking_coupon (
    id, created_at, merchant_id, program_id, enrollment_id, affiliate_id, code
)
SELECT gen_random_uuid(), now(), merchant_id, program_id, id, affiliate_id, upper('k' || code)
FROM affiliates_enrollment;
VACUUM ANALYZE
"""


def store(owner: psycopg.Connection[Any], company: Any, count: int) -> Any:
    """Store the affiliates with what hangs on them; return the id of the tag."""
    from common.ids import new_id

    facts = {
        "merchant": company.id,
        "program": company.program.id,
        "affiliates": count,
        "at": datetime.now(UTC) - timedelta(days=90),
        "tag": new_id(),
    }
    with psycopg.ClientCursor(owner) as cursor:
        for statement in STORE.split(";\n"):
            cursor.execute(statement, facts)
    return facts["tag"]


def asked(company: Any, tag: Any) -> dict[str, str]:
    """Return the pages that are measured, by what they are."""
    program = company.program.id
    pages = {
        "all": "",
        "last page": "page=2000",
        "by name": "sort=affiliate",
        "program, approved": f"program={program}&status=APPROVED",
        "tag": f"tag={tag}",
        "country, type": "country=DE&type=CREATOR",
        "poor health": "health=POOR",
        "part of a name": "q=flet",
        "part of an address": "q=partner4711",
        "website": "q=site49",
        "typing error": "q=gustaf+fletscher",
        "found nowhere": "q=xylophone",
    }
    affiliates = {name: f"/console/affiliates/?{query}" for name, query in pages.items()}
    return affiliates | {
        "links": "/console/links/",
        "links, searched": "/console/links/?q=fletcher",
        "coupons": "/console/coupons/",
        "coupons, searched": "/console/coupons/?q=partner4711",
        "palette": "/console/find/?q=fletcher",
        "palette, typo": "/console/find/?q=gustaf+fletscher",
        "duplicates": "/console/affiliates/duplicates/",
    }


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long the work takes, in the median."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1_000)
    return median(times)


def ask_all(company: Any, tag: Any) -> list[str]:
    """Ask each page, print how long it took, and return the promises that are broken."""
    from django.conf import settings
    from django.test import Client

    settings.OWN_HOSTS.append("testserver")
    browser = Client()
    browser.force_login(company.owner.user)
    works: dict[str, Callable[[], Any]] = {
        name: partial(browser.get, url) for name, url in asked(company, tag).items()
    }
    works["bulk tag, counted"] = partial(browser.post, *TAG_ALL)
    broken = []
    for name, work in works.items():
        answer = work()
        assert answer.status_code == 200, (name, answer.status_code)
        took = milliseconds(work)
        print(f"{name:>20}: {took:6.0f} ms", flush=True)
        limit = COMPARED_MS_MAX if name == "duplicates" else FIRST_PAGE_MS_MAX
        if took > limit:
            broken.append(f"{name}: {took:.0f} ms, promised are {limit:.0f}")
    return broken


def measure(options: argparse.Namespace, directory: Path) -> list[str]:
    """Measure and print; return the promises that are broken."""
    with stage.servers(directory) as (environment, _postgresql):
        redirect.prepare_database(environment)
        from django.conf import settings

        from tests.cast import make_company

        company = make_company("Acme", "Alice")
        with psycopg.connect(
            environment["DATABASE_ADMIN_URL"],
            dbname=settings.DATABASES["default"]["NAME"],
            autocommit=True,
        ) as owner:
            tag = store(owner, company, options.affiliates)
        return ask_all(company, tag)


def main() -> int:
    """Run the measurement; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--affiliates", type=int, default=50_000)
    with stage.temporary_directory() as directory:
        broken = measure(parser.parse_args(), directory)
    for promise in broken:
        print(f"Broken: {promise}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
