"""The demo shop's settings: from its file, and from the run."""

import json
from pathlib import Path

import pytest

from demo.shop.settings import BadSettings, load_settings


def test_settings_follow_the_addresses_of_the_run(tmp_path: Path) -> None:
    content = {
        "app_url": "http://127.0.0.1:1",
        "edge_url": "http://127.0.0.1:2",
        "api_key": "k",
        "program_id": "p",
        "currency": "EUR",
    }
    (tmp_path / "shop.json").write_text(json.dumps(content))

    found = load_settings(
        {
            "FAIRLEAD_SHOP_CONFIG": str(tmp_path / "shop.json"),
            "FAIRLEAD_APP_URL": "http://127.0.0.1:3",
        }
    )

    assert (found.app_url, found.edge_url) == ("http://127.0.0.1:3", "http://127.0.0.1:2")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"app_url": "file:///etc/passwd"}'])
def test_settings_that_cannot_be_used_say_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "shop.json").write_text(content)

    with pytest.raises(BadSettings, match="Run load_demo again"):
        load_settings({"FAIRLEAD_SHOP_CONFIG": str(tmp_path / "shop.json")})
