"""Several processes that train one learner: who is who, and what they tell each other.

``torchrun`` starts the processes; see ``docs/concepts/scaling.md``. In a run of one process every
function here does nothing, or hands back what it was given.
"""
