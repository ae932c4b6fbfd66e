"""Probes: one file a protocol, each one conversation with one device that judges rungs of its cameras."""
