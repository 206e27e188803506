"""The command line of a Cloud Foundry space: the passcode in one click, and the lines that go with it.

Codes come from the foundation's login server into the person's own browser. Nothing of the portal ever has one.
"""
