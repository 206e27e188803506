"""The API's root: authentication, errors and the OpenAPI document. The resources are in projects.api."""
