"""Run by /usr/bin/python3: a GStreamer RTSP server with digest authentication. Prints its port when it is ready."""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PIPELINE = (
    "( videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=240,framerate=10/1"
    " ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)


def main(username: str, password: str, certificate: str = "") -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    factory.set_shared(True)
    server.get_mount_points().add_factory("/live", factory)
    protect(server, factory, username, password, certificate)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


def protect(server, factory, username: str, password: str, certificate: str) -> None:
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(username, password, token)
    if certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(certificate))
    server.set_auth(auth)
    role, _ = Gst.Structure.from_string("viewer, media.factory.access=true, media.factory.construct=true")
    factory.add_role_from_structure(role)


main(*sys.argv[1:])
