"""Sequans GM01Q, GM02S, GM02SP; imports ``engine`` and ``generic``."""
