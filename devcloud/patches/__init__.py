"""Changes made to OpenStack's libraries at run time, each with its reason. No installed file is edited."""


def apply_common() -> None:
    """What every service except Swift needs. Nova and Cinder have to choose their threading before this is called."""
    # Inside, because oslo.messaging decides between threads and eventlet when it loads.
    from devcloud.patches import messaging, rules, sqlite, token_cache

    sqlite.apply()
    messaging.apply()
    token_cache.apply()
    rules.apply()
