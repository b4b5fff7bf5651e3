"""The settings of an installation: declared once, read from flags, variables and a file."""

from logwright.settings.declared import Durability, LogLevel, Settings
from logwright.settings.sources import (
    CONFIG_VARIABLE,
    MASKED,
    PREFIX,
    Declaration,
    Loaded,
    declarations,
    environment,
    load,
    shown,
    write,
)

__all__ = [
    "CONFIG_VARIABLE",
    "MASKED",
    "PREFIX",
    "Declaration",
    "Durability",
    "Loaded",
    "LogLevel",
    "Settings",
    "declarations",
    "environment",
    "load",
    "shown",
    "write",
]
