"""The clips that every camera of the city streams, and the script that drew and encoded them once."""
