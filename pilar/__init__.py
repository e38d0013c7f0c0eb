"""Pilar: the data warehouse of East Java's social-pillar programme."""

__version__ = "0.1.0"
