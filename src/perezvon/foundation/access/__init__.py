"""Who acts and what he may do. Every command and every route names a right declared here."""

from perezvon.foundation.access.actors import Actor, Caller, Integration, Person, Scope, System
from perezvon.foundation.access.rights import Right, declare, declared
from perezvon.foundation.access.subjects import Subject, register_subject, subjects

__all__ = [
    "Actor",
    "Caller",
    "Integration",
    "Person",
    "Right",
    "Scope",
    "Subject",
    "System",
    "declare",
    "declared",
    "register_subject",
    "subjects",
]
