"""Sequans GM01Q, GM02S, GM02SP: ``module.Sequans``. May import ``engine`` and ``generic``."""
