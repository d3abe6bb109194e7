"""Who acts and what he may do. Every command and every route names a right declared here."""

from perezvon.foundation.access.actors import Actor, Caller, Integration, Person, System
from perezvon.foundation.access.rights import Right, declare, declared

__all__ = ["Actor", "Caller", "Integration", "Person", "Right", "System", "declare", "declared"]
