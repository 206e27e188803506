"""All of Meshdeck on one machine without root: `make demo`. The browser tests start their stack with it too."""
