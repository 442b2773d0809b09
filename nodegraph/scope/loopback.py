"""Let WebRTC work on a machine that has no network but itself.

aioice leaves 127.0.0.1 out of what it offers to the other side. With Wi-Fi off nothing is left,
and two processes on one machine cannot meet.
"""

from __future__ import annotations

from aioice import ice

_found = ice.get_host_addresses


def _addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Return this machine's addresses, or the loopback address if it has no other."""
    return _found(use_ipv4, use_ipv6) or ["127.0.0.1"]


def offer_loopback() -> None:
    """Make aioice fall back to 127.0.0.1, for this process; may be called again."""
    ice.get_host_addresses = _addresses
