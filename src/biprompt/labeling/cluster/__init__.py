"""The same run on a cluster: actors of Ray Data hold the model, this process keeps the journal.

`ClusterCrew` stands where `Crew` stands for one machine. Only this process writes lines: a node
that dies, even one that comes back, can neither lose a line nor write one twice. Ray is imported
when a cluster is connected and not before.
"""

from __future__ import annotations

from biprompt.labeling.cluster.crew import ClusterCrew
from biprompt.labeling.cluster.values import Cluster, actors_of

__all__ = ["Cluster", "ClusterCrew", "actors_of"]
