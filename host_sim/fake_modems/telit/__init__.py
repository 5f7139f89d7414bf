"""Telit ME910, ME310, ML865, LE910; imports ``engine`` and ``generic``."""
