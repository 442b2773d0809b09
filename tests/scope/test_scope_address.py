"""Addresses as people type them, good and bad."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.scope.address import is_nearby, normalise
from nodegraph.scope.errors import BadAddress


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("localhost", "http://localhost:8000"),
        ("http://localhost", "http://localhost"),
        ("  http://127.0.0.1:8000/ ", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/docs#/default", "http://127.0.0.1:8000"),
        ("192.168.1.5:8000/health", "http://192.168.1.5:8000"),
        ("https://abc123-8000.proxy.runpod.net/", "https://abc123-8000.proxy.runpod.net"),
        ("https://rig.example/scope/?x=1", "https://rig.example/scope"),
        ("[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_normalise(typed: str, url: str) -> None:
    assert normalise(typed) == url
    assert normalise(url) == url


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("ftp://host:8000", "http:// or https://"),
        ("ws://host:8000", "http:// or https://"),
        ("http://", "names no host"),
        ("http://my host:8000", "host"),
        ("localhost:port", "not a URL"),
        ("localhost:99999", "port 99999"),
    ],
)
def test_what_is_no_address_is_a_sentence(typed: str, says: str) -> None:
    with pytest.raises(BadAddress) as raised:
        normalise(typed)
    assert says in str(raised.value)
    assert str(raised.value).endswith(".")


@given(st.text(max_size=40))
def test_any_text_is_a_url_or_a_sentence(typed: str) -> None:
    try:
        url = normalise(typed)
    except BadAddress:
        return
    assert url.startswith(("http://", "https://"))
    is_nearby(url)


@pytest.mark.parametrize(
    ("url", "nearby"),
    [
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://10.1.2.3:8000", True),
        ("http://192.168.0.9:8000", True),
        ("http://studio.local:8000", True),
        ("http://studio:8000", True),
        ("http://8.8.8.8:8000", False),
        ("https://abc123-8000.proxy.runpod.net", False),
    ],
)
def test_nearby(url: str, nearby: bool) -> None:
    assert is_nearby(url) is nearby
