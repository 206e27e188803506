"""CLI access: files that take a tenant to a shell, and the pages that give them.

A way (ways/) says how one logs in: which variables, which secret. A format (formats/) writes any way down. Neither
knows of requests or of the database; `places` makes their input out of rows, the pages hand the files out.
"""
