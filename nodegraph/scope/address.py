"""Where a server is: what a person types made into a base URL, and whether it is nearby."""

from __future__ import annotations

import ipaddress

import httpx

from nodegraph.scope.errors import BadAddress

DEFAULT_PORT = 8000
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
EXAMPLES = f"{DEFAULT_URL} or https://POD-8000.proxy.runpod.net"
PAGES = ("/health", "/docs", "/openapi.json", "/index.html")


def normalise(text: str) -> str:
    """The base URL that `text` means, without a slash at the end.

    `localhost` gets its `http://` and Scope's port, `http://localhost` stays on port 80. The query,
    the fragment and the pages a browser may have been on (`/docs`, `/health`) are dropped; a path
    prefix of a proxy is kept.
    """
    typed = text.strip()
    if not typed:
        raise BadAddress(f"The address of the Scope server is empty; give one like {EXAMPLES}.")
    whole = typed if "://" in typed else f"http://{typed}"
    try:
        url = httpx.URL(whole).copy_with(query=None, fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise BadAddress(f"“{typed}” is not a URL ({error}); give one like {EXAMPLES}.") from error
    if url.scheme not in ("http", "https"):
        raise BadAddress(
            f"“{typed}” begins with {url.scheme}://, but Scope speaks http:// or https://; "
            f"give its web address, like {EXAMPLES}."
        )
    if not url.host or any(letter.isspace() for letter in typed):
        raise BadAddress(f"“{typed}” names no host; give an address like {EXAMPLES}.")
    if url.port is not None and not 0 < url.port < 65536:
        raise BadAddress(f"“{typed}” has port {url.port}; a port is 1 to 65535, Scope's is 8000.")
    path = url.path.rstrip("/")
    for page in PAGES:
        path = path.removesuffix(page)
    if "://" not in typed and url.port is None:
        url = url.copy_with(port=DEFAULT_PORT)
    return str(url.copy_with(path=path or "/")).rstrip("/")


def spoken(url: str) -> str:
    """A base URL without the name and password that it may hold."""
    return str(httpx.URL(url).copy_with(userinfo=b"")).rstrip("/")


def is_nearby(url: str) -> bool:
    """Whether the server is on this machine or this network, so that WebRTC needs no STUN.

    Names that only a local network can resolve (`localhost`, `studio.local`, `studio`) count.
    """
    host = httpx.URL(url).host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".lan", ".home.arpa"))
    return address.is_loopback or address.is_private or address.is_link_local
