"""A real OpenStack on one machine, without root: `python -m devcloud up`.

Two halves live in this package. The command itself (`cli`, `cloud`, `install`, `processes`, `configuration` …)
needs the standard library only. `services`, `databases`, `seed`, `drivers`, `patches` and `federation` run inside
the virtual environment that the command installs, and nowhere else.
"""
