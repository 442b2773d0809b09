"""Owns a show: opens what a patch needs, runs it, and sends what comes out to where it belongs."""
