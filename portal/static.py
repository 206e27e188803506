"""Which static files are served."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class PanelStaticFilesConfig(StaticFilesConfig):
    """Leaves out the parts that scripts/build_static.py puts together into one stylesheet and one script."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "meshdeck/css/*", "meshdeck/js/*"]
