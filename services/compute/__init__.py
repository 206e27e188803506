"""Compute: servers, their sizes, and the key pairs that open them (Nova)."""
