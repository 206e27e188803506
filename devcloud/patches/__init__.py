"""Changes to OpenStack's libraries at run time, each with its reason. No installed file is edited."""


def apply_common() -> None:
    """Apply what every service except Swift needs. Nova and Cinder must choose their threading before calling this."""
    # Imported here because oslo.messaging chooses between threads and eventlet when it loads.
    from devcloud.patches import messaging, rules, sqlite, token_cache

    sqlite.apply()
    messaging.apply()
    token_cache.apply()
    rules.apply()
