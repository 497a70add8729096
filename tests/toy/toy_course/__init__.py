"""A course that has nothing to do with convolution: the engine's second user, and the proof that it knows no course.

``t0-one`` has one exercise. ``t1-kinds`` has one exercise for each kind of argument and result that a course may need:
shapes as arguments, a network as argument, several arrays as result, an upstream gradient among the arguments, and a
class of modules with a constructor and parameter names of its own.
"""
