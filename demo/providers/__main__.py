"""`python -m demo.providers`: the stand-ins at the addresses that the product takes for theirs.

Their books are kept in the data directory, so that they say after a restart what they said before;
where their notices go stands there, too.
"""

import json
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from demo.providers.base import Fake
from demo.providers.paypal import FakePayPal
from demo.providers.stripe import FakeStripe
from demo.providers.wise import FakeWise

FAKES: dict[str, type[Fake]] = {"paypal": FakePayPal, "wise": FakeWise, "stripe": FakeStripe}

NOTICES = "notices.json"  # By name: the address of the rail's notices.


def main() -> None:
    """Serve until asked to stop."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # In all threads: one waits for it.
    data = Path(os.environ["FAIRLEAD_DATA_DIR"])
    listeners = data / NOTICES
    notices_to = json.loads(listeners.read_text()) if listeners.exists() else {}
    running = []
    for name, fake_of in FAKES.items():
        port = urlsplit(os.environ[f"FAIRLEAD_{name.upper()}_URL"]).port or 0
        fake = fake_of(port=port, store=data / f"provider-{name}.json")
        fake.notices_to = notices_to.get(name, "")
        fake.clock_offset = float(os.environ.get("FAIRLEAD_CLOCK_OFFSET_SECONDS", "0"))
        fake.start()
        running.append(fake)
        print(f"{fake.name} is at {fake.url}", flush=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # A Ctrl-C is the supervisor's.
    signal.sigwait({signal.SIGTERM})
    for fake in running:
        fake.stop()


if __name__ == "__main__":
    main()
