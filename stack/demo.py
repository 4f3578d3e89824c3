"""The demo's logins and ids: what `load_demo` knows, and the addresses of this run."""

from collections.abc import Mapping
from typing import Any

from stack.data import DataDirectory
from stack.options import Options
from stack.ports import HOST

SEED = "demo.seed.json"
AFFILIATES = ("affiliate", "other_affiliate")


def write_demo(data: DataDirectory, environment: Mapping[str, str]) -> None:
    """Write demo.json: its presence means that the stack is ready."""
    demo = data.read(SEED)
    addresses = {
        f"{name}_url": environment[f"FAIRLEAD_{name.upper()}_URL"]
        for name in ("app", "edge", "shop")
    }
    for name in AFFILIATES:  # Another run may have had other ports.
        link_code = demo.get(name, {}).get("link_code")
        if link_code:
            demo[name]["link_url"] = f"{addresses['edge_url']}/c/{link_code}"
    data.write("demo.json", addresses | demo | addresses)


def describe(options: Options, data: DataDirectory) -> str:
    """Return what a person needs to know once the stack is ready."""
    app = f"http://{HOST}:{options.port}"
    lines = ["", "Fairlead is ready.", ""]
    if options.demo:
        lines += _describe_demo(app, data.read("demo.json"))
    else:
        lines.append(f"  Console    {app}/console/   (sign up; mails go to {data.path}/mail)")
    lines += [
        f"  Clicks     http://{HOST}:{options.edge_port}",
        "",
        f"  Data and logs are in {data.path}. Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)


def _describe_demo(app: str, demo: Mapping[str, Any]) -> list[str]:
    rows = [
        ("Console", f"{app}/console/", "merchant", "owner_"),
        ("", "", "other_merchant", "owner_"),
        ("Portal", f"{app}/portal/", "affiliate", ""),
        ("", "", "other_affiliate", ""),
        ("Operator", f"{app}/operator/", "operator", ""),
    ]
    lines = []
    for title, url, who, prefix in rows:
        person = demo.get(who, {})
        email, password = person.get(f"{prefix}email", ""), person.get(f"{prefix}password", "")
        lines.append(f"  {title:<9}  {url:<38}  {email:<26}  {password}".rstrip())
    link = demo.get("affiliate", {}).get("link_url", "")
    lines += [f"  Shop       {demo['shop_url']}", f"  A link     {link}"]
    return lines
