"""demo.json: what the demo knows, with the addresses of this very run."""

import pytest

from stack.data import DataDirectory
from stack.demo import write_demo


@pytest.fixture
def data(tmp_path):
    directory = DataDirectory(tmp_path / "data")
    yield directory
    directory.release()


def test_links_and_addresses_are_those_of_this_run(data):
    seed = {
        "app_url": "http://127.0.0.1:1",
        "merchant": {"id": "m", "api_key": "fl_sk_1"},
        "affiliate": {"id": "a", "link_code": "bob", "link_url": "http://127.0.0.1:2/c/bob"},
        "other_affiliate": {"id": "c", "link_code": "carol"},
    }
    data.write("demo.seed.json", seed)
    urls = {f"FAIRLEAD_{name}_URL": f"http://127.0.0.1:{name}" for name in ("APP", "EDGE", "SHOP")}

    write_demo(data, urls)

    assert data.read("demo.json") == {
        "app_url": "http://127.0.0.1:APP",
        "edge_url": "http://127.0.0.1:EDGE",
        "shop_url": "http://127.0.0.1:SHOP",
        "merchant": {"id": "m", "api_key": "fl_sk_1"},
        "affiliate": {
            "id": "a",
            "link_code": "bob",
            "link_url": "http://127.0.0.1:EDGE/c/bob",
        },
        "other_affiliate": {
            "id": "c",
            "link_code": "carol",
            "link_url": "http://127.0.0.1:EDGE/c/carol",
        },
    }
    assert (data.path / "demo.json").stat().st_mode & 0o777 == 0o600
    assert data.read("demo.seed.json") == seed
