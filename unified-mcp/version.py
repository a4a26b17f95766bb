"""The version of the whole system: both bridges and the server carry the same one."""

VERSION = "0.1.0"
