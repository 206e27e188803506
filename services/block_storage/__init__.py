"""Block storage: volumes and their snapshots (Cinder)."""
