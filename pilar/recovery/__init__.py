"""What to do when something is lost: rebuild the warehouse, back up, restore."""
