"""From an assignment's source to what students get: the released notebooks, and the zip with the wheel."""
