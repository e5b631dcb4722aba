"""Faults: what a bad day does to requests, by rule (`rules`), in one of many kinds (`kinds`)."""

from .kinds import (
    CutJson,
    Fault,
    Hang,
    HtmlPage,
    LoseAnswer,
    LoseCluster,
    LoseContext,
    LoseRequest,
    Refuse,
    RestartDriver,
    Slow,
    StaleRead,
    Trickle,
    UnknownWord,
)
from .rules import Calls, Faults, Rule, rule_of

__all__ = [
    "Calls",
    "CutJson",
    "Fault",
    "Faults",
    "Hang",
    "HtmlPage",
    "LoseAnswer",
    "LoseCluster",
    "LoseContext",
    "LoseRequest",
    "Refuse",
    "RestartDriver",
    "Rule",
    "Slow",
    "StaleRead",
    "Trickle",
    "UnknownWord",
    "rule_of",
]
