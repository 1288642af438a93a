"""Data-parallel training of one learner in several processes: ranks and collectives.

``torchrun`` starts the processes; see ``docs/concepts/scaling.md``. In a single process every
function here does nothing or returns its argument.
"""
