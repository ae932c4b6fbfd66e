"""Wire formats: bytes in, values out. Nothing here opens a connection."""
