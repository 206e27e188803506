"""From asking for a change to its end: exactly one effect, whatever process dies on the way."""
