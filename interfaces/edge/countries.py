"""Which country an address is in, when the operator supplies a database that says so."""

import asyncio
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import maxminddb
import structlog

log = structlog.get_logger()

CHECK_SECONDS = 60.0
ADDRESSES_CACHED = 20_000
UNKNOWN = ""
MAPPED = "::ffff:"  # An IPv4 address, as a server that listens on IPv6 sees it.
COUNTRY_KEYS = ("country", "registered_country")  # Where it is; else, whose it is.

Stamp = tuple[int, int, int]  # Of a file: changed when, how long, which.


class Countries:
    """Countries by address. Without a database, or with a broken one, every country is unknown."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._look_up = _unknown
        self.load()

    def of(self, address: str) -> str:
        """Return the ISO 3166-1 alpha-2 code of an address's country, or nothing."""
        return self._look_up(address)

    def load(self) -> None:
        """Open the file anew if it has changed; go on with what was known if it cannot be read."""
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp == self._stamp:
                return
            self._stamp = stamp  # A broken file is complained of once, not every minute.
            reader = _open_copy(self._path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            log.error("geoip.unreadable", path=str(self._path), error=str(error))
            return
        self._look_up = lru_cache(maxsize=ADDRESSES_CACHED)(lambda text: _country(reader, text))
        log.info("geoip.loaded", path=str(self._path), built=reader.metadata().build_epoch)

    async def run(self) -> None:
        """Look after the file every minute, for ever."""
        while self._path is not None:
            await asyncio.sleep(CHECK_SECONDS)
            await asyncio.to_thread(self.load)


def _open_copy(path: Path) -> maxminddb.Reader:
    """Open a copy that nobody else can write to.

    The reader maps the file into memory; whoever wrote over it in place would end this process.
    """
    with tempfile.NamedTemporaryFile(suffix=".mmdb") as copy:
        with path.open("rb") as original:
            shutil.copyfileobj(original, copy)
        copy.flush()
        return maxminddb.open_database(copy.name)


def _unknown(_address: str) -> str:
    return UNKNOWN


def _country(reader: maxminddb.Reader, address: str) -> str:
    try:
        found: Any = reader.get(address.removeprefix(MAPPED) if "." in address else address)
    except (ValueError, maxminddb.InvalidDatabaseError):
        return UNKNOWN
    for key in COUNTRY_KEYS:
        entry = found.get(key) if isinstance(found, dict) else None
        code = entry.get("iso_code") if isinstance(entry, dict) else None
        if isinstance(code, str) and len(code) == 2:
            return code.upper()
    return UNKNOWN
