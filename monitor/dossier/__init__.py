"""Everything that a device's ONVIF services say, asked on a person's demand: ``camfleet inspect``.

The field's own client, onvif-zeep-async, puts the questions and types the answers. It runs in a process of its own
that can reach the device's host and nothing else, holds so much memory, lasts so long, and can be killed; what it had
been told by then is kept.
"""
