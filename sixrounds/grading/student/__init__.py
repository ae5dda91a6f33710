"""What runs where the learner's code runs: in the jail, knowing no tests and no seed.

server    a fork server: imports and setup once, then a locked-down fork for each answer
host      in such a fork: runs the answer's cells, and its functions when the tests call them
references, specials, looks     what crosses by reference, and how it is asked for
"""
