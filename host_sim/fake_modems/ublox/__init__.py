"""u-blox SARA-R4, SARA-R5, LARA-R6; imports ``engine`` and ``generic``."""
