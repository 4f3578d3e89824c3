"""The shop's settings: a JSON file, and addresses from the environment, which may change."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class BadSettings(Exception):
    """The settings are missing or incomplete; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the shop knows of its affiliate program: no more than any merchant would."""

    app_url: str
    edge_url: str
    api_key: str
    publishable_key: str
    program_id: str
    currency: str
    orders_path: Path
    coupons: Mapping[str, int] = field(default_factory=dict)  # Percent off, by code.
    friends: Mapping[str, str] = field(default_factory=dict)  # Who recommends us, by their code.
    clock_offset_seconds: int = 0


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of FAIRLEAD_SHOP_CONFIG.

    :raises BadSettings: if the file cannot be read or lacks something.
    """
    name = environment.get("FAIRLEAD_SHOP_CONFIG")
    if not name:
        raise BadSettings("Set FAIRLEAD_SHOP_CONFIG to the shop.json that load_demo wrote.")
    path = Path(name)
    try:
        content = json.loads(path.read_text())
        return Settings(
            app_url=_address(environment.get("FAIRLEAD_APP_URL", content["app_url"])),
            edge_url=_address(environment.get("FAIRLEAD_EDGE_URL", content["edge_url"])),
            api_key=content["api_key"],
            publishable_key=content.get("publishable_key", ""),
            program_id=content["program_id"],
            currency=content["currency"],
            coupons={code.upper(): int(off) for code, off in content.get("coupons", {}).items()},
            friends=dict(content.get("friends", {})),
            orders_path=path.with_name("shop.sqlite3"),
            # A stack that lives in the future has shops that do, too.
            clock_offset_seconds=int(environment.get("FAIRLEAD_CLOCK_OFFSET_SECONDS", "0")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSettings(f"{path} cannot be used: {error!r}. Run load_demo again.") from error


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is not an address")
    return url.rstrip("/")
