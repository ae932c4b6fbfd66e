"""A city of cameras on loopback that really speak ONVIF, RTSP and SNMP, with faults to choose.

It is a program of its own (``python -m simulator``); no module of the monitor imports it, and it imports none of them.
"""
