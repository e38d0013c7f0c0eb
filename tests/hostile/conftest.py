from __future__ import annotations

from tests.harness.fixtures import compiled, memory

__all__ = ["compiled", "memory"]
