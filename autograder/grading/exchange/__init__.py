"""Results of grading for other programs: a module for each file format."""
