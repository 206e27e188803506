"""The API's root: who comes in, what goes wrong, and the document. The resources are in projects.api."""
