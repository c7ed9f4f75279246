"""The attacks, in files by kind. To import this registers all of them (attacker.registry)."""
from attacks import http, sockets, sessions, feeds, graphql, chain, tls  # noqa: F401
