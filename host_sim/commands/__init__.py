"""The command line ``host-sim``: ``demo``, ``serve``, ``advise``, ``timeline``.

``main.main`` reads the arguments; one file per command does the work. Imports everything below.
"""
