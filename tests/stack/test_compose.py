"""docker-compose.yml: complete, and in step with the settings and with .env.example."""

import re

import pytest
import yaml

from stack.options import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
SETTINGS = (ROOT / "config" / "settings.py").read_text()
COMMANDS = (ROOT / "common" / "management" / "commands" / "create_roles.py").read_text()
OURS = ["migrate", "web", "edge", "worker", "beat"]
LASTING = [name for name in SERVICES if name != "migrate"]


def test_every_process_of_the_architecture_is_there():
    assert SERVICES.keys() == {*OURS, "postgres", "valkey", "caddy"}


def test_the_example_names_every_variable_and_no_other():
    asked = set(re.findall(r"\$\{(\w+)", TEXT))
    offered = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.M))

    assert asked == offered


def test_the_example_holds_no_secret():
    lines = (ROOT / ".env.example").read_text().splitlines()

    assert [line for line in lines if re.match(r"\w*(PASSWORD|SECRET|KEYS)\w*=.", line)] == []


@pytest.mark.parametrize("name", OURS)
def test_every_setting_that_is_given_is_read(name):
    unread = [key for key in SERVICES[name]["environment"] if f'"{key}"' not in SETTINGS + COMMANDS]

    assert unread == []


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_is_watched_and_started_again(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["read_only"] is True


@pytest.mark.parametrize("name", OURS[1:])
def test_the_product_starts_after_the_migration_and_without_its_rights(name):
    waits_for = SERVICES[name]["depends_on"]

    assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
    assert not {"DATABASE_ADMIN_URL", "DATABASE_OWNER_URL"} & SERVICES[name]["environment"].keys()


def test_only_the_reverse_proxy_is_open_to_the_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["caddy"]
    assert [name for name, one in SERVICES.items() if "outside" in one["networks"]] == ["caddy"]


def test_the_proxy_that_is_believed_is_in_the_network_we_make():
    (pool,) = COMPOSE["networks"]["inside"]["ipam"]["config"]

    trusted = {SERVICES[name]["environment"]["FAIRLEAD_TRUSTED_PROXIES"] for name in OURS}
    assert trusted == {pool["subnet"]}


def test_every_volume_and_network_is_declared():
    volumes = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    networks = {network for service in SERVICES.values() for network in service["networks"]}

    assert volumes == COMPOSE["volumes"].keys()
    assert networks == COMPOSE["networks"].keys()
