"""Mark what Meshdeck creates with the id of the operation that asked for it.

A step that is repeated after a crash finds what it has already created before it creates it again.
"""

MARK = "meshdeck-operation"
"""The key of that id: in metadata, as a property, or wherever else a service keeps names with values."""
