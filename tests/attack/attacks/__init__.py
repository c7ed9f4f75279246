"""The attacks, in files by kind. To import this registers all of them (attacker.registry)."""
from attacks import nothing, http, sockets, sessions, feeds, graphql, chain, prover, tls  # noqa: F401
