"""A stand-in for a Cloud Foundry foundation, for the demo and the tests: API root and UAA, as far as logging in goes.

It is not Cloud Foundry: no app runs here. Package registries have no UAA that starts on its own, so this one is written
from the public API documentation (docs.cloudfoundry.org/api/uaa, v3-apidocs.cloudfoundry.org), and is strict where a
real one is: it refuses what they refuse, with their words. It keeps everything in memory, listens on 127.0.0.1 only and
imports nothing from the rest of the project. `python -m devfoundation --help`
"""
