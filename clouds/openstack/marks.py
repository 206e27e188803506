"""What Meshdeck creates carries the id of the operation that asked for it.

So a step that is repeated after a crash finds what it has already made, before it makes it again.
"""

MARK = "meshdeck-operation"
"""The key of that id: in metadata, as a property, or wherever else a service keeps names with values."""
