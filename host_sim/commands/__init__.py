"""The command line ``host-sim``: ``demo``, ``serve``, ``advise``, ``timeline``, ``occasions``.

``main.main`` reads the arguments; one file per command does the work. May import all of the
simulator.
"""
