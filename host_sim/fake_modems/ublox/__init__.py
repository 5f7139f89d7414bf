"""u-blox SARA-R4, SARA-R5, LARA-R6: ``module.Ublox``. May import ``engine`` and ``generic``."""
