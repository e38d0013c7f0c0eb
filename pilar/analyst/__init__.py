"""What analysts do with a release: ask it, open it in a program of theirs, take tables out of it.

Everything here opens the release read-only, touches nothing else of the runtime folder, and writes only where told.
"""
