"""Telit ME910, ME310, ML865, LE910: ``module.Telit``. May import ``engine`` and ``generic``."""
